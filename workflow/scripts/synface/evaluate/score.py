"""The metrics of one model on each of its test sets, all from its per-image predictions."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import (
    accuracy_score,
    confusion_matrix,
    precision_recall_fscore_support,
)

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
    truth, predicted = class_indices(predictions["label"]), class_indices(predictions["predicted"])
    every = np.arange(len(LABELS))
    precision, recall, f1, support = precision_recall_fscore_support(truth, predicted, labels=every, zero_division=0)
    accuracy = float(accuracy_score(truth, predicted))
    low, high = wilson_interval(accuracy, len(truth))
    present = support > 0
    return {
        "n": len(truth),
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
    counts = confusion_matrix(
        class_indices(predictions["label"]), class_indices(predictions["predicted"]), labels=np.arange(len(LABELS))
    )
    return pd.DataFrame(counts, columns=list(LABELS)).assign(label=LABELS)[["label", *LABELS]]
