"""The 68 landmarks of a face seen from the front, at rest and under action units.

Layout: iBUG 300-W (Sagonas et al., 2013): 0-16 jaw, 17-26 brows, 27-35 nose, 36-47 eyes, 48-67 lips, left and right as
seen in the image. Proportions of the average face: Farkas, *Anthropometry of the Head and Face* (1994), in head units
of 70 mm (pupils 63 mm apart, eye line to chin 112 mm, lip opening 50 mm wide).
"""

import numpy as np

from drawn.action_units import Expression
from drawn.displacements import DISPLACEMENTS
from drawn.identity import Identity
from synface.core.draws import keyed_generator

# The image's right half of the face; mirrored below.
_JAW = [
    (0.0, 1.60),
    (0.245, 1.565),
    (0.46, 1.455),
    (0.635, 1.275),
    (0.775, 1.045),
    (0.875, 0.79),
    (0.943, 0.53),
    (0.985, 0.26),
    (1.0, 0.0),
]
_BROW = [(0.185, -0.285), (0.33, -0.345), (0.48, -0.375), (0.63, -0.355), (0.755, -0.275)]
_EYE = [(0.235, 0.025), (0.375, -0.076), (0.535, -0.078), (0.675, -0.006), (0.54, 0.066), (0.375, 0.067)]
_MOUTH_V = 0.985


def _both(right: np.ndarray) -> np.ndarray:
    return np.concatenate([right[::-1] * (-1.0, 1.0), right])


def _eyes(identity: Identity) -> np.ndarray:
    center = np.array([0.455, 0.0])
    right = (np.array(_EYE) - center) * identity.eye_size
    right[[1, 2], 1] *= identity.eye_opening
    right[[4, 5], 1] *= 0.5 + 0.5 * identity.eye_opening
    right[:, 1] -= identity.eye_tilt * (right[:, 0] / 0.22)
    right += center * (identity.eye_spacing, 1.0)
    left = right[[3, 2, 1, 0, 5, 4]] * (-1.0, 1.0)
    return np.concatenate([left, right])


def _mouth(identity: Identity) -> np.ndarray:
    half, top, bottom = 0.38 * identity.mouth_width, 0.90 * identity.upper_lip, 0.95 * identity.lower_lip
    outer_top = [(-1, -0.002), (-0.56, -0.078 * top), (-0.19, -0.118 * top), (0, -0.098 * top)]
    outer_bottom = [(0.55, 0.098 * bottom), (0.22, 0.142 * bottom), (0, 0.150 * bottom)]
    inner = [(-0.86, 0.0), (-0.28, -0.002), (0, 0.006), (0.28, -0.002), (0.86, 0.0), (0.28, 0.002), (0, 0.010)]
    upper = outer_top + [(-u, v) for u, v in outer_top[2::-1]]
    lower = outer_bottom + [(-u, v) for u, v in outer_bottom[1::-1]]
    points = np.array(upper + lower + [*inner, (-0.28, 0.0)])
    line = _MOUTH_V + 0.30 * (identity.philtrum - 1.0) + 0.72 * (identity.nose_length - 1.0) * 0.6
    return points * (half, 1.0) + (0.0, line)


def neutral_landmarks(identity: Identity) -> np.ndarray:
    """Return the 68 landmarks (u, v) of a resting face, float64 [68, 2], in head units."""
    jaw = np.array(_JAW)
    share = np.arange(9) / 8  # 0 at the chin, 1 at the ear
    width = np.interp(share, [0, 0.25, 0.55, 1], [identity.chin_width, identity.chin_width, identity.jaw_width, 1.0])
    jaw[:, 0] *= np.sqrt(width * np.interp(share, [0, 0.25, 0.55, 1], [1, identity.jaw_width, identity.jaw_width, 1.0]))
    jaw[:, 0] *= identity.face_width
    jaw[:, 1] *= 1.0 + (identity.chin_length - 1.0) * np.clip(jaw[:, 1] / 1.0, 0, 1)
    brow = np.array(_BROW)
    brow[:, 1] += 0.05 * (1.0 - identity.brow_arch) * np.array([0, 0.5, 1, 0.8, 0]) - identity.brow_height
    brow[:, 1] -= identity.brow_tilt * np.linspace(-1, 1, 5)
    brow[:, 0] *= identity.eye_spacing
    nose_end = 0.72 * identity.nose_length - 0.04
    bridge = np.stack([np.zeros(4), np.linspace(-0.02, nose_end - 0.135, 4)], 1)
    base = np.array([(0.0, 0.0), (0.105, -0.018), (0.205, -0.055)]) * (identity.nose_width, 1.0) + (0.0, nose_end)
    landmarks = np.concatenate(
        [
            _both(jaw[1:])[:8],
            jaw[:1],
            jaw[1:],
            _both(brow),
            bridge,
            _both(base[1:])[:2],
            base[:1],
            base[1:],
            _eyes(identity),
            _mouth(identity),
        ]
    )
    # No face is symmetric: low-order offsets of under a millimetre.
    unevenness = keyed_generator(identity.seed, "unevenness").normal(0.0, 0.006, (6, 2))
    groups = np.repeat(np.arange(6), [17, 5, 5, 9, 12, 20])
    return landmarks + unevenness[groups] * (np.abs(landmarks[:, :1]) < 0.9)


def expressive_landmarks(identity: Identity, expression: Expression) -> np.ndarray:
    """Return the 68 landmarks (u, v) of ``identity`` showing ``expression``, float64 [68, 2], in head units.

    Action units add up; then lids and lips are kept from passing through each other.
    """
    points = neutral_landmarks(identity)
    side = 1.0 + np.clip(expression.asymmetry, -1, 1) * np.sign(points[:, :1]) * (np.abs(points[:, :1]) > 0.05)
    for unit, strength in expression.action_units.items():
        points = points + DISPLACEMENTS[unit] * strength * side
    for upper, lower in ((37, 41), (38, 40), (43, 47), (44, 46)):
        points[upper, 1] = min(points[upper, 1], points[lower, 1] - 0.045)
    for upper, lower in ((61, 67), (62, 66), (63, 65)):
        middle = (points[upper, 1] + points[lower, 1]) / 2
        points[upper, 1], points[lower, 1] = min(points[upper, 1], middle), max(points[lower, 1], middle)
    for outer, inner in ((50, 61), (51, 62), (52, 63)):
        points[outer, 1] = min(points[outer, 1], points[inner, 1] - 0.022)
    for outer, inner in ((58, 67), (57, 66), (56, 65)):
        points[outer, 1] = max(points[outer, 1], points[inner, 1] + 0.03)
    return points
