"""Can a classifier tell blended borders from untouched ones? An area under the ROC curve of .5 is what one wants.

It sees the colors across two borders, the box's and the face's outline: how strongly they rise and bend from 8 pixels
inside to 8 outside, in CIELAB, averaged over each quarter of the way around. It is trained on other portraits than it
is asked about.
"""

from collections.abc import Sequence

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


def border_profiles(lab: np.ndarray, face: Face) -> np.ndarray:
    """Return what the classifier sees of CIELAB [H, W, 3]: float32 [4, features], one row per quarter."""
    left, top, right, bottom = face.box
    box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)
    return np.hstack([_profiles(lab, corners) for corners in (box, face_outline(face.landmarks))])


def detectability(untouched: np.ndarray, blended: np.ndarray, portraits: Sequence[str]) -> tuple[float, float, float]:
    """Return the area under the ROC curve and its 95 % interval, by resampling portraits.

    Args:
        untouched: `border_profiles` of the portraits, [n, 4, features].
        blended: of the composites made of them, [n, 4, features].
        portraits: whose each is, [n]; no portrait is on both sides of training. nan for fewer than `_FOLDS` portraits.
    """
    names = np.asarray(portraits)
    if len(set(names)) < _FOLDS:
        return np.nan, np.nan, np.nan
    seen = np.concatenate([untouched.reshape(-1, untouched.shape[2]), blended.reshape(-1, blended.shape[2])])
    truth = np.repeat([0, 1], len(names) * _QUARTERS)
    whose = np.tile(np.repeat(names, _QUARTERS), 2)
    scores = np.empty(len(truth))
    for learn, ask in GroupKFold(_FOLDS).split(seen, truth, whose):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=_PENALTY, max_iter=1000))
        scores[ask] = model.fit(seen[learn], truth[learn]).decision_function(seen[ask])
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


def _profiles(lab: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Walk around a convex polygon and look across it."""
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
    rises = [np.abs(np.diff(seen, n=order, axis=1)) for order in (1, 2)]
    quarters = [rise.reshape(_QUARTERS, _ALONG // _QUARTERS, -1).mean(axis=1) for rise in rises]
    return np.log1p(np.hstack(quarters)).astype(np.float32)
