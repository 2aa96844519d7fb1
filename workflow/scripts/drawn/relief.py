# ruff: noqa: RUF005 - arrays and tuples are added here, not joined
"""The relief of the face: a height map on the head grid that follows the landmarks and the action units.

Everything that shades the skin is here: the dome of the head, sockets, nose, cheeks, lips, chin, and the folds that
action units and age carve. One unit is 70 mm.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from drawn import grid
from drawn.curves import smooth
from drawn.grid import bump, bumps
from drawn.identity import Identity

_CRANIUM = [(0.0, -1.66), (0.28, -1.63), (0.55, -1.52), (0.78, -1.32), (0.94, -1.03), (1.015, -0.70), (1.025, -0.35)]


@dataclass(frozen=True)
class Relief:
    """Height maps on the head grid: ``dome`` without features, ``depth`` for the pose, ``height`` with everything."""

    dome: np.ndarray
    depth: np.ndarray
    height: np.ndarray


def head_outline(landmarks: np.ndarray, identity: Identity) -> np.ndarray:
    """Return the closed outline of the head, jaw and cranium, [N, 2] in head units."""
    cranium = np.array(_CRANIUM) * (identity.face_width, identity.cranium)
    points = np.concatenate([landmarks[16::-1], cranium[:0:-1] * (-1, 1), cranium])
    return smooth(points, closed=True)


def dome_of(outline: np.ndarray) -> np.ndarray:
    """Return the height of a head without features whose silhouette is ``outline``: elliptic across and down."""
    u, v = grid.axes()
    crown, chin = outline[:, 1].min(), outline[:, 1].max()
    right = outline[outline[:, 0] >= 0]
    right = right[np.argsort(right[:, 1])]
    left = outline[outline[:, 0] <= 0]
    left = left[np.argsort(left[:, 1])]
    rows = v[:, 0]
    half = 0.5 * (np.interp(rows, right[:, 1], right[:, 0]) - np.interp(rows, left[:, 1], left[:, 0]))
    # Near the chin the outline closes faster than the surface curves: a floor keeps the cross-sections round.
    half = np.maximum(cv2.GaussianBlur(half.astype(np.float32)[:, None], (1, 0), 4)[:, 0], 0.5) * 1.015
    across = np.maximum(1.0 - np.abs(u / half[:, None]) ** 2.3, 0.0) ** 0.55
    middle = 0.15
    toward = np.where(v < middle, (v - middle) / (crown - middle), (v - middle) / (1.08 * (chin - middle)))
    down = np.maximum(1.0 - np.abs(toward) ** 2.9, 0.0) ** 0.5
    return cv2.GaussianBlur((1.08 * across * down).astype(np.float32), (0, 0), 0.035 * grid.PER_UNIT)


def _nose(points: np.ndarray, identity: Identity) -> np.ndarray:
    u, v = grid.axes()
    ala = 0.5 * float(points[35, 0] - points[31, 0])
    start, end = float(points[27, 1]), float(points[33, 1])
    rows = v[:, 0]
    along = np.clip((rows - start + 0.1) / (end - start + 0.1), 0, 1)
    ridge = identity.nose_height * (0.075 + 0.165 * along**1.3) / (1.0 + np.exp(-(rows - start + 0.06) / 0.05))
    width = 0.074 + 0.042 * along**2
    center = np.interp(rows, points[[27, 28, 29, 30, 33], 1], points[[27, 28, 29, 30, 33], 0]).astype(np.float32)
    aside = u - center[:, None]
    height = ridge[:, None] * np.exp(-0.5 * (aside / width[:, None]) ** 2)
    # The tip reaches lowest in the middle and rises to the sides, so that its edge below is an arc.
    below = (v - (end - 0.022) + 1.1 * aside * aside) * np.float32(1 / 0.026)
    height /= 1.0 + np.exp(np.minimum(below, 30.0))
    height += 0.085 * bump(points[33, 0], end - 0.075, 0.075, 0.060)
    for index in (31, 35):
        side = float(np.sign(points[index, 0]))
        height += 0.105 * bump(points[index, 0] - side * 0.012, points[index, 1] - 0.028, 0.27 * ala, 0.050)
    return cv2.GaussianBlur(height.astype(np.float32), (0, 0), 1.1)


def _flesh(points: np.ndarray, identity: Identity, units: Mapping[int, float]) -> np.ndarray:
    eye = 0.5 * (points[[36, 39]].mean(0) * (-1, 1) + points[[42, 45]].mean(0))
    brow = np.abs(points[17:27, 0]).mean(), points[17:27, 1].mean()
    mouth = points[[48, 54]].mean(0)
    corner = 0.5 * (points[54] - points[48])[0]
    chin = points[8, 1]
    heavy = 0.3 + 0.7 * identity.masculinity
    height = 0.055 * heavy * bumps(0.40, brow[1] + 0.04, 0.24, 0.085)
    height -= 0.155 * bumps(eye[0] - 0.02, eye[1] - 0.01, 0.20, 0.125)
    height -= 0.085 * bumps(0.19, eye[1] - 0.01, 0.09, 0.12)
    height += 0.115 * bumps(eye[0], eye[1] + 0.005, 0.135, 0.085)
    height -= (0.012 + 0.03 * identity.age) * bumps(0.36, eye[1] + 0.20, 0.13, 0.04)
    cheek = 0.085 * identity.cheekbones
    height += cheek * bumps(0.62, 0.40, 0.20, 0.17)
    lifted = units[6] * 0.5 + units[12] * 0.6
    height += 0.085 * lifted * bumps(0.52, 0.42, 0.16, 0.12)
    height -= 0.05 * (0.4 + 0.6 * identity.age) * bumps(0.66, 0.88, 0.15, 0.22)
    height += 0.10 * bump(mouth[0], mouth[1] - 0.02, 0.30 * corner / 0.365, 0.24)
    height -= 0.022 * bump(points[51, 0], 0.5 * (points[33, 1] + points[51, 1]) + 0.02, 0.035, 0.07)
    height -= 0.05 * bump(points[57, 0], points[57, 1] + 0.085, 0.20, 0.045)
    boss = 0.075 + 0.05 * units[17]
    height += boss * bump(points[8, 0], chin - 0.17, 0.17, 0.10)
    for index, outward in ((48, -1), (54, 1)):
        pit = 0.035 + 0.03 * units[12] + 0.03 * units[15]
        height -= pit * bump(points[index, 0] + outward * 0.03, points[index, 1] + 0.005, 0.045, 0.05)
    return height.astype(np.float32)


def _lips(points: np.ndarray) -> np.ndarray:
    upper = np.concatenate([smooth(points[48:55], steps=3), smooth(points[[64, 63, 62, 61, 60]], steps=3)])
    lower = np.concatenate(
        [smooth(points[[54, 55, 56, 57, 58, 59, 48]], steps=3), smooth(points[[60, 67, 66, 65, 64]], steps=3)]
    )
    return 0.070 * grid.region(upper, 0.028) + 0.095 * grid.region(lower, 0.034)


def _folds(points: np.ndarray, identity: Identity, units: Mapping[int, float]) -> np.ndarray:
    age = identity.age
    wide: list[tuple[np.ndarray, float]] = []
    fine: list[tuple[np.ndarray, float]] = []
    for side, ala, corner, outer, brow in ((-1, 31, 48, 36, 21), (1, 35, 54, 45, 22)):
        wing, mouth = points[ala], points[corner]
        nasolabial = smooth(
            np.array(
                [
                    wing + (side * 0.055, -0.06),
                    wing + (side * 0.12, 0.06),
                    mouth + (side * 0.10, -0.13),
                    mouth + (side * 0.125, 0.04),
                ]
            )
        )
        wide.append(
            (nasolabial, 0.10 + 0.25 * age + 0.75 * units[12] + 0.55 * units[10] + 0.45 * units[9] + 0.2 * units[20])
        )
        marionette = smooth(
            np.array([mouth + (side * 0.045, 0.03), mouth + (side * 0.085, 0.15), mouth + (side * 0.09, 0.26)])
        )
        wide.append((marionette, 0.22 * age + 0.5 * units[15]))
        bag = smooth(
            np.array(
                [
                    points[outer] + (-side * 0.06, 0.10),
                    points[[41, 46][side > 0]] + (0, 0.12),
                    points[[40, 47][side > 0]] + (0, 0.115),
                    points[[39, 42][side > 0]] + (0, 0.055),
                ]
            )
        )
        wide.append((bag, 0.06 + 0.3 * age + 0.5 * units[6] + 0.25 * units[7]))
        for angle in (-0.45, -0.05, 0.35, 0.7):
            start = points[outer] + (side * 0.055, 0.07 * angle)
            fine.append(
                (
                    np.array([start, start + (side * 0.15, 0.15 * angle)]),
                    0.6 * units[6] * (0.35 + age) + 0.35 * max(age - 0.5, 0),
                )
            )
        frown = np.array(
            [
                points[brow] + (-side * 0.045, 0.07),
                points[brow] + (-side * 0.055, -0.05),
                points[brow] + (-side * 0.035, -0.13),
            ]
        )
        fine.append((smooth(frown), 0.95 * units[4] * (0.6 + 0.4 * age) + 0.25 * age))
        crease = np.array([points[brow] + (-side * 0.06, 0.16), points[brow] + (-side * 0.13, 0.21)])
        fine.append((crease, 0.8 * units[9]))
        for lower in (0.29, 0.36):
            fine.append((np.array([(side * 0.02, lower - 0.02), (side * 0.11, lower + 0.02)]), 0.9 * units[9]))
    # Forehead: raised brows fold it across, the inner ones only in the middle.
    lift = np.array([units[2], units[1], units[1], units[1], units[2]]) - 0.5 * units[4] * np.array([0, 1, 1, 1, 0])
    raised = float(np.clip(lift.max(), 0, 1.2))
    reach = 0.30 + 0.32 * min(units[2], 1.0)
    level = points[17:27, 1].min()
    for step, strength in ((0.16, 0.8), (0.27, 1.0), (0.385, 0.75)):
        arch = 0.045 * (units[1] - units[2])
        across = np.linspace(-1, 1, 9)
        line = np.stack([across * reach, level - step + arch * across**2 + 0.012 * np.cos(7 * across + step * 40)], 1)
        fine.append((line, strength * (0.85 * raised * (0.45 + 0.7 * age) + 0.4 * max(age - 0.35, 0))))
    return -0.050 * grid.lines(wide, 0.030) - 0.021 * grid.lines(fine, 0.016)


def shape_relief(landmarks: np.ndarray, identity: Identity, units: Mapping[int, float]) -> Relief:
    """Return the relief of a face with these landmarks [68, 2] and AU strengths."""
    dome = dome_of(head_outline(landmarks, identity))
    nose = _nose(landmarks, identity)
    depth = grid.soften(dome, 0.14 * grid.PER_UNIT) + 0.8 * grid.soften(nose, 0.05 * grid.PER_UNIT)
    height = dome + nose + _flesh(landmarks, identity, units) + _lips(landmarks) + _folds(landmarks, identity, units)
    return Relief(dome, depth, height)
