"""Can a classifier tell blended borders from untouched ones? An area under the ROC curve of .5 is what one wants.

It sees the colors across two borders, the box's and the face's outline, from 8 pixels inside to 8 outside, in CIELAB. A
linear one sees how strongly they rise and bend, averaged over each quarter of the way around; a small network
(`synface.adaptation.network`) sees the quarters as they are. Both are trained on other portraits than they are asked
about.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from synface.core.draws import keyed_generator
from synface.faces.outline import face_outline
from synface.faces.table import Face

_SEED = 7132
_ALONG, _QUARTERS, _REACH = 96, 4, 8
_FOLDS, _RESAMPLES = 5, 1000
_PENALTY = 0.02  # inverse strength of the ridge: features are many and alike


Folds = Sequence[tuple[np.ndarray, np.ndarray]]
"""The rows that a classifier learns from, and those that it is asked about."""
Classifier = Callable[[np.ndarray, np.ndarray, Folds], np.ndarray]
"""Takes what is seen [n, ...], the truth [n] and the folds; scores each row, higher where it seems blended."""


def border_strips(lab: np.ndarray, face: Face) -> np.ndarray:
    """Return the colors across both borders of CIELAB [H, W, 3]: float32 [4, 2, 24, 17, 3].

    Quarters of the way around; the box and the outline; along; across, from inside to outside; L, a and b.
    """
    left, top, right, bottom = face.box
    box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)
    strips = [_across(lab, corners) for corners in (box, face_outline(face.landmarks))]
    return np.stack([strip.reshape(_QUARTERS, _ALONG // _QUARTERS, *strip.shape[1:]) for strip in strips], axis=1)


def profiles_of(strips: np.ndarray) -> np.ndarray:
    """Return what the linear classifier sees of `border_strips`: float32 [4, features], one row per quarter."""
    rises = [np.abs(np.diff(strips, n=order, axis=3)).mean(axis=2) for order in (1, 2)]
    return np.log1p(np.concatenate([rise.reshape(_QUARTERS, 2, -1) for rise in rises], axis=2)).reshape(_QUARTERS, -1)


def linear(seen: np.ndarray, truth: np.ndarray, folds: Folds) -> np.ndarray:
    """Score by a logistic regression, see `Classifier`."""
    scores = np.empty(len(truth))
    for learn, ask in folds:
        model = make_pipeline(StandardScaler(), LogisticRegression(C=_PENALTY, max_iter=1000))
        scores[ask] = model.fit(seen[learn], truth[learn]).decision_function(seen[ask])
    return scores


def detectability(
    untouched: np.ndarray, blended: np.ndarray, portraits: Sequence[str], classifier: Classifier = linear
) -> tuple[float, float, float]:
    """Return the area under the ROC curve and its 95 % interval, by resampling portraits.

    Args:
        untouched: what the classifier sees of the portraits, [n, 4, ...].
        blended: of the composites made of them, [n, 4, ...].
        portraits: whose each is, [n]; no portrait is on both sides of training. nan for fewer than `_FOLDS` portraits.
        classifier: `linear`, which sees `profiles_of`, or another one.
    """
    names = np.asarray(portraits)
    if len(set(names)) < _FOLDS:
        return np.nan, np.nan, np.nan
    seen = np.concatenate([part.reshape(-1, *part.shape[2:]) for part in (untouched, blended)])
    truth = np.repeat([0, 1], len(names) * _QUARTERS)
    whose = np.tile(np.repeat(names, _QUARTERS), 2)
    scores = classifier(seen, truth, list(GroupKFold(_FOLDS).split(truth, truth, whose)))
    # How often portrait i's blended border scores above portrait j's untouched one; resampling portraits weighs these.
    order = sorted(set(names))
    parts = [np.array([scores[(whose == name) & (truth == kind)] for name in order], object) for kind in (0, 1)]
    wins = np.array([[_wins(blended, other) for other in parts[0]] for blended in parts[1]])
    pairs = np.array([[len(blended) * len(other) for other in parts[0]] for blended in parts[1]])
    weights = keyed_generator(_SEED, "resample").multinomial(len(order), [1 / len(order)] * len(order), _RESAMPLES)
    areas = np.einsum("ri,ij,rj->r", weights, wins, weights) / np.einsum("ri,ij,rj->r", weights, pairs, weights)
    return float(wins.sum() / pairs.sum()), *(float(end) for end in np.quantile(areas, [0.025, 0.975]))


def _wins(blended: np.ndarray, untouched: np.ndarray) -> float:
    """Return how many pairs the first wins, ties half."""
    apart = np.asarray(blended, float)[:, None] - np.asarray(untouched, float)
    return float((apart > 0).sum() + (apart == 0).sum() / 2)


def _across(lab: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Walk around a convex polygon and look across it: float32 [along, across, 3]."""
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(sides, axis=1)
    at = (np.arange(_ALONG) + 0.5) / _ALONG * lengths.sum()
    begun = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    side = np.searchsorted(begun, at, side="right") - 1
    unit = sides[side] / lengths[side, None]
    points = corners[side] + (at - begun[side])[:, None] * unit
    normal = np.stack([unit[:, 1], -unit[:, 0]], axis=1)
    across = np.arange(-_REACH, _REACH + 1)
    grid = (points[:, None] + across[:, None] * normal[:, None]).astype(np.float32)
    seen = cv2.remap(lab, grid[..., 0], grid[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    return seen.astype(np.float32)
