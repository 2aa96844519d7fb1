"""Numbers that say how good edits are, each with what is known to be true on the other side."""

from collections.abc import Sequence

import cv2
import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from synface.color_difference import ciede2000
from synface.drawing.colors import srgb_to_lab
from truth.sitters import Picture

_EXPRESSIVE = (slice(17, 22), slice(22, 27), slice(36, 42), slice(42, 48), slice(48, 60))  # brows, eyes, mouth


def verification(persons: np.ndarray, gallery: np.ndarray, owners: Sequence[int]) -> tuple[float, float]:
    """Tell whether each of ``persons`` [N, P] is nearer to its owner in ``gallery`` [M, P] than to the others.

    Returns:
        The area under the ROC curve over all N x M pairs (0.5: no better than chance), and the share of ``persons``
        whose nearest is the owner (1 / M by chance).
    """
    distances = np.linalg.norm(persons[:, None] - gallery[None], axis=2)
    own = np.asarray(owners)[:, None] == np.arange(len(gallery))
    return float(roc_auc_score(own.ravel(), -distances.ravel())), float(
        (distances.argmin(axis=1) == np.asarray(owners)).mean()
    )


def rises(values: np.ndarray, against: Sequence[float]) -> float:
    """Return the mean of Spearman's correlation of each row of ``values`` [N, K] with ``against`` [K].

    A row that never changes does not rise: it counts 0.
    """
    return float(np.mean([spearmanr(row, against).statistic if np.ptp(row) > 0 else 0.0 for row in values]))


def skin_color(image: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Return the mean CIELAB color [3] of the pixels ``skin`` bool [H, W] of ``image`` uint8 RGB [H, W, 3]."""
    return srgb_to_lab(image[skin]).mean(axis=0)


def color_difference(first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray]) -> float:
    """Return the CIEDE2000 difference between the mean colors of two images, each given with its skin."""
    return float(ciede2000(skin_color(*first), skin_color(*second)))


def expressive_region(pictures: Sequence[Picture]) -> np.ndarray:
    """Return where brows, eyes and mouth are in any of ``pictures``, a little widened: bool [H, W]."""
    mask = np.zeros(pictures[0].image.shape[:2], np.uint8)
    for picture in pictures:
        for part in _EXPRESSIVE:
            cv2.fillConvexPoly(mask, cv2.convexHull(np.round(picture.landmarks[part]).astype(np.int32)), 1)
    reach = max(1, round(0.03 * len(mask)))
    return cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)).astype(bool)


Pairs = Sequence[tuple[np.ndarray, np.ndarray]]


def share_left(pairs: Pairs) -> float:
    """Return the sum of the first of each pair over that of the second, both in absolute values."""
    first, second = (sum(float(np.abs(values).sum()) for values in side) for side in zip(*pairs, strict=True))
    return first / second


def agreement(pairs: Pairs) -> float:
    """Return the cosine between all first and all second changes of ``pairs``; 1: the same, 0: unrelated."""
    made, true = (np.concatenate([values.ravel() for values in side]) for side in zip(*pairs, strict=True))
    made, true = made.astype(float), true.astype(float)
    return float(made @ true / max(np.linalg.norm(made) * np.linalg.norm(true), 1e-9))
