"""Intervals of what judges measure: paired shares, means, and the kernel distance of two sets."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm, t

Estimate = tuple[float, float, float]
"""Value, and the ends of its 95 % interval."""
_BLOCK = 1024


def share_gained(before: np.ndarray, after: np.ndarray) -> Estimate:
    """Return how much the share of ``after`` exceeds that of ``before``, bool [n] of the same faces.

    The interval is Agresti and Min's (Statistics in Medicine, 2005): half a face is added to each cell of the paired
    table, so that it never has width 0.
    """
    n = len(before)
    if not n:
        return (np.nan, np.nan, np.nan)
    gained, lost = int((after & ~before).sum()), int((before & ~after).sum())
    total, up, down = n + 2, gained + 0.5, lost + 0.5
    middle = (up - down) / total
    half = norm.ppf(0.975) * np.sqrt(up + down - (up - down) ** 2 / total) / total
    return (gained - lost) / n, max(-1.0, middle - half), min(1.0, middle + half)


def mean_of(values: Sequence[float] | np.ndarray) -> Estimate:
    """Return the mean of the values that are not NaN with Student's interval; NaN ends for fewer than two."""
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    if not len(known):
        return (np.nan, np.nan, np.nan)
    mean = float(known.mean())
    if len(known) == 1:
        return (mean, np.nan, np.nan)
    half = float(t.ppf(0.975, len(known) - 1) * known.std(ddof=1) / np.sqrt(len(known)))
    return (mean, mean - half, mean + half)


def kernel_distance(first: np.ndarray, second: np.ndarray) -> Estimate:
    """Return the kernel inception distance of features [m, D] and [n, D] (Binkowski et al., ICLR 2018).

    The unbiased squared maximum mean discrepancy with the kernel (x . y / D + 1)^3, which may be below 0 where the sets
    do not differ. The interval is the jackknife's over images of both sets, normal; NaN where a set has fewer than 3.
    """
    m, n = len(first), len(second)
    if min(m, n) < 3:
        return (np.nan, np.nan, np.nan)
    own_first, own_second = _sums(first, first) - _own(first), _sums(second, second) - _own(second)
    across_first, across_second = _sums(first, second), _sums(second, first)

    def distance(within_first: np.ndarray, within_second: np.ndarray, across: np.ndarray, p: int, q: int) -> np.ndarray:
        return within_first / (p * (p - 1)) + within_second / (q * (q - 1)) - 2 * across / (p * q)

    total_first, total_second, across = own_first.sum(), own_second.sum(), across_first.sum()
    value = float(distance(total_first, total_second, across, m, n))
    without_first = distance(total_first - 2 * own_first, total_second, across - across_first, m - 1, n)
    without_second = distance(total_first, total_second - 2 * own_second, across - across_second, m, n - 1)
    variance = sum((len(each) - 1) * each.var() for each in (without_first, without_second))
    half = float(norm.ppf(0.975) * np.sqrt(variance))
    return (value, value - half, value + half)


def _sums(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the sum of each row of the kernel matrix, float64 [m]."""
    second = second.astype(np.float64)
    return np.concatenate(
        [
            ((first[start : start + _BLOCK].astype(np.float64) @ second.T / second.shape[1] + 1) ** 3).sum(axis=1)
            for start in range(0, len(first), _BLOCK)
        ]
    )


def _own(features: np.ndarray) -> np.ndarray:
    return ((features.astype(np.float64) ** 2).sum(axis=1) / features.shape[1] + 1) ** 3
