"""Every Snakemake benchmark file of a run in one table."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from synface.core.errors import InputError
from synface.core.tables import write_table


def gather_timings(*, timings: Iterable[Path | str], table: Path | str) -> None:
    """Write stage, item, seconds and max_rss_mb of every benchmark file (``.tsv``) to ``table``.

    Of a path ``.../timings/<stage>/<item>.tsv`` the folder below ``timings`` is the stage, the rest the item. The
    totals are last, with the item ``total`` (sum of seconds, greatest memory). Repeats within one file are averaged.
    Snakemake writes ``NA`` or ``-`` for memory that it could not sample; that stays empty.
    """
    rows = []
    for path in sorted(map(Path, timings)):
        found = pd.read_csv(path, sep="\t", na_values=["-"])
        if "s" not in found or found.empty:
            raise InputError(f"{path}: not a Snakemake benchmark file (no column s, or no rows); delete it")
        parts = path.with_suffix("").parts
        stage, *rest = parts[len(parts) - parts[::-1].index("timings") :]
        memory = pd.to_numeric(found["max_rss"], errors="coerce").max() if "max_rss" in found else float("nan")
        rows.append({"stage": stage, "item": "/".join(rest), "seconds": found["s"].mean(), "max_rss_mb": memory})
    each = pd.DataFrame(rows, columns=["stage", "item", "seconds", "max_rss_mb"])
    totals = each.groupby("stage", sort=False, as_index=False).agg({"seconds": "sum", "max_rss_mb": "max"})
    totals.insert(1, "item", "total")
    write_table(pd.concat([each, totals], ignore_index=True) if rows else each, table)
