"""Numbers that say how good edits are, each with what is known to be true on the other side."""

from collections.abc import Sequence

import cv2
import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import roc_auc_score

from drawn.truth.sitters import Picture
from synface.core.lab import ciede2000, to_lab

_EXPRESSIVE = (slice(17, 22), slice(22, 27), slice(36, 42), slice(42, 48), slice(48, 60))  # brows, eyes, mouth
_FINE = 1.5  # pixels: what a blur of this deviation takes away


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


def skin_differences(edits: np.ndarray, originals: np.ndarray, skins: Sequence[np.ndarray]) -> np.ndarray:
    """Return CIEDE2000 between the mean skin of each of ``edits`` and of each original.

    Args:
        edits: uint8 RGB [N, E, S, S, 3], E of every person.
        originals: uint8 RGB [N, S, S, 3].
        skins: of every original, bool [S, S].

    Returns:
        float64 [N, E, N].
    """
    edited = np.array([[_mean_lab(image, skin) for image in own] for own, skin in zip(edits, skins, strict=True)])
    original = np.array([_mean_lab(image, skin) for image, skin in zip(originals, skins, strict=True)])
    return ciede2000(edited[:, :, None], original)


def background_differences(edits: np.ndarray, originals: np.ndarray, still: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean absolute difference of each of ``edits`` to each original, where its person's ``still`` is.

    Shapes as in `skin_differences`; in levels of 255.
    """
    tables = []
    for own, where in zip(edits, still, strict=True):
        pictures = originals[:, where].astype(np.int16)
        tables.append([np.abs(image[where] - pictures).mean(axis=(1, 2)) for image in own.astype(np.int16)])
    return np.array(tables)


def own_and_others(differences: np.ndarray) -> tuple[float, float]:
    """Return the mean of ``differences`` [N, E, N] to the own original, and to all others."""
    own = np.broadcast_to(np.eye(len(differences), dtype=bool)[:, None], differences.shape)
    return float(differences[own].mean()), float(differences[~own].mean())


def _mean_lab(image: np.ndarray, where: np.ndarray) -> np.ndarray:
    return to_lab(image[where]).mean(axis=0)


def expressive_region(pictures: Sequence[Picture]) -> np.ndarray:
    """Return where brows, eyes and mouth are in any of ``pictures``, a little widened: bool [H, W]."""
    mask = np.zeros(pictures[0].image.shape[:2], np.uint8)
    for picture in pictures:
        for part in _EXPRESSIVE:
            cv2.fillConvexPoly(mask, cv2.convexHull(np.round(picture.landmarks[part]).astype(np.int32)), 1)
    reach = max(1, round(0.03 * len(mask)))
    return cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)).astype(bool)


# Brows, lids, mouth corners and lips, of the 68 landmarks.
MOVING = [*range(17, 27), *range(36, 68)]


def displacement(moved: np.ndarray, aim: np.ndarray) -> float:
    """Return how much of ``aim`` the displacements ``moved`` are: 1 all of it, 0 nothing, below 0 the contrary.

    Both are [N, 68, 2], in any one unit, of N faces; what counts is the part along the aim, of `MOVING` landmarks.
    """
    moved, aim = (np.asarray(each, dtype=float)[:, MOVING] for each in (moved, aim))
    return float((moved * aim).sum() / np.square(aim).sum())


def speckles(edit: np.ndarray, original: np.ndarray, still: np.ndarray) -> float:
    """Return the fine part of what an edit changes where nothing should: a root mean square in levels of 255.

    Args:
        edit: uint8 [S, S, 3].
        original: uint8 [S, S, 3].
        still: bool [S, S], where the true edit changes nothing; a margin around what it changes is left out.
    """
    change = edit.astype(np.float32) - original
    fine = change - cv2.GaussianBlur(change, (0, 0), _FINE)
    where = cv2.erode(still.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=1).astype(bool)
    return float(np.sqrt(np.square(fine[where]).mean())) if where.any() else 0.0


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
