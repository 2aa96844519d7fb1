import contextlib
import io
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from synface.core import progress as module
from synface.core.progress import progress

SCRIPTS = Path(__file__).resolve().parents[3] / "workflow/scripts"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    """Time that passes ten seconds at each look."""
    now = iter(range(0, 10_000, 10))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(now))


def test_items_pass_unchanged_and_nothing_goes_to_stdout(capsys):
    assert list(progress(iter("abc"), total=3)) == ["a", "b", "c"]
    assert capsys.readouterr().out == ""


def test_a_log_gets_a_line_every_thirty_seconds_with_rate_and_time_left(clock, caplog):
    caplog.set_level(logging.INFO)
    assert list(progress(range(8), what="faces")) == list(range(8))
    told = [record.getMessage() for record in caplog.records]
    # One look at the clock per item: 30 s pass every third item, and 3 items in 30 s are 0.1 a second.
    assert told[:2] == ["3 of 8 faces, 0.1/s, 50 s left", "6 of 8 faces, 0.1/s, 20 s left"]
    assert told[2:] == ["8 faces done in 90.0 s"]


def test_without_a_total_no_time_is_left(clock, caplog):
    caplog.set_level(logging.INFO)
    list(progress(iter(range(3)), what="faces"))
    assert caplog.records[0].getMessage() == "3 faces, 0.1/s"


def test_a_terminal_gets_a_bar_on_stderr(monkeypatch, capsys, caplog):
    caplog.set_level(logging.INFO)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(progress([1, 2], what="faces")) == [1, 2]
    assert "faces: 100%" in terminal.getvalue()
    assert capsys.readouterr().out == ""
    (line,) = caplog.records
    assert line.getMessage().startswith("2 faces done in ")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_of_two_jobs_on_a_terminal_one_has_a_bar():
    """The first keeps its bar while the second works; the run's own board leaves no room for either."""
    import pty
    import termios

    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    job = (
        "import sys; from synface.core.progress import progress\n"
        "for item in progress(range(2), what=sys.argv[1]):\n    print(item, flush=True); sys.stdin.readline()"
    )

    def start(what, **environment):
        environment |= {"PYTHONPATH": str(SCRIPTS)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": theirs}
        return subprocess.Popen([sys.executable, "-c", job, what], env=os.environ | environment, **pipes)

    first = start("portraits")
    assert first.stdout.readline()  # it has begun, and waits
    others = start("faces"), start("images", SYNFACE_PROGRESS="lines")
    for other in others:
        other.communicate(b"\n\n\n")
    first.communicate(b"\n\n\n")
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # how the end of a terminal shows on Linux
        while part := os.read(ours, 1 << 16):
            shown += part
    os.close(ours)
    assert b"portraits: 100%" in shown
    assert b"faces" not in shown
    assert b"images" not in shown
