"""Metrics as means over images, so that one analysis gives intervals and contrasts of them all.

A metric of a run is the mean of its scores, one per test image. Where it is no mean (macro-F1, ECE), the scores are the
jackknife's pseudo-values (Tukey, 1958), moved so that their mean is the metric itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from synface.core.emotions import LABELS

BINS = 15  # of equal width, as in Guo et al., ICML 2017
LOWER_IS_BETTER = ("ece", "brier", "log_loss")
# Without a common scale with accuracy: no margin of equivalence is meant for it.
UNBOUNDED = ("log_loss",)


@dataclass(frozen=True)
class Answers:
    """What one run says of the test images.

    Attributes:
        truth: int64 [n], the true classes.
        predicted: int64 [n].
        probabilities: float64 [n, 7], rows sum to 1.
    """

    truth: np.ndarray
    predicted: np.ndarray
    probabilities: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Whether each image is classified rightly, bool [n]."""
        return self.truth == self.predicted


def scores_of(answers: Answers) -> dict[str, np.ndarray]:
    """Return the scores of every metric, float64 [n] each; recall of a class only where the truth has it."""
    found = {name: score(answers).astype(float) for name, score in _METRICS.items()}
    for index, label in enumerate(LABELS):
        inside = answers.truth == index
        if inside.any():
            found[f"recall of {label}"] = np.where(inside, answers.right, False) * (len(inside) / inside.sum())
    return found


def _balanced(answers: Answers) -> np.ndarray:
    """Unweighted average recall (UAR): every class of the truth weighs the same."""
    counts = np.bincount(answers.truth, minlength=len(LABELS))
    return answers.right * (len(answers.truth) / (np.count_nonzero(counts) * counts[answers.truth]))


def _macro_f1(answers: Answers) -> np.ndarray:
    """Pseudo-values of the mean F1 of the classes that the truth has; images of one (truth, prediction) are alike."""
    size = len(LABELS)
    counts = np.bincount(answers.truth * size + answers.predicted, minlength=size**2).reshape(size, size)
    whole, without = _f1(counts, counts), np.zeros((size, size))
    for truth, predicted in np.argwhere(counts):
        left = counts.copy()
        left[truth, predicted] -= 1
        without[truth, predicted] = _f1(left, counts)
    return _pseudo_values(whole, without[answers.truth, answers.predicted])


def _f1(counts: np.ndarray, all_counts: np.ndarray) -> float:
    given = counts.sum(axis=1) + counts.sum(axis=0)
    f1 = np.divide(2 * np.diag(counts), given, out=np.zeros(len(counts)), where=given > 0)
    return float(f1[all_counts.sum(axis=1) > 0].mean())


def _ece(answers: Answers) -> np.ndarray:
    """Pseudo-values of the expected calibration error (Guo et al., 2017)."""
    confidence = answers.probabilities.max(axis=1)
    bins = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    gaps = confidence - answers.right
    sums = np.bincount(bins, gaps, minlength=BINS)
    total, n = np.abs(sums).sum(), len(gaps)
    without = (total - np.abs(sums[bins]) + np.abs(sums[bins] - gaps)) / max(n - 1, 1)
    return _pseudo_values(total / n, without)


def _brier(answers: Answers) -> np.ndarray:
    """Brier (1950): the squared distance of the probabilities from the truth, 0 to 2."""
    return ((answers.probabilities - np.eye(len(LABELS))[answers.truth]) ** 2).sum(axis=1)


def _log_loss(answers: Answers) -> np.ndarray:
    """Minus the logarithm of the probability of the true class."""
    reached = answers.probabilities[np.arange(len(answers.truth)), answers.truth]
    return -np.log(np.maximum(reached, np.finfo(float).tiny))


def _pseudo_values(whole: float, without: np.ndarray) -> np.ndarray:
    n = len(without)
    values = n * whole - (n - 1) * without
    return values - values.mean() + whole


_METRICS: Mapping[str, Callable[[Answers], np.ndarray]] = {
    "accuracy": lambda answers: answers.right,
    "balanced_accuracy": _balanced,
    "macro_f1": _macro_f1,
    "ece": _ece,
    "brier": _brier,
    "log_loss": _log_loss,
}
