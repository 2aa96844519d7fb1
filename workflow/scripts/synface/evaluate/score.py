"""The metrics of one model on each of its test sets, all from its per-image predictions."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

from synface.core.emotions import LABELS
from synface.core.files import atomic_path
from synface.core.tables import write_table
from synface.evaluate.intervals import wilson_interval
from synface.evaluate.metrics import scores_of
from synface.evaluate.predictions import answers_of, class_indices, read_predictions


def score(*, predictions: Path | str, metrics: Path | str, confusions: Path | str) -> None:
    """Write the metrics (JSON, by test set) and the confusion matrices of a model's ``predictions``.

    ``confusions`` is a CSV with test_set, label (the truth), and one column of counts per predicted label.
    """
    tables = read_predictions(predictions)
    with atomic_path(metrics) as temporary:
        measured = {name: measure(table) for name, table in tables.items()}
        temporary.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    counts = [count_confusions(table).assign(test_set=name) for name, table in tables.items()]
    write_table(pd.concat(counts)[["test_set", "label", *LABELS]], confusions)


def measure(predictions: pd.DataFrame) -> dict:
    """Return accuracy with its 95 % Wilson interval, macro-F1, balanced accuracy, log loss and per-class metrics.

    Means over classes are over the classes that occur in the truth. For a class that does not, recall and F1 are
    None. A class that is never predicted has precision 0.
    """
    counts = _counts(predictions)
    right, support, given = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    precision, recall, f1 = (
        np.divide(number, of, out=np.zeros(len(LABELS)), where=of > 0)
        for number, of in ((right, given), (right, support), (2 * right, support + given))
    )
    accuracy = float(right.sum() / support.sum())
    low, high = wilson_interval(accuracy, int(support.sum()))
    present = support > 0
    return {
        "n": int(support.sum()),
        "accuracy": accuracy,
        "ci_low": low,
        "ci_high": high,
        "macro_f1": float(f1[present].mean()),
        "balanced_accuracy": float(recall[present].mean()),
        "log_loss": float(scores_of(answers_of(predictions))["log_loss"].mean()),
        "classes": {
            label: {
                "precision": float(precision[index]),
                "recall": float(recall[index]) if present[index] else None,
                "f1": float(f1[index]) if present[index] else None,
                "support": int(support[index]),
            }
            for index, label in enumerate(LABELS)
        },
    }


def count_confusions(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the counts with one row per true label (column ``label``) and one column per predicted label."""
    return pd.DataFrame(_counts(predictions), columns=list(LABELS)).assign(label=LABELS)[["label", *LABELS]]


def _counts(predictions: pd.DataFrame) -> np.ndarray:
    """Return int64 [7, 7]: images by truth (rows) and prediction; a library for it takes a second to start."""
    size = len(LABELS)
    truth, predicted = class_indices(predictions["label"]), class_indices(predictions["predicted"])
    return np.bincount(truth * size + predicted, minlength=size**2).reshape(size, size)
