"""Label counts per split: what a reference set demands, scaled by one rule wherever a fraction of it is asked for."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.tables import read_table, write_table

SPLITS = ("train", "test")
CELLS = tuple((split, label) for split in SPLITS for label in LABELS)

Counts = dict[tuple[str, str], int]
"""Images per (split, label), all 14 cells in the order of `CELLS`."""


def share(fraction: float, count: int) -> int:
    """Return ``fraction`` of ``count``, rounded half up, in decimals as written: 0.29 of 50 is 14.5, hence 15."""
    return int((Decimal(str(fraction)) * count).to_integral_value(ROUND_HALF_UP))


def scaled_counts(counts: Mapping[tuple[str, str], int], fraction: float, test_fraction: float | None = None) -> Counts:
    """Return ``fraction``, in (0, 1] or above, of each count: rounded half up, at least 1 where the count is not 0.

    With ``test_fraction``, those of the test split are scaled by it instead.
    """
    fractions = {"train": fraction, "test": fraction if test_fraction is None else test_fraction}
    if not min(fractions.values()) > 0:
        raise ValueError(f"fractions {fractions}: expected numbers above 0")
    return {cell: max(1, share(fractions[cell[0]], counts[cell])) if counts.get(cell, 0) else 0 for cell in CELLS}


def count_images(frame: pd.DataFrame) -> Counts:
    """Count the rows of ``frame`` (columns split, label) per cell."""
    found = frame.groupby(["split", "label"]).size()
    return {cell: int(found.get(cell, 0)) for cell in CELLS}


def read_counts(path: Path | str) -> Counts:
    """Read a ``counts.csv`` (split, label, count); a cell that is not listed counts 0."""
    frame = read_table(path, text=["split", "label"], columns=["split", "label", "count"])
    counts: Counts = dict.fromkeys(CELLS, 0)
    for split, label, count in zip(frame["split"], frame["label"], frame["count"], strict=True):
        if (split, label) not in counts:
            raise InputError(f"{path}: unknown split or label {split}, {label}; expected {SPLITS} and {LABELS}")
        counts[split, label] += int(count)
    return counts


def write_counts(counts: Mapping[tuple[str, str], int], path: Path | str) -> None:
    """Write all 14 cells as split, label, count."""
    rows = [(split, label, counts[split, label]) for split, label in CELLS]
    write_table(pd.DataFrame(rows, columns=["split", "label", "count"]), path)
