"""Progress of long work: a line with rate and time left every 30 s in the log, a bar on a terminal; never on stdout.

Of several jobs on one terminal one has a bar at a time. None has where the run itself says there what is going on:
`synface.study.terminal` sets SYNFACE_PROGRESS to ``lines``.
"""

import logging
import os
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LINES = 30.0


def progress(items: Iterable[Item], *, total: int | None = None, what: str = "items") -> Iterator[Item]:
    """Yield ``items`` unchanged and tell how far the work is; ``what`` names them in the plural."""
    if total is None and hasattr(items, "__len__"):
        total = len(items)  # type: ignore[arg-type]
    start = last = time.monotonic()
    done = 0
    with _terminal() as free, tqdm(total=total, desc=what, unit="", file=sys.stderr, disable=not free) as bar:
        for done, item in enumerate(items, start=1):
            yield item
            bar.update()
            now = time.monotonic()
            if now - last >= SECONDS_BETWEEN_LINES:
                last = now
                logger.info(_line(done, total, now - start, what))
    logger.info("%d %s done in %.1f s", done, what, time.monotonic() - start)


@contextmanager
def _terminal() -> Iterator[bool]:
    """Yield whether a bar may be drawn: on a terminal on which no other process draws one."""
    with ExitStack() as stack:
        yield _is_free(stack)


def _is_free(stack: ExitStack) -> bool:
    if not sys.stderr.isatty() or os.environ.get("SYNFACE_PROGRESS") == "lines":
        return False
    try:
        import fcntl

        # Opened anew: processes that inherited the terminal would share a lock on what they inherited.
        terminal = os.open(os.ttyname(sys.stderr.fileno()), os.O_WRONLY)
        stack.callback(os.close, terminal)
        fcntl.flock(terminal, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):  # another system, or a terminal that cannot be opened: then bars may share a line
        return True
    return True


def _line(done: int, total: int | None, seconds: float, what: str) -> str:
    rate = done / seconds
    if total is None:
        return f"{done} {what}, {rate:.1f}/s"
    return f"{done} of {total} {what}, {rate:.1f}/s, {(total - done) / rate:.0f} s left"
