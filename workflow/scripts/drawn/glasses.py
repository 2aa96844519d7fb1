"""Spectacles."""

import numpy as np

from drawn.canvas import darken, fill, paint, stroke
from drawn.colors import lab_to_linear
from drawn.subject import Subject

_DEPTH = 1.12  # distance of the lenses from the plane of the ears, in head units


def _place(subject: Subject) -> tuple[float, float]:
    """Return the distance of the lenses' centers from the middle, and their height, in head units."""
    return 0.475 * subject.identity.eye_spacing + 0.015, float(subject.resting[36:48, 1].mean()) + 0.03


def paint_temples(canvas: np.ndarray, subject: Subject) -> None:
    """Paint the temples, which run from the lenses to the ears, under the hair."""
    glasses = subject.identity.glasses
    if glasses is None:
        return
    middle, level = _place(subject)
    start, end = middle + glasses.width, subject.identity.face_width * 0.985
    color = lab_to_linear(glasses.lab) * subject.light_at(np.array([(-0.5, level), (0.5, level)])) * 0.8
    for side in (-1, 1):
        arm = subject.view.project(
            np.array([(side * start, level - 0.08), (side * end, level - 0.10)]), np.array([_DEPTH - 0.33, 0.0])
        )
        paint(canvas, stroke(subject.view.shape, [arm], width=0.9 * glasses.thickness * subject.scale), color, 0.95)


def paint_glasses(canvas: np.ndarray, subject: Subject) -> None:
    """Paint frame, bridge, the shadow on the cheeks and a faint reflection."""
    glasses = subject.identity.glasses
    if glasses is None:
        return
    shape, scale = subject.view.shape, subject.scale
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    power = 2.0 / (1.0 + 2.6 * (1.0 - glasses.roundness) + 1.0)
    ring = np.stack(
        [
            glasses.width * np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power,
            glasses.height * np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power,
        ],
        1,
    )
    middle, level = _place(subject)
    lenses = []
    for side in (-1, 1):
        lens = ring * (side, 1) + (side * middle, level)
        # Lenses follow the curve of the face: their outer side lies farther back.
        depth = _DEPTH - 0.35 * np.maximum(np.abs(lens[:, 0]) - 0.2, 0) ** 1.5
        lenses.append(subject.view.project(lens, depth))
    nose = middle - glasses.width
    across = np.linspace(-1, 1, 9)
    bridge = subject.view.project(np.stack([across * nose, level - 0.05 - 0.05 * (1 - across**2)], 1), _DEPTH)
    shadow = [line + np.array([-0.08 * subject.scene.light.key[0], 0.07]) * scale for line in lenses]
    darken(
        canvas,
        stroke(shape, shadow, width=1.3 * glasses.thickness * scale, blur=0.022 * scale, closed=True),
        np.array([0.72, 0.66, 0.65]),
    )
    glass = fill(shape, lenses)
    canvas[glass.place] += (0.012 * glass.alpha)[..., None]
    sheen = [line.mean(0) + (line - line.mean(0)) * (0.20, 0.75) + np.array([-0.12, -0.05]) * scale for line in lenses]
    glare = fill(shape, sheen, blur=0.05 * scale)
    canvas[glare.place] += (0.035 * glare.alpha)[..., None]
    color = lab_to_linear(glasses.lab) * subject.light_at(np.array([(0.0, level), (-0.5, level), (0.5, level)]))
    width = glasses.thickness * scale
    paint(canvas, stroke(shape, lenses, width=width, closed=True), color, 0.96)
    paint(canvas, stroke(shape, [bridge], width=width), color, 0.96)
    shine = [line - (0, 0.22 * width) for line in lenses]
    gloss = stroke(shape, shine, width=0.25 * width, closed=True)
    canvas[gloss.place] += (0.10 * gloss.alpha)[..., None]
