"""Ways to give one set of colors the distribution of another, and weights that an edit's mistakes do not reach.

Every transfer gets the colors of two pictures that lie on each other, float64 [n, 3] in CIELAB, and the weight of each
pixel, and returns the first picture's new colors. All are the identity for equal pictures.

* `match_moments`: Reinhard et al. (2001), "Color transfer between images".
* `match_histograms`: each channel by itself, its quantiles become the reference's.
* `match_covariance`: Pitié & Kokaram (2007), "The linear Monge-Kantorovitch linear colour mapping for example-based
  colour transfer": the linear map that moves colors least among those that match the whole covariance.
* `transport`: exact optimal transport between samples of the colors, continued to all colors by the mean displacement
  of those near them; Ferradans et al. (2014), "Regularized discrete optimal transport". The solver is POT's.
"""

import os

import numpy as np

# A patch without contrast has a standard deviation of 0, and one with little has mostly noise: bounds on the gain keep
# either from being blown up. Lightness keeps half of its contrast, which carries the expression; the two chromatic
# channels may lose all of it, since a grey photograph has none. The floor is far below a visible difference of 1.
SMALLEST_DEVIATION = 0.01
SMALLEST_GAIN = np.array([0.5, 0.0, 0.0])
LARGEST_GAIN = 2.0

_SAMPLES = 256  # colors that transport moves exactly
_NEAR = 2.0  # Delta E 1976 within which samples speak for a color; below it, differences are hardly seen
_BATCH = 4096  # pixels at a time

# Of `steady_weights`. A pixel that is off by this many times the median counts nothing; Tukey's biweight in between.
_OUTLYING = 4.0
_ROUNDS = 6


def match_moments(
    colors: np.ndarray, reference: np.ndarray, weights: np.ndarray, *, bounded: bool = True
) -> np.ndarray:
    """Match mean and standard deviation per channel; without bounds, as the study's report has it (section 3.1.2)."""
    mean, deviation = _moments(colors, weights)
    target_mean, target_deviation = _moments(reference, weights)
    gain = target_deviation / deviation.clip(SMALLEST_DEVIATION)
    return (colors - mean) * (gain.clip(SMALLEST_GAIN, LARGEST_GAIN) if bounded else gain) + target_mean


def match_histograms(colors: np.ndarray, reference: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Match the distribution of each channel. Beyond the range that has weight, the end's shift goes on."""
    moved = np.empty_like(colors)
    for channel in range(3):
        values, levels = _distribution(colors[:, channel], weights)
        wanted, at = _distribution(reference[:, channel], weights)
        seen = colors[:, channel].clip(values[0], values[-1])
        moved[:, channel] = np.interp(np.interp(seen, values, levels), at, wanted) + (colors[:, channel] - seen)
    return moved


def match_covariance(colors: np.ndarray, reference: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Match mean and covariance; no direction grows by more than `LARGEST_GAIN`."""
    mean, covariance = _covariance(colors, weights)
    target_mean, target = _covariance(reference, weights)
    values, vectors = np.linalg.eigh(covariance)
    roots = np.sqrt(values.clip(SMALLEST_DEVIATION**2))
    root, inverse = (vectors * roots) @ vectors.T, (vectors / roots) @ vectors.T
    gains, directions = np.linalg.eigh(inverse @ _root(root @ target @ root) @ inverse)
    return (colors - mean) @ ((directions * gains.clip(0, LARGEST_GAIN)) @ directions.T) + target_mean


def transport(colors: np.ndarray, reference: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Move a sample of the colors onto a sample of the reference's at the least cost, and all others with them."""
    # POT loads every framework that is installed, PyTorch too, unless it is told not to.
    for framework in ("PYTORCH", "JAX", "CUPY", "TENSORFLOW"):
        os.environ.setdefault(f"POT_BACKEND_DISABLE_{framework}", "1")
    import ot

    # Evenly spread over the weight, at the same places of both pictures: nothing is drawn at random.
    total = np.cumsum(weights)
    sample = np.searchsorted(total, (np.arange(_SAMPLES) + 0.5) / _SAMPLES * total[-1])
    source, target = colors[sample], reference[sample]
    plan = ot.emd([], [], ot.dist(source, target))
    shift = target[plan.argmax(axis=1)] - source
    moved = np.empty_like(colors)
    for start in range(0, len(colors), _BATCH):
        batch = colors[start : start + _BATCH]
        away = (batch**2).sum(axis=1)[:, None] - 2 * batch @ source.T + (source**2).sum(axis=1)
        near = np.exp((away.min(axis=1, keepdims=True) - away) / (2 * _NEAR**2))
        moved[start : start + _BATCH] = batch + near @ shift / near.sum(axis=1, keepdims=True)
    return moved


def steady_weights(colors: np.ndarray, reference: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return ``weights`` less what the edit changed otherwise than the rest: a smear, an open mouth, float64 [n].

    The pictures lie on each other, so what remains of their difference after a transfer tells where they show different
    things. Transfer and weights are found in turns, beginning with the median shift (iteratively reweighted least
    squares, Tukey's biweight). Less than half of the weight may be wrong.
    """
    counted = weights > 0
    steady = np.zeros(len(weights))
    colors, reference, weights = colors[counted], reference[counted], weights[counted]
    moved = colors + [_median(difference, weights) for difference in (reference - colors).T]
    for _ in range(_ROUNDS):
        away = np.linalg.norm(moved - reference, axis=1)
        # What nobody sees is no outlier.
        scale = max(_median(away, weights), 1.0)
        steady[counted] = weights * (1 - (away / (_OUTLYING * scale)) ** 2).clip(0) ** 2
        moved = match_moments(colors, reference, steady[counted])
    return steady


TRANSFERS = {
    "lab": lambda colors, reference, weights: match_moments(colors, reference, weights, bounded=False),
    "lab-skin": match_moments,
    "histogram": match_histograms,
    "mkl": match_covariance,
    "transport": transport,
}


def _moments(colors: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean and (population) standard deviation per channel, float64 [3]."""
    # Plain sums rather than a matrix product, whose order of adding depends on the number of threads.
    weights = (weights / weights.sum())[:, None]
    mean = (weights * colors).sum(axis=0)
    return mean, np.sqrt((weights * (colors - mean) ** 2).sum(axis=0))


def _covariance(colors: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    mean, _ = _moments(colors, weights)
    apart = colors - mean
    products = (weights / weights.sum())[:, None, None] * apart[:, :, None] * apart[:, None, :]
    return mean, products.sum(axis=0)


def _root(matrix: np.ndarray) -> np.ndarray:
    """Return the root of a symmetric matrix; eigenvalues that rounding made negative count as 0."""
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(values.clip(0))) @ vectors.T


def _distribution(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the values that have weight, each once, rising, and the middle of each one's step in the distribution."""
    shown = weights > 0
    unique, place = np.unique(values[shown], return_inverse=True)
    share = np.bincount(place, weights[shown])
    return unique, (np.cumsum(share) - share / 2) / share.sum()


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    total = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(total, total[-1] / 2)])
