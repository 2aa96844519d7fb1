"""Closed-form statistics of proportions: Wilson's interval, McNemar's exact test and Holm's correction.

Wilson (1927) for one accuracy, since the normal interval fails near 0 and 1, where in-domain accuracies live. McNemar
(1947) in its exact, binomial form for two models on the same images, as Dietterich (1998) advises for models too costly
to train often. Holm (1979) when several contrasts are looked at, valid under any dependence between them.
"""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np


def wilson_interval(accuracy: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval (low, high) of a proportion ``accuracy`` in [0, 1] seen on ``n`` images."""
    if n < 1:
        raise ValueError(f"expected at least one image, got n = {n}")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    shrink = 1 + z**2 / n
    center = (accuracy + z**2 / (2 * n)) / shrink
    half = z / shrink * np.sqrt(accuracy * (1 - accuracy) / n + z**2 / (4 * n**2))
    return float(max(0.0, center - half)), float(min(1.0, center + half))


def mcnemar_exact(first: np.ndarray, second: np.ndarray) -> float:
    """Return the two-sided exact p of McNemar's test that two models are right equally often.

    ``first`` and ``second`` are boolean [n]: was the model right on image i? Only the discordant images count; without
    any, the models did not differ and p is 1.
    """
    from scipy.stats import binomtest  # takes a second, which the many jobs that need no test would pay

    only_first = int(np.count_nonzero(first & ~second))
    only_second = int(np.count_nonzero(second & ~first))
    discordant = only_first + only_second
    return float(binomtest(only_first, discordant, 0.5).pvalue) if discordant else 1.0


def holm(p_values: Sequence[float]) -> np.ndarray:
    """Return Holm's step-down adjusted p values, float64 in the order given."""
    p = np.asarray(p_values, dtype=float)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
