"""Every Snakemake benchmark file of a run in one table."""

import re
from pathlib import Path

import pandas as pd

from synface.core.errors import InputError
from synface.core.tables import write_table


def gather_timings(*, root: Path | str, timings: Path | str) -> None:
    """Write stage, item, seconds and max_rss_mb of every benchmark file (``.tsv``) below ``root``.

    The first folder below ``root`` is the stage, the rest of the path the item. The totals are last, with the item
    ``total`` (sum of seconds, greatest memory). Repeats within one file are averaged. Snakemake writes ``NA`` or ``-``
    for memory that it could not sample; that stays empty.
    """
    rows = []
    for path in sorted(Path(root).rglob("*.tsv")):
        table = pd.read_csv(path, sep="\t", na_values=["-"])
        if "s" not in table or table.empty:
            raise InputError(f"{path}: not a Snakemake benchmark file (no column s, or no rows); delete it")
        stage, *rest = path.relative_to(root).with_suffix("").parts
        memory = pd.to_numeric(table["max_rss"], errors="coerce").max() if "max_rss" in table else float("nan")
        item = re.sub(r"\.benchmark$", "", "/".join(rest)) or stage
        rows.append({"stage": stage, "item": item, "seconds": table["s"].mean(), "max_rss_mb": memory})
    each = pd.DataFrame(rows, columns=["stage", "item", "seconds", "max_rss_mb"])
    totals = each.groupby("stage", sort=False, as_index=False).agg({"seconds": "sum", "max_rss_mb": "max"})
    totals.insert(1, "item", "total")
    write_table(pd.concat([each, totals], ignore_index=True) if rows else each, timings)
