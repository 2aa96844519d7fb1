"""Processes by what tells them apart for good, and work that ends with the process it is done for.

The number of a process is used again; number, host and start together are not.
"""

import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, Self

SECONDS_BETWEEN_LOOKS = 1.0  # where the system does not tell by itself that a process has ended
SECONDS_TO_END = 60.0  # for a training to write its state, after its run is gone
_NUMBERS_OF_ALL = "pid:[4026531836]"  # the name space that is no container's (linux/proc_ns.h)


class Process(NamedTuple):
    """A process of some host."""

    host: str
    number: int
    started: str  # in clock ticks since the host's start; "" where there is no Linux to tell

    @classmethod
    def here(cls, number: int | None = None) -> Self:
        """Return the process of this host with ``number``, by default this one."""
        number = os.getpid() if number is None else number
        return cls(this_host(), number, start_of(number))

    @classmethod
    def read(cls, text: str) -> Self:
        """Return what `str` made a text of."""
        number, started, host = text.split("~", 2)
        return cls(host, int(number), started)

    def __str__(self) -> str:
        # A part of file names, and disks such as exFAT take no colons.
        return f"{self.number}~{self.started}~{self.host}"

    @property
    def runs(self) -> bool | None:
        """Whether it still runs; None on another host, where that cannot be known."""
        if self.host != this_host():
            return None
        if self.started:
            return start_of(self.number) == self.started
        try:
            os.kill(self.number, 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True  # somebody else's
        return True


def this_host() -> str:
    """Return the name of this host; in a container that numbers its processes itself, one that nothing outside has."""
    try:
        numbers = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        numbers = _NUMBERS_OF_ALL
    return socket.gethostname() + ("" if numbers == _NUMBERS_OF_ALL else f"+{numbers.strip('pid:[]')}")


def start_of(number: int) -> str:
    """Return when a process of this host started, or '' when there is none, or no Linux to tell."""
    try:
        # The name, in parentheses, may hold spaces; the state is the third field, the start the 22nd.
        fields = Path(f"/proc/{number}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return ""
    # A zombie has ended; only whoever started it has not asked yet.
    return "" if len(fields) < 20 or fields[0] in (b"Z", b"X") else fields[19].decode()


def end_with(process: Process, *, end: Callable[[], None] | None = None) -> None:
    """End this process when ``process`` of the same host does: SIGTERM, and a minute later without more ado.

    Snakemake does not end what it started when it is killed itself. That would go on, and overwrite, when nobody knows
    of it any more, the results of the run that came after.
    """

    def watch() -> None:
        _wait_for_end_of(process)
        (end or _end)()

    threading.Thread(target=watch, name=f"ends with {process}", daemon=True).start()


def _wait_for_end_of(process: Process) -> None:
    if hasattr(os, "pidfd_open"):  # Linux: it tells at once
        try:
            handle = os.pidfd_open(process.number)
        except ProcessLookupError:
            return
        except OSError:
            pass  # an older kernel, or a sandbox
        else:
            try:
                # Opened after its end, the handle may be another's; then this process has another start.
                if process.runs:
                    select.select([handle], [], [])
            finally:
                os.close(handle)
            return
    while process.runs:
        time.sleep(SECONDS_BETWEEN_LOOKS)


def _end() -> None:
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_END)
    os._exit(128 + signal.SIGTERM)
