"""Reading predictions.csv, the one file that every metric is computed from."""

from pathlib import Path

import numpy as np
import pandas as pd

from synface.core.emotions import LABELS, check_labels
from synface.core.errors import InputError
from synface.core.tables import read_table
from synface.evaluate.metrics import Answers


def read_predictions(path: Path | str) -> dict[str, pd.DataFrame]:
    """Read the predictions of one model on its test sets: by name, in the order of the file, one table each.

    A table has file_name, source, source_id, label, predicted and one column of probability per label. Raises
    `InputError` for missing columns, no rows, an unknown label, a file named twice in a test set, or a bad probability.
    """
    frame = read_table(
        path,
        text=["test_set", "file_name", "source", "source_id", "label", "predicted"],
        columns=["test_set", "file_name", "source", "source_id", "label", "predicted", *LABELS],
    )
    if frame.empty:
        raise InputError(f"{path}: no predictions; is the test split of its datasets empty?")
    for column in ("label", "predicted"):
        check_labels(frame[column], str(path), column)
    doubled = frame.loc[frame.duplicated(["test_set", "file_name"]), "file_name"]
    if len(doubled):
        raise InputError(f"{path}: {doubled.iloc[0]} is there twice; each test image is predicted once")
    probabilities = frame[list(LABELS)].to_numpy(float)
    if not np.isfinite(probabilities).all() or (probabilities < 0).any() or (probabilities.sum(axis=1) <= 0).any():
        raise InputError(f"{path}: probabilities must be finite, not negative and not all zero; delete it")
    by_set = frame.groupby("test_set", sort=False)
    return {name: rows.drop(columns="test_set").reset_index(drop=True) for name, rows in by_set}


def answers_of(predictions: pd.DataFrame) -> Answers:
    """Return what a table of predictions says, in its order."""
    probabilities = predictions[list(LABELS)].to_numpy(float)
    return Answers(
        class_indices(predictions["label"]),
        class_indices(predictions["predicted"]),
        probabilities / probabilities.sum(axis=1, keepdims=True),
    )


def class_indices(labels: pd.Series) -> np.ndarray:
    """Return the class index (`Emotion` order) of each label name, int64 [n]."""
    return labels.map({label: index for index, label in enumerate(LABELS)}).to_numpy(np.int64)
