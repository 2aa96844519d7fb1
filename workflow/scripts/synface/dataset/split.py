"""Reading one split of a dataset's metadata.csv."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from synface.core.emotions import check_labels
from synface.core.errors import InputError
from synface.core.tables import read_table

_TEXT = ("file_name", "label", "split", "dataset", "source", "source_id")


def read_split(metadata: Path | str, split: str, columns: Iterable[str] = ()) -> pd.DataFrame:
    """Return the rows of ``split`` ("train" or "test") by file name, with these ``columns`` beside label and file.

    Raises `InputError` when there is no such row, no such column, or an unknown label.
    """
    frame = read_table(metadata, text=_TEXT, columns=("file_name", "label", "split", *columns))
    frame = frame[frame["split"] == split].sort_values("file_name", ignore_index=True)
    if frame.empty:
        raise InputError(f"{metadata}: no image in the {split} split; give the dataset one or do not {split} on it")
    check_labels(frame["label"], str(metadata))
    return frame
