# ruff: noqa: RUF005 - arrays and tuples are added here, not joined
"""Facial hair: the shadow of a shaven beard, stubble, moustache and beard, by density on the head grid."""

import cv2
import numpy as np

from drawn import grid
from drawn.brows import brow_color
from drawn.curves import smooth
from drawn.pixels import tinted, toward_color, tripled
from drawn.subject import Subject
from drawn.textures import SIZE, bristles


def _areas(subject: Subject) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return where moustache, chin beard and cheek beard grow, each [H, W] in [0, 1] on the head grid."""
    points = subject.points
    upper = np.concatenate(
        [
            points[48:55],
            [points[54] + (0.11, 0.07)],
            [points[54] + (0.07, -0.07)],
            [points[35] + (0.03, 0.055)],
            [points[33] + (0, 0.055)],
            [points[31] + (-0.03, 0.055)],
            [points[48] + (-0.07, -0.07)],
            [points[48] + (-0.11, 0.07)],
        ]
    )
    lower = smooth(points[[48, 59, 58, 57, 56, 55, 54]], steps=3)
    chin = np.concatenate(
        [lower, [points[54] + (0.12, 0.0)], points[[10, 9, 8, 7, 6]] + (0, 0.02), [points[48] + (-0.12, 0.0)]]
    )
    sideburn = np.array([0.035, 0.0])
    cheeks = np.concatenate(
        [
            points[16:8:-1] * (1.0, 1.0),
            points[8:9] + (0, 0.02),
            points[7::-1],
            [points[0] + 2.5 * sideburn],
            [points[2] + (0.12, 0.0)],
            [points[3] + (0.22, 0.0)],
            [points[48] + (-0.16, -0.02)],
            [points[48] + (0, 0.18)],
            [points[54] + (0, 0.18)],
            [points[54] + (0.16, -0.02)],
            [points[13] + (-0.22, 0.0)],
            [points[14] + (-0.12, 0.0)],
            [points[16] - 2.5 * sideburn],
        ]
    )
    return grid.region(upper, 0.022), grid.region(chin, 0.030), grid.region(cheeks, 0.035)


def paint_beard(albedo: np.ndarray, subject: Subject) -> None:
    """Paint facial hair into the skin's colors."""
    beard = subject.identity.beard
    if max(beard.shadow, beard.moustache, beard.chin, beard.cheeks) < 0.05:
        return
    moustache, chin, cheeks = _areas(subject)
    everywhere = np.maximum(np.maximum(moustache, chin), cheeks)
    density = np.maximum(np.maximum(beard.moustache * moustache, beard.chin * chin), beard.cheeks * cheeks)
    u, v = subject.u, subject.v
    both = grid.warp(np.stack([density, everywhere], -1), u, v)
    density, everywhere = both[..., 0], both[..., 1]
    tone = brow_color(subject)
    dark = 1.0 - 0.9 * float(subject.identity.hair.lab[0]) / 90.0
    albedo *= toward_color(0.30 * dark * beard.shadow * everywhere, (0.0, 0.14, 0.26))
    offset = subject.generator("beard").uniform(0, SIZE, 2).astype(np.float32)
    middle = float(subject.points[8, 0])
    lean = (u - middle) * (0.8 - 0.45 * np.clip(v - 0.9, 0, 1))
    texture = cv2.remap(
        bristles(),
        lean * np.float32(85) + offset[0],
        v * np.float32(85) + offset[1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT,
    )
    alpha = np.clip(1.25 * density + 0.16 * texture * np.minimum(4 * density * (1.08 - density), 1) - 0.08, 0, 1)
    color = tinted(np.exp(0.22 * np.clip(texture, -2, 2)), tone)
    albedo += tripled(0.92 * alpha) * (color - albedo)
