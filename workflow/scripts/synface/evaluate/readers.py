"""Accuracies of training sets over other seeds and other test images, and their differences.

The radiologists' multi-reader multi-case analysis (Obuchowski & Rockette, 1995; Hillis, 2007 and 2014) with readers
nested in modalities: a training set is a modality, its trainings (one per seed) are the readers, the test images the
cases. Difference, interval, p and both one-sided tests of equivalence are Student's t with one standard error and
Satterthwaite's degrees of freedom, so they cannot contradict each other, and p has no floor.

Whatever is a mean over images can be analyzed so: a run is its scores [n], 0 or 1 for accuracy.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student


@dataclass(frozen=True)
class Estimate:
    """A mean, or a difference of means, with its standard error and degrees of freedom (infinite for a normal).

    ``images`` and ``seeds`` are the standard errors over other images and over other seeds alone; their squares add up
    to that of ``error``.
    """

    value: float
    error: float
    freedom: float
    images: float = float("nan")
    seeds: float = float("nan")

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the two-sided interval (low, high)."""
        half = self._quantile(0.5 + confidence / 2) * self.error
        return self.value - half, self.value + half

    def p(self) -> float:
        """Return the two-sided p that the true value is zero; 1 where nothing differs."""
        return min(1.0, 2 * self._tail(abs(self.value)))

    def equivalence_p(self, margin: float) -> float:
        """Return the larger p of the two one-sided tests (Schuirmann, 1987) that the true value is beyond +-margin."""
        return self._tail(margin - abs(self.value))

    def detectable(self, alpha: float, power: float = 0.8) -> float:
        """Return the smallest true value that a test at level ``alpha`` would find with this ``power``.

        The sum of two quantiles times the standard error: what is usual, a little low for few degrees of freedom.
        """
        return (self._quantile(1 - alpha / 2) + self._quantile(power)) * self.error

    def _tail(self, distance: float) -> float:
        """Return the probability that chance alone leads at least ``distance`` above the true value."""
        if self.error == 0:
            return 0.5 if distance == 0 else float(distance < 0)
        return float(student.sf(distance / self.error, self.freedom))

    def _quantile(self, probability: float) -> float:
        return float(student.ppf(probability, self.freedom))


@dataclass(frozen=True)
class Cases:
    """The test images as they were sampled.

    Attributes:
        classes: int64 [n], the true class of each image. Their numbers are fixed by the design of the test set, so
            only what varies within a class is chance.
        portraits: int64 [n], from which portrait each image was made, counted from 0; images of one portrait are not
            independent, so their scores are summed first.
    """

    classes: np.ndarray
    portraits: np.ndarray

    @property
    def count(self) -> int:
        """Number of independent cases."""
        return len(np.unique(self.portraits))

    def summed(self, scores: np.ndarray) -> np.ndarray:
        """Return the sums over the images of each portrait, [..., n] -> [..., portraits]."""
        order = np.argsort(self.portraits, kind="stable")
        starts = np.flatnonzero(np.diff(self.portraits[order], prepend=-1))
        return np.add.reduceat(scores[..., order], starts, axis=-1)

    def variance_of_mean(self, scores: np.ndarray) -> float:
        """Return the variance of the mean of ``scores`` [n] over other images of the same classes and portraits."""
        return float(covariance_of_means(scores[None], self)[0, 0])


def covariance_of_means(scores: np.ndarray, cases: Cases) -> np.ndarray:
    """Return the covariance [K, K] of the means of ``scores`` [K, n] over other images of the same design."""
    residuals = np.empty(scores.shape)
    for label in np.unique(cases.classes):
        inside = cases.classes == label
        size = np.count_nonzero(inside)
        part = scores[:, inside]
        residuals[:, inside] = (part - part.mean(axis=1, keepdims=True)) * np.sqrt(size / max(size - 1, 1))
    summed = cases.summed(residuals)
    return summed @ summed.T / scores.shape[1] ** 2


def spread_of_seeds(runs: np.ndarray) -> float:
    """Return the variance of the means of ``runs`` [R, n] between seeds; NaN for a single run."""
    return float(runs.mean(axis=1).var(ddof=1)) if len(runs) > 1 else float("nan")


def pooled_spread(groups: Sequence[np.ndarray]) -> float:
    """Return the mean of `spread_of_seeds` over the training sets that have several runs; NaN without any."""
    spreads = [spread_of_seeds(runs) for runs in groups if len(runs) > 1]
    return float(np.mean(spreads)) if spreads else float("nan")


def difference_of_means(
    first: np.ndarray,
    second: np.ndarray,
    cases: Cases,
    *,
    pooled: float | tuple[float, float] = float("nan"),
    seed_sd: float | None = None,
) -> Estimate:
    """Return the difference of the means of two training sets, ``first`` minus ``second``.

    Args:
        first: scores [R, n] of the runs of one training set.
        second: scores [R', n] of the other's, on the same images in the same order.
        cases: how the images were sampled.
        pooled: `pooled_spread` of the experiment; one for each side where they are of two kinds. The larger of it and
            of the pair's own spread is used: the own one alone calls equal sets different too often in a family, the
            pooled one alone a set that spreads more.
        seed_sd: standard deviation between seeds, stated by the user. It is used where a side has a single run; there,
            without it, the result is about these trained models, and other test images only.
    """
    sizes = len(first), len(second)
    scores = first.mean(axis=0) - second.mean(axis=0)
    images = cases.variance_of_mean(scores)
    value = float(first.mean() - second.mean())
    if min(sizes) == 1:
        seeds = 0.0 if seed_sd is None else seed_sd**2 * (1 / sizes[0] + 1 / sizes[1])
        return _combine(value, images, cases.count - 1, [(seeds, np.inf)])
    images -= sum(_noise_of_runs(runs, cases) / len(runs) for runs in (first, second))
    own = [spread_of_seeds(runs) / len(runs) for runs in (first, second)]
    spreads = pooled if isinstance(pooled, tuple) else (pooled, pooled)
    shared = [float(np.nan_to_num(spread)) / size for spread, size in zip(spreads, sizes, strict=True)]
    # Where one set scatters much more than the other, only its few runs say how much: Satterthwaite must see both.
    seeds = own if sum(own) >= sum(shared) else shared
    parts = [(variance, size - 1) for variance, size in zip(seeds, sizes, strict=True)]
    return _combine(value, max(images, 0.0), cases.count - 1, parts)


def variances_of_mean(runs: np.ndarray, cases: Cases) -> tuple[float, float]:
    """Return the variance of the mean of ``runs`` [R, n] over other images, and over other seeds (0 for one run)."""
    images = cases.variance_of_mean(runs.mean(axis=0))
    if len(runs) == 1:
        return images, 0.0
    return max(images - _noise_of_runs(runs, cases) / len(runs), 0.0), spread_of_seeds(runs) / len(runs)


def interval_of_mean(
    runs: np.ndarray, cases: Cases, *, seed_sd: float | None = None, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval (low, high) of the mean of one training set's ``runs`` [R, n].

    It depends on nothing but these runs. Images and seeds each get their own quantile of Student's t, and the squares
    are added (Graybill & Wang, 1980; MOVER of Zou & Donner, 2008): with two or four degrees of freedom of the seeds,
    Satterthwaite's interval is too narrow where they happen to scatter little. ``seed_sd`` as in `difference_of_means`.
    """
    images, seeds = variances_of_mean(runs, cases)
    parts = [(images, cases.count - 1), (seeds, max(len(runs) - 1, 1))]
    if len(runs) == 1 and seed_sd is not None:
        parts[1] = (seed_sd**2, np.inf)
    half = np.sqrt(sum(student.ppf(0.5 + confidence / 2, freedom) ** 2 * variance for variance, freedom in parts))
    value = float(runs.mean())
    return value - float(half), value + float(half)


def _noise_of_runs(runs: np.ndarray, cases: Cases) -> float:
    """Return what single images of single runs add to a run's variance, which the spread of seeds holds already."""
    return float(cases.summed(runs).var(axis=0, ddof=1).sum() / runs.shape[1] ** 2)


def _combine(value: float, images: float, freedom: float, seeds: Sequence[tuple[float, float]]) -> Estimate:
    """Add the variances of images and seeds, each with its degrees of freedom (Satterthwaite, 1946)."""
    parts = [(images, freedom), *seeds]
    total = sum(variance for variance, _ in parts)
    scattered = sum(variance**2 / freedom for variance, freedom in parts if freedom > 0)
    return Estimate(
        value,
        error=float(np.sqrt(total)),
        freedom=float(total**2 / scattered) if scattered > 0 else float("inf"),
        images=float(np.sqrt(images)),
        seeds=float(np.sqrt(total - images)),
    )
