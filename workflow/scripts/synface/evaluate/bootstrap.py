"""The two-level bootstrap: other test images and other training runs could have come out.

Images are resampled within their class, since the class counts of a test set are fixed by design, and every run sees
the same resampled images, which keeps the pairing. Runs (seeds) are resampled independently per group.

Images of one class on which all runs are right and wrong alike are exchangeable, so a resample of images is a
multinomial draw over the few distinct patterns. That is exact, and its cost does not grow with the number of images.
"""

from collections.abc import Sequence

import numpy as np


def bootstrap_accuracies(
    groups: Sequence[np.ndarray], strata: np.ndarray, *, resamples: int, generator: np.random.Generator
) -> list[np.ndarray]:
    """Return for each group its mean accuracy in every resample, float64 [resamples].

    Args:
        groups: one array [runs, n] per group, true where the run is right on image i; all about the same n images.
        strata: [n], the class of each image; the resampled images keep its counts.
        resamples: number of bootstrap resamples.
        generator: source of the draws; the result does not depend on the order of the images.
    """
    correct = np.concatenate(groups).astype(np.int64)
    hits = np.zeros((resamples, len(correct)))
    for stratum in np.unique(strata):
        patterns, counts = np.unique(correct[:, strata == stratum].T, axis=0, return_counts=True)
        drawn = generator.multinomial(counts.sum(), counts / counts.sum(), size=resamples)
        hits += drawn @ patterns
    accuracies = hits / correct.shape[1]
    ends = np.cumsum([len(group) for group in groups])[:-1]
    return [_resample_runs(part, generator) for part in np.split(accuracies, ends, axis=1)]


def _resample_runs(accuracies: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Average [resamples, runs] over runs drawn with replacement; a single run is left as it is."""
    resamples, runs = accuracies.shape
    mean = accuracies.mean(axis=1)
    if runs == 1:
        return mean
    weights = generator.multinomial(runs, np.full(runs, 1 / runs), size=resamples) / runs
    drawn = (accuracies * weights).sum(axis=1)
    # A bootstrap of so few runs is too narrow by (runs - 1) / runs in variance; stretching by its root undoes that.
    return mean + np.sqrt(runs / (runs - 1)) * (drawn - mean)


def percentile_interval(values: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """Return the central interval (low, high) that holds ``confidence`` of the resampled ``values``."""
    low, high = np.quantile(values, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def difference_p(differences: np.ndarray) -> float:
    """Return the two-sided p that the true difference is zero, from resampled ``differences``; at least 2 / (B + 1)."""
    smaller_tail = min(np.count_nonzero(differences <= 0), np.count_nonzero(differences >= 0))
    return float(min(1.0, 2 * (1 + smaller_tail) / (1 + len(differences))))


def equivalence_p(differences: np.ndarray, margin: float) -> float:
    """Return the p of the two one-sided tests (Schuirmann, 1987) that the true difference is beyond +-``margin``.

    Small means: the difference is shown to be smaller than the margin. Not small does not mean that it is larger.
    """
    larger_tail = max(np.count_nonzero(differences <= -margin), np.count_nonzero(differences >= margin))
    return float(min(1.0, (1 + larger_tail) / (1 + len(differences))))
