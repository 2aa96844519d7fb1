"""What every job of a run took and did, from Snakemake's benchmark files and the jobs' own logs, in one table."""

import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from synface.core.errors import InputError
from synface.core.tables import write_table

COLUMNS = ["stage", "item", "seconds", "cpu_seconds", "max_rss_mb", "gpu_mb", "done", "what", "per_second"]
# What `synface.core.progress` logs at the end of its work, and `synface.compute.device` when a job ends.
_DONE = re.compile(r" INFO (\d+) (.+) done in ([\d.]+) s$", re.MULTILINE)
_GPU = re.compile(r" INFO greatest GPU memory (\d+) MB$", re.MULTILINE)


def gather_timings(*, timings: Iterable[Path | str], table: Path | str) -> None:
    """Write `COLUMNS` of every benchmark file (``.tsv``) to ``table``.

    Of a path ``.../results/timings/<stage>/<item>.tsv`` the folder below ``timings`` is the stage, the rest the item;
    the job's log is ``.../logs/<stage>/<item>.log``. It has how many (``done``) of ``what`` the longest work of the
    job did; ``per_second`` is that over the job's wall time, its start included. Each stage has a row with its totals,
    last, with the item ``total``: sums, and the greatest memory. Repeats within one file are averaged. What Snakemake
    could not sample (``NA`` or ``-``) and what a log does not tell stays empty.
    """
    rows = [_row(path) for path in sorted(map(Path, timings))]
    each = pd.DataFrame(rows, columns=COLUMNS)
    how = {"seconds": "sum", "cpu_seconds": _sum, "max_rss_mb": "max", "gpu_mb": "max", "done": _sum, "what": _shared}
    totals = each.groupby("stage", sort=False, as_index=False).agg(how)
    totals.insert(1, "item", "total")
    # Images and steps do not add up to anything.
    totals.loc[totals["what"] == "", "done"] = np.nan
    totals["per_second"] = totals["done"] / totals["seconds"]
    write_table(pd.concat([each, totals], ignore_index=True).round(4) if rows else each, table)


def _row(path: Path) -> dict:
    found = pd.read_csv(path, sep="\t", na_values=["-"])
    if "s" not in found or found.empty:
        raise InputError(f"{path}: not a Snakemake benchmark file (no column s, or no rows); delete it")
    parts = path.with_suffix("").parts
    at = len(parts) - parts[::-1].index("timings")
    stage, *rest = parts[at:]
    seconds = found["s"].mean()
    done, what, memory = _told(Path(*parts[: max(at - 2, 0)], "logs", *parts[at:-1], f"{parts[-1]}.log"))
    return {
        "stage": stage,
        "item": "/".join(rest),
        "seconds": seconds,
        "cpu_seconds": _column(found, "cpu_time").mean(),
        "max_rss_mb": _column(found, "max_rss").max(),
        "gpu_mb": memory,
        "done": done,
        "what": what,
        "per_second": done / seconds if seconds else np.nan,
    }


def _column(found: pd.DataFrame, name: str) -> pd.Series:
    return pd.to_numeric(found[name], errors="coerce") if name in found else pd.Series([np.nan])


def _told(log: Path) -> tuple[float, str, float]:
    """Return how much of what a job did, by its log, and its greatest GPU memory in MB; nan where it does not tell."""
    if not log.is_file():
        return np.nan, "", np.nan
    text = log.read_text(encoding="utf-8", errors="replace")
    numbers: dict[str, int] = defaultdict(int)
    took: dict[str, float] = defaultdict(float)
    for number, what, seconds in _DONE.findall(text):
        numbers[what] += int(number)
        took[what] += float(seconds)
    memory = _GPU.findall(text)
    what = max(took, key=lambda name: (took[name], numbers[name]), default="")
    return (numbers[what] if what else np.nan), what, (float(memory[-1]) if memory else np.nan)


def _sum(values: pd.Series) -> float:
    return values.sum(min_count=1)


def _shared(names: pd.Series) -> str:
    told = {name for name in names if name}
    return told.pop() if len(told) == 1 else ""
