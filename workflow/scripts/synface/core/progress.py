"""Progress of long work: a bar on a terminal, a line with rate and time left every 30 s in a log; never on stdout."""

import logging
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

Item = TypeVar("Item")
logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LINES = 30.0


def progress(items: Iterable[Item], *, total: int | None = None, what: str = "items") -> Iterator[Item]:
    """Yield ``items`` unchanged and tell how far the work is; ``what`` names them in the plural."""
    if total is None and hasattr(items, "__len__"):
        total = len(items)  # type: ignore[arg-type]
    if sys.stderr.isatty():
        yield from tqdm(items, total=total, desc=what, unit="", file=sys.stderr)
        return
    start = last = time.monotonic()
    done = 0
    for done, item in enumerate(items, start=1):
        yield item
        now = time.monotonic()
        if now - last >= SECONDS_BETWEEN_LINES:
            last = now
            logger.info(_line(done, total, now - start, what))
    logger.info("%d %s done in %.1f s", done, what, time.monotonic() - start)


def _line(done: int, total: int | None, seconds: float, what: str) -> str:
    rate = done / seconds
    if total is None:
        return f"{done} {what}, {rate:.1f}/s"
    return f"{done} of {total} {what}, {rate:.1f}/s, {(total - done) / rate:.0f} s left"
