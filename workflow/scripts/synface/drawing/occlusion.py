"""Things in front of the face: a strand of hair, a hand at the cheek, a scarf over the chin, an object at the edge."""

import numpy as np

from synface.drawing.canvas import darken, fill, paint, stroke
from synface.drawing.colors import lab_to_linear
from synface.drawing.curves import smooth
from synface.drawing.subject import Subject


def paint_occlusion(canvas: np.ndarray, subject: Subject) -> None:
    """Paint what the scene puts in front of the face, if anything."""
    painter = {"strand": _strand, "hand": _hand, "scarf": _scarf, "object": _object}.get(subject.scene.occlusion)
    if painter is not None:
        painter(canvas, subject, subject.scene_generator("occlusion"))


def _strand(canvas: np.ndarray, subject: Subject, generator: np.random.Generator) -> None:
    side = generator.choice([-1.0, 1.0])
    color = lab_to_linear(subject.identity.hair.lab) * subject.light_at(np.array([(side * 0.6, 0.2)]))
    strands = []
    for _ in range(16):
        shift = generator.normal(0, 0.028)
        line = np.array([(0.35, -1.0), (0.66, -0.5), (0.80, 0.0), (0.72, 0.55), (0.60, 0.95)]) + (shift, 0)
        line[-1, 0] += 2.5 * shift
        strands.append(subject.on_face(smooth(line * (side, 1))))
    paint(canvas, stroke(subject.view.shape, strands, width=0.022 * subject.scale), color, 0.9)


def _hand(canvas: np.ndarray, subject: Subject, generator: np.random.Generator) -> None:
    side, scale, shape = generator.choice([-1.0, 1.0]), subject.scale, subject.view.shape
    color = lab_to_linear(subject.identity.skin_lab) * subject.scene.light.irradiance(
        np.array([[side * 0.3, 0.0, 0.95]], np.float32)
    )[0] * subject.lit_level
    palm = np.array([(1.15, 1.0), (0.95, 0.85), (0.72, 1.1), (0.62, 1.5), (0.8, 2.2), (1.6, 2.4), (1.6, 1.4)])
    outline = subject.view.project(smooth(palm * (side, 1), closed=True), 0.9)
    darken(canvas, fill(shape, [outline + (-side * 0.05 * scale, 0)], blur=0.06 * scale), 0.6)
    paint(canvas, fill(shape, [outline]), color * 0.9)
    for index, (root, tip) in enumerate((((0.74, 1.15), (0.56, 0.62)), ((0.88, 0.98), (0.72, 0.40)), ((1.02, 0.95), (0.90, 0.30)),
                                         ((1.16, 1.05), (1.08, 0.42)))):  # fmt: skip
        line = subject.view.project(smooth(np.array([root, (np.add(root, tip) / 2 + (0.03, 0)), tip]) * (side, 1)), 1.0)
        darken(canvas, stroke(shape, [line + (0, 0.02 * scale)], width=0.18 * scale, blur=0.025 * scale), 0.62)
        paint(canvas, stroke(shape, [line], width=0.145 * scale, blur=0.006 * scale), color * (0.94 + 0.03 * index))
        paint(canvas, stroke(shape, [line - (0.02 * scale, 0)], width=0.05 * scale, blur=0.03 * scale), color * 1.15, 0.5)


def _scarf(canvas: np.ndarray, subject: Subject, generator: np.random.Generator) -> None:
    scale, shape = subject.scale, subject.view.shape
    chin = float(subject.points[8, 1])
    tone = lab_to_linear((generator.uniform(20, 80), generator.uniform(-25, 35), generator.uniform(-30, 35)))
    light = subject.scene.light.irradiance(np.array([[0, 0, 1.0]], np.float32))[0] * subject.lit_level
    top = chin - 0.10
    right = np.array([(0, top + 0.04), (0.4, top - 0.01), (0.8, top - 0.14), (1.05, top - 0.18), (1.2, top + 0.1), (1.35, 2.6), (0, 3.2)])
    outline = np.concatenate([right, right[-2:0:-1] * (-1, 1)])
    polygon = subject.body.project(smooth(outline, closed=True))
    darken(canvas, fill(shape, [polygon - (0, 0.04 * scale)], blur=0.05 * scale), 0.65)
    paint(canvas, fill(shape, [polygon]), tone * light)
    folds = [subject.body.project(smooth(np.array([(-1.2, top + d), (0, top + 0.16 + 1.2 * d), (1.2, top + 0.9 * d - 0.05)]))) for d in (0.05, 0.22, 0.42)]
    darken(canvas, stroke(shape, folds, width=0.06 * scale, blur=0.03 * scale), 0.62)


def _object(canvas: np.ndarray, subject: Subject, generator: np.random.Generator) -> None:
    size = subject.view.size
    side, width = generator.choice([0.0, 1.0]), generator.uniform(0.06, 0.17)
    tilt = generator.normal(0, 0.08)
    tone = lab_to_linear((generator.uniform(10, 80), generator.uniform(-20, 25), generator.uniform(-25, 25)))
    edge = width if side == 0 else 1 - width
    polygon = np.array([(side * 1.4 - 0.2, -0.3), (edge + tilt, -0.3), (edge - tilt, 1.3), (side * 1.4 - 0.2, 1.3)]) * size
    paint(canvas, fill(subject.view.shape, [polygon], blur=0.015 * size), tone * 0.8)
