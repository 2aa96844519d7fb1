# ruff: noqa: RUF005 - arrays and tuples are added here, not joined
"""Things in front of the face: strands of hair, a hand at the cheek, a scarf over the chin, an object at the edge."""

from itertools import pairwise

import cv2
import numpy as np

from drawn.canvas import Coverage, darken, fill, paint, stroke
from drawn.colors import lab_to_linear
from drawn.curves import smooth
from drawn.grid import soften
from drawn.subject import Subject

_LOOSE = ("fringe", "bob", "curtain", "long", "wavy", "side part")


def paint_occlusion(canvas: np.ndarray, subject: Subject) -> Coverage | None:
    """Paint what the scene puts in front of the face; return what it covers, None if there is nothing."""
    painter = {"strand": _strand, "hand": _hand, "scarf": _scarf, "object": _object}.get(subject.scene.occlusion)
    if painter is None or (painter is _strand and subject.identity.hair.style not in _LOOSE):
        return None
    return painter(canvas, subject, subject.scene_generator("occlusion"))


def _strand(canvas: np.ndarray, subject: Subject, generator: np.random.Generator) -> Coverage:
    side, scale = generator.choice([-1.0, 1.0]), subject.scale
    color = lab_to_linear(subject.identity.hair.lab) * subject.light_at(np.array([(side * 0.6, 0.2)]))
    hairs = []
    for _ in range(22):
        shift, bend, end = generator.normal(0, 0.03), generator.normal(0, 0.03), generator.uniform(0.6, 1.05)
        line = np.array([(0.42, -1.05), (0.62, -0.62), (0.74, -0.1), (0.72, 0.45), (0.58, 0.9)])
        line[:, 1] = -1.05 + (line[:, 1] + 1.05) * end
        line[:, 0] += shift + bend * np.array([0, 0.3, 0.8, 1.4, 2.4])
        hairs.append(subject.on_face(smooth(line * (side, 1))))
    shadow = stroke(subject.view.shape, [hair + 0.03 * scale for hair in hairs], width=0.03 * scale, blur=0.02 * scale)
    darken(canvas, shadow, 0.75)
    coverage = stroke(subject.view.shape, hairs, width=0.0125 * scale)
    paint(canvas, coverage, color, 0.88)
    return coverage


def _hand(canvas: np.ndarray, subject: Subject, generator: np.random.Generator) -> Coverage:
    side, scale, shape = generator.choice([-1.0, 1.0]), subject.scale, subject.view.shape
    down = generator.uniform(-0.1, 0.25)
    # Four fingers along the cheek, the thumb under the jaw, the palm outside the face.
    palm = np.array(
        [(0.80, 1.05), (1.22, 0.98), (1.42, 1.35), (1.40, 2.0), (1.30, 3.0), (0.85, 3.0), (0.78, 1.9), (0.66, 1.5)]
    )
    fingers = [
        ((0.80, 1.15), (0.70, 0.86), (0.66, 0.50)),
        ((0.94, 1.10), (0.88, 0.74), (0.83, 0.30)),
        ((1.09, 1.10), (1.05, 0.72), (1.00, 0.32)),
        ((1.24, 1.18), (1.24, 0.90), (1.20, 0.55)),
    ]
    thumb = ((0.84, 1.62), (0.62, 1.56), (0.40, 1.60))
    whole = np.zeros(shape, np.float32)
    gaps = []
    for points, width in [*((finger, 0.150) for finger in fingers), (thumb, 0.175)]:
        line = subject.view.project(smooth(np.array(points) * (side, 1) + (0, down)), 0.8)
        whole = np.maximum(whole, stroke(shape, [line], width=width * scale).full(*shape))
        gaps.append(line)
    outline = subject.view.project(smooth((palm + (0, down)) * (side, 1), closed=True), 0.8)
    whole = np.maximum(whole, fill(shape, [outline]).full(*shape))
    height = sum(soften(whole, sigma * scale) * sigma for sigma in (0.025, 0.05, 0.1)) * scale * 1.6
    crease = stroke(shape, [0.5 * (a + b) for a, b in pairwise(gaps[:4])], width=0.02 * scale, blur=0.02 * scale)
    height -= crease.full(*shape) * 0.05 * scale
    slope_x, slope_y = (cv2.Sobel(height, cv2.CV_32F, *order, ksize=3, scale=1 / 8) for order in ((1, 0), (0, 1)))
    normals = np.stack([-slope_x, -slope_y, np.ones_like(height)], -1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    light = subject.scene.light.irradiance(normals) * subject.lit_level
    shadow = soften(np.roll(whole, round(0.05 * scale), 0), 0.05 * scale)
    canvas *= (1.0 - 0.45 * shadow)[..., None]
    skin = lab_to_linear(subject.identity.skin_lab) * light * (1.0 - 0.35 * crease.full(*shape))[..., None]
    coverage = Coverage(slice(0, shape[0]), slice(0, shape[1]), whole)
    paint(canvas, coverage, skin)
    for line in gaps[:4]:
        nail = line[-1] + (line[-2] - line[-1]) * 0.5
        column, row = np.clip(nail, 0, np.array(shape)[::-1] - 1).astype(int)
        pale = canvas[row, column] * (1.12, 1.0, 1.0) + 0.03
        spot = stroke(shape, [np.stack([nail, nail + (0, 0.05 * scale)])], width=0.07 * scale, blur=0.012 * scale)
        paint(canvas, spot, pale, 0.6)
    return coverage


def _scarf(canvas: np.ndarray, subject: Subject, generator: np.random.Generator) -> Coverage:
    scale, shape = subject.scale, subject.view.shape
    tone = lab_to_linear((generator.uniform(20, 80), generator.uniform(-25, 35), generator.uniform(-30, 35)))
    light = subject.scene.light.irradiance(np.array([[0, 0, 1.0]], np.float32))[0] * subject.lit_level
    top = float(subject.resting[8, 1]) - 0.06
    right = np.array(
        [
            (0, top + 0.04),
            (0.4, top - 0.01),
            (0.8, top - 0.14),
            (1.05, top - 0.18),
            (1.2, top + 0.1),
            (1.35, 2.6),
            (0, 3.2),
        ]
    )
    polygon = subject.body.project(smooth(np.concatenate([right, right[-2:0:-1] * (-1, 1)]), closed=True))
    darken(canvas, fill(shape, [polygon - (0, 0.04 * scale)], blur=0.05 * scale), 0.65)
    coverage = fill(shape, [polygon])
    paint(canvas, coverage, tone * light)
    folds = [
        subject.body.project(
            smooth(np.array([(-1.15, top + d), (0, top + 0.16 + 1.2 * d), (1.15, top + 0.9 * d - 0.05)]))
        )
        for d in (0.05, 0.22, 0.42)
    ]
    darken(canvas, stroke(shape, folds, width=0.06 * scale, blur=0.03 * scale), 0.62)
    return coverage


def _object(canvas: np.ndarray, subject: Subject, generator: np.random.Generator) -> Coverage:
    size = subject.view.size
    side, width = generator.choice([0.0, 1.0]), generator.uniform(0.05, 0.15)
    tilt = generator.normal(0, 0.08)
    tone = lab_to_linear((generator.uniform(10, 80), generator.uniform(-20, 25), generator.uniform(-25, 25)))
    edge = width if side == 0 else 1 - width
    polygon = (
        np.array([(side * 1.4 - 0.2, -0.3), (edge + tilt, -0.3), (edge - tilt, 1.3), (side * 1.4 - 0.2, 1.3)]) * size
    )
    coverage = fill(subject.view.shape, [polygon], blur=0.02 * size)
    paint(canvas, coverage, tone * 0.8)
    return coverage
