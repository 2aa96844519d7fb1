"""Eyebrows: a soft strip between the brow landmarks and hairs that follow its direction."""

import numpy as np

from drawn.canvas import fill, paint, stroke
from drawn.colors import lab_to_linear
from drawn.curves import smooth
from drawn.subject import Subject


def brow_color(subject: Subject) -> np.ndarray:
    """Return the color of the brows, linear RGB: the hair's, darker, and never as light as fair skin."""
    lightness, a, b = subject.identity.hair.lab
    if subject.identity.hair.style == "headscarf":
        lightness, a, b = 20.0, 4.0, 6.0
    return lab_to_linear((min(0.68 * lightness + 3, 0.62 * subject.identity.skin_lab[0]), 0.8 * a + 1, 0.7 * b))


def paint_brows(albedo: np.ndarray, subject: Subject) -> None:
    """Paint both brows into the skin's colors."""
    identity, shape, scale = subject.identity, subject.view.shape, subject.scale
    color = brow_color(subject)
    thick = 0.050 * identity.brow_thickness
    for side, indices in ((-1, range(21, 16, -1)), (1, range(22, 27))):
        spine = smooth(subject.points[list(indices)], steps=8)
        share = np.linspace(0, 1, len(spine))[:, None]
        half = thick * np.clip(1.15 - 0.95 * share, 0.12, 1) * np.clip(0.55 + 4 * share, 0, 1)
        strip = np.concatenate([spine - np.hstack([0 * half, half]), (spine + np.hstack([0 * half, 0.8 * half]))[::-1]])
        paint(albedo, fill(shape, [subject.on_face(strip)], blur=0.016 * scale), color, 0.68)
        generator = subject.generator(f"brow {side}")
        count = 120
        where = generator.random(count) ** 0.9
        index = (where * (len(spine) - 1)).astype(int)
        offset = generator.uniform(-0.95, 0.95, count)
        root = spine[index] + np.stack([np.zeros(count), offset * half[index, 0]], 1)
        # Hairs rise near the nose and lie down towards the temple; the lower ones lean up, the upper ones down.
        angle = np.interp(where, [0, 0.25, 0.7, 1], [1.25, 0.62, 0.18, -0.35]) + 0.45 * offset * np.clip(
            2.5 * where, 0, 1
        )
        angle += generator.normal(0, 0.12, count)
        length = 0.085 * (0.75 + 0.4 * generator.random(count)) * np.clip(1.15 - 0.5 * where, 0.5, 1)
        tip = root + np.stack([side * np.cos(angle), -np.sin(angle)], 1) * length[:, None]
        ends = subject.on_face(np.concatenate([root, tip])).reshape(2, count, 2).transpose(1, 0, 2)
        paint(albedo, stroke(shape, list(ends), width=0.0105 * scale), color * 0.8, 0.75)
