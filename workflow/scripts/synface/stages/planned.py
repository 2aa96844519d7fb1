"""What a shard of an edit holds, and its archives read side by side."""

from collections.abc import Container, Iterable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from synface.core.errors import InputError
from synface.core.shards import read_shard
from synface.core.tables import read_table


def read_plan(plan: Path | str, shard: int | str | None = None, columns: Iterable[str] = ()) -> pd.DataFrame:
    """Return the rows of a plan.csv, which has these ``columns``; of one ``shard`` or of all.

    Their order is that of everything in a shard.
    """
    table = read_table(plan, text=["source_id", "path", "split", "label"], columns=["source_id", *columns])
    if shard is None:
        return table
    if "shard" not in table:
        raise InputError(f"{plan}: no column shard; found {', '.join(table.columns)}")
    return table[table["shard"] == int(shard)].reset_index(drop=True)


def read_pairs(
    frames: Path | str, patches: Path | str, only: Container[str] | None = None
) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield (source_id, frame, patch), uint8 RGB, for every patch, or of ``only`` these ids; other frames are skipped.

    Both shards are read once, in step, so that one pair at a time is in memory. Raises `InputError` when a patch has no
    frame, or lies in another order.
    """
    remaining = read_shard(frames, only)
    for source_id, patch in read_shard(patches, only):
        # The frame is found by reading on: both shards keep the order of their ids.
        frame = next((image for name, image in remaining if name == source_id), None)
        if frame is None:
            raise InputError(f"{patches}: {source_id} has no frame in {frames}; delete {patches} and run again")
        yield source_id, frame, patch
