"""CSV tables: text stays text, an empty field is an empty string, and every writer is atomic."""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from synface.core.errors import InputError
from synface.core.files import atomic_path

# They hold names of the user's or of the field; one that looks like a number is a name all the same.
NAMES = ("experiment", "model", "train_set", "test_set", "baseline", "dataset", "source", "label", "stage", "item")


def read_table(path: Path | str, *, text: Iterable[str] = (), columns: Iterable[str] = ()) -> pd.DataFrame:
    """Read a CSV file; the columns in ``text`` and in `NAMES` are strings: ids such as ``00012`` keep their zeros.

    Raises `InputError` when one of ``columns`` is missing.
    """
    text = [*text, *NAMES]
    # Only an empty field is empty: a portrait may well be called NA.
    frame = pd.read_csv(path, dtype=dict.fromkeys(text, "str"), keep_default_na=False, na_values=[""])
    for column in text:
        if column in frame:
            frame[column] = frame[column].fillna("")
    missing = [column for column in columns if column not in frame]
    if missing:
        raise InputError(f"{path}: no column {', '.join(missing)}; found {', '.join(frame.columns)}")
    return frame


def write_table(frame: pd.DataFrame, path: Path | str) -> None:
    """Write ``frame`` as CSV, without its index and with the shortest digits that read back equal."""
    with atomic_path(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")
