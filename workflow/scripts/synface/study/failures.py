"""What went wrong in a run, told once more at its end: with several jobs at a time the sentence has scrolled away."""

import re
from collections.abc import Iterable
from pathlib import Path

_FAILED = re.compile(r"^ *Error in (?:rule|checkpoint) (\w+)[^\n]*:\n((?:^ {2,}[^\n]*\n)*)", re.MULTILINE)
_LOG = re.compile(r"^ *log: (.+?)(?: \(check log file|$)", re.MULTILINE)
_LINE = re.compile(r"^\S+ \S+ ERROR (.*)", re.MULTILINE)
_MOST = 10  # failures that are told


def tell_failures(snakemake_log: str) -> str:
    """Return a paragraph for each failed job: its rule, its log and why; "" for a log without failed jobs."""
    told = {}
    for rule, block in _FAILED.findall(snakemake_log):
        found = _LOG.search(block)
        log = found[1] if found else ""
        told[rule, log] = f"{rule} failed: {reason_in(log) or 'it left no reason; the output above may have one'}" + (
            f"\n  ({log})" if log else ""
        )
    lines = list(told.values())
    if len(lines) > _MOST:
        lines = [*lines[:_MOST], f"... and {len(lines) - _MOST} more jobs"]
    return "\n".join(lines)


def reason_in(log: str) -> str:
    """Return the last error in a job's log, one sentence or the first line of an exception."""
    try:
        found = _LINE.findall(Path(log).read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return ""
    return found[-1] if found else ""


def tell_failures_of(logs: Iterable[str]) -> str:
    """Return what `tell_failures` tells of the files that Snakemake logged to."""
    texts = [Path(path).read_text(encoding="utf-8", errors="replace") for path in logs if Path(path).is_file()]
    return tell_failures("\n".join(texts))
