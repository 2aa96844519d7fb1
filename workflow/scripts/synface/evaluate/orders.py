"""Are the classes and the color channels of a published model in the order that was said? Told by its predictions.

A file of weights does not say what its outputs mean, nor how it was fed. Labels look permuted where one permutation of
them is right and the order as given is not; channels look swapped where the model does far better on swapped images.
Weak models are no matter of orders: every class that a permutation moves counts alike, so that nothing is gained by
a class that is said too often, and chance is excluded although the best of all permutations is looked at.
"""

import logging
from collections.abc import Sequence
from math import factorial
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from synface.core.emotions import LABELS
from synface.core.tables import write_table
from synface.evaluate.intervals import mcnemar_exact
from synface.evaluate.predictions import class_indices, read_predictions

logger = logging.getLogger(__name__)

LEVEL = 0.001  # p below which chance is excluded
LEAST_LABELS = 0.3  # mean recall, over the classes that move, by which a permutation must be better
LEAST_CHANNELS = 0.05  # accuracy by which swapped channels must be better
COLUMNS = ["test_set", "n", "accuracy", "best_order", "sample", "sample_accuracy", "swapped", "finding"]


def check_orders(
    *,
    predictions: Path | str,
    swapped: Path | str,
    orders: Path | str,
    where: str,
    class_names: Sequence[str],
    color_order: str,
) -> None:
    """Write what speaks for another order of a model's labels or channels, a row per test set.

    Args:
        predictions: of the model on its test sets.
        swapped: of the model on a sample of each, their channels swapped.
        orders: written, `COLUMNS`: the accuracy, that under the permutation of labels that fits best, both accuracies
            on the sample, and a sentence (empty where the orders look right), which the log has too.
        where: path of the model in the configuration, for the sentence.
        class_names: what its outputs are taken for, in its order.
        color_order: what it is fed.
    """
    other_channels = read_predictions(swapped)
    rows = []
    for test_set, table in read_predictions(predictions).items():
        truth, said = class_indices(table["label"]), class_indices(table["predicted"])
        meant = best_order(truth, said)
        permuted = is_permuted(truth, said, meant)
        sample = other_channels[test_set].merge(table, on="file_name", suffixes=("_swapped", ""))
        # Where the labels are permuted, channels can be judged by what they mean only.
        read = meant if permuted else np.arange(len(LABELS))
        truth_there = class_indices(sample["label"])
        as_given, other = (
            read[class_indices(sample[column])] == truth_there for column in ("predicted", "predicted_swapped")
        )
        row = {
            "test_set": test_set,
            "n": len(truth),
            "accuracy": (said == truth).mean(),
            "best_order": (meant[said] == truth).mean(),
            "sample": len(sample),
            "sample_accuracy": as_given.mean(),
            "swapped": other.mean(),
        }
        found = []
        if permuted:
            found.append(_tell_labels(row, meant, where, class_names))
        if other.mean() - as_given.mean() >= LEAST_CHANNELS and mcnemar_exact(other, as_given) < LEVEL:
            found.append(_tell_channels(row, where, color_order))
        for sentence in found:
            logger.warning("%s", sentence)
        rows.append({**row, "finding": " ".join(found)})
        if not found:
            logger.info("%s: nothing speaks for another order of labels or channels on %s", where, test_set)
    write_table(pd.DataFrame(rows, columns=COLUMNS).round(6), orders)


def best_order(truth: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return what each class that is ``said`` must mean for the greatest mean recall, int64 [7], a permutation.

    Only the classes that ``truth`` (both int64 [n], `Emotion` order) has are permuted; the others mean themselves.
    """
    size = len(LABELS)
    counts = np.bincount(truth * size + said, minlength=size**2).reshape(size, size)
    present = np.flatnonzero(counts.sum(axis=1))
    recalls = counts[np.ix_(present, present)] / counts[present].sum(axis=1, keepdims=True)
    # Where two orders are alike, the one that is given.
    rows, columns = linear_sum_assignment(recalls + 1e-9 * np.eye(len(present)), maximize=True)
    meant = np.arange(size)
    meant[present[columns]] = present[rows]
    return meant


def is_permuted(truth: np.ndarray, said: np.ndarray, meant: np.ndarray) -> bool:
    """Return whether the labels are those that ``meant`` says, which `best_order` found, and hardly those ``said``."""
    moved = np.flatnonzero(meant != np.arange(len(LABELS)))
    tried = factorial(len(np.unique(truth)))
    inside = np.isin(truth, moved)
    truth, said = truth[inside], said[inside]
    right, permuted = said == truth, meant[said] == truth
    if not len(moved):
        return False
    gains = [permuted[truth == label].mean() - right[truth == label].mean() for label in moved]
    return np.mean(gains) >= LEAST_LABELS and mcnemar_exact(permuted, right) * tried < LEVEL


def _tell_labels(row: dict, meant: np.ndarray, where: str, class_names: Sequence[str]) -> str:
    moved = [f"{LABELS[i]} is {LABELS[meant[i]]}" for i in range(len(LABELS)) if meant[i] != i]
    names = [LABELS[meant[LABELS.index(name)]] if name in LABELS else name for name in class_names]
    return (
        f"{where}: its labels look permuted: on {row['test_set']} its accuracy is {row['accuracy']:.3f} as given, and "
        f"{row['best_order']:.3f} where {', '.join(moved)}; if so, set {where}.classes to [{', '.join(names)}]."
    )


def _tell_channels(row: dict, where: str, color_order: str) -> str:
    other = "rgb" if color_order == "bgr" else "bgr"
    return (
        f"{where}: its color channels look swapped: on {row['sample']} images of {row['test_set']} its accuracy is "
        f"{row['sample_accuracy']:.3f} as given, and {row['swapped']:.3f} with red and blue swapped; if so on every "
        f"test set, set {where}.color_order to {other}, else the images of {row['test_set']} are swapped."
    )
