"""How landmarks move from a portrait to its edit, beside how a real face of that emotion differs from a neutral one."""

from collections.abc import Sequence

import numpy as np

from synface.core.emotions import LABELS
from synface.faces.align import similarity_between

_STILL = [27, 28, 29, 30, 33, 36, 39, 42, 45]  # the nose and the corners of the eyes: no expression moves them far
_LEAST = 5  # faces of an emotion from which its direction is taken


def upright(points: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Return shapes [N, 68, 2] turned, scaled and shifted so that their still points lie on those of ``template``."""
    found = np.empty_like(points, dtype=float)
    for index, shape in enumerate(points.astype(float)):
        matrix = similarity_between(shape[_STILL], template[_STILL])
        found[index] = shape @ matrix[:, :2].T + matrix[:, 2]
    return found


def directions_of(points: np.ndarray, labels: Sequence[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return a template, float64 [68, 2], and how the mean shape of each emotion differs from the neutral one.

    Of emotions with fewer than five faces, and where neutral ones lack, nothing is returned.

    Args:
        points: [N, 68, 2] of labelled faces.
        labels: their emotions.
    """
    labels = np.asarray(labels, dtype=object)
    template = points.mean(axis=0, dtype=float) if len(points) else np.zeros((68, 2))
    means = {name: points[labels == name] for name in LABELS if (labels == name).sum() >= _LEAST}
    means = {name: upright(some, template).mean(axis=0) for name, some in means.items()}
    neutral = means.pop("neutral", None)
    return template, {} if neutral is None else {name: mean - neutral for name, mean in means.items()}


def moved_along(
    before: np.ndarray,
    after: np.ndarray,
    labels: Sequence[str],
    template: np.ndarray,
    directions: dict[str, np.ndarray],
) -> np.ndarray:
    """Return how far each face moved along the direction of its emotion, float64 [N]; NaN where that is not known.

    1 is as far as real faces of that emotion differ from neutral ones, 0 not at all.
    """
    found = np.full(len(before), np.nan)
    moved = upright(after, template) - upright(before, template)
    for index, label in enumerate(labels):
        if label in directions:
            direction = directions[label]
            found[index] = (moved[index] * direction).sum() / (direction**2).sum()
    return found
