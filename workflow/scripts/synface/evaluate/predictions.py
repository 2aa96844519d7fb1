"""Reading predictions.csv, the one file that every metric is computed from."""

from pathlib import Path

import numpy as np
import pandas as pd

from synface.core.emotions import LABELS, check_labels
from synface.core.errors import InputError
from synface.core.tables import read_table


def read_predictions(path: Path | str) -> pd.DataFrame:
    """Read a predictions table: file_name, source_id, label, predicted and one probability column per label.

    Raises `InputError` for missing columns, no rows, an unknown label, a file named twice or a bad probability.
    """
    frame = read_table(
        path,
        text=["file_name", "source_id", "label", "predicted"],
        columns=["file_name", "label", "predicted", *LABELS],
    )
    if frame.empty:
        raise InputError(f"{path}: no predictions; is the test split of this dataset empty?")
    for column in ("label", "predicted"):
        check_labels(frame[column], str(path), column)
    doubled = frame.loc[frame["file_name"].duplicated(), "file_name"]
    if len(doubled):
        raise InputError(f"{path}: {doubled.iloc[0]} is there twice; each test image is predicted once")
    probabilities = frame[list(LABELS)].to_numpy(float)
    if not np.isfinite(probabilities).all() or (probabilities < 0).any() or (probabilities.sum(axis=1) <= 0).any():
        raise InputError(f"{path}: probabilities must be finite, not negative and not all zero; run predict again")
    return frame


def class_indices(labels: pd.Series) -> np.ndarray:
    """Return the class index (`Emotion` order) of each label name, int64 [n]."""
    return labels.map({label: index for index, label in enumerate(LABELS)}).to_numpy(np.int64)
