# ruff: noqa: RUF005 - arrays and tuples are added here, not joined
"""Eyes: eyeball, iris, pupil and highlights seen through the lids; lashes; the fold of the upper lid."""

import numpy as np

from drawn.canvas import Coverage, darken, fill, paint, stroke
from drawn.colors import lab_to_linear
from drawn.curves import smooth
from drawn.subject import Subject

_EYES = ((36, 37, 38, 39, 40, 41), (45, 44, 43, 42, 47, 46))  # outer corner, upper lid inwards, inner corner, lower lid


def _step(value: np.ndarray, softness: float) -> np.ndarray:
    return np.clip(value * (1.0 / softness) + 0.5, 0.0, 1.0)


def lid_curves(points: np.ndarray, indices: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the upper and the lower lid's edge, from the outer to the inner corner, [N, 2] each."""
    outer, upper_outer, upper_inner, inner, lower_inner, lower_outer = points[list(indices)]
    return smooth(np.array([outer, upper_outer, upper_inner, inner])), smooth(
        np.array([outer, lower_outer, lower_inner, inner])
    )


def _eyeball(subject: Subject, opening: Coverage, center: np.ndarray, side: int) -> np.ndarray:
    """Return the color of the eyeball in the box of ``opening``, [h, w, 3]."""
    identity, view = subject.identity, subject.view
    rows, columns = np.mgrid[opening.place].astype(np.float32)
    middle = subject.on_face(center[None])[0]
    inverse = np.linalg.inv(view.rotation[:2, :2] * view.scale).astype(np.float32)
    x, y = columns - np.float32(middle[0]), rows - np.float32(middle[1])
    a, b = inverse[0, 0] * x + inverse[0, 1] * y, inverse[1, 0] * x + inverse[1, 1] * y
    pixel = 1.3 / view.scale
    ball = np.clip(1.0 - (a * a + 1.3 * b * b) * 7.5, 0.25, 1.0)
    white = np.array([0.64, 0.595, 0.57], np.float32) * (1 - 0.12 * identity.age)
    color = white * ball[..., None]
    caruncle = _step(-side * a - 0.165 * identity.eye_size, 0.06)
    color += (0.75 * caruncle)[..., None] * (np.array([0.50, 0.22, 0.19], np.float32) - color)
    # Whoever looks at the camera turns the eyes (radius 12 mm) back by the angle of the head.
    gaze = np.array(subject.scene.gaze) * (0.16, 0.14) - 0.17 * view.rotation[:2, 2] * (0.8, 0.5)
    a, b = a - np.float32(gaze[0]), b - np.float32(gaze[1])
    radius = 0.098 * identity.eye_size
    distance = np.sqrt(a * a + b * b)
    inside = _step(radius - distance, pixel)
    base = lab_to_linear(identity.iris_lab)
    ring = np.clip(distance / radius, 0, 1)
    angle = np.arctan2(b, a)
    fibers = 1.0 + 0.16 * np.sin(angle * 23 + 3 * np.sin(angle * 5)) + 0.10 * np.sin(angle * 41)
    lit_from = np.array(subject.scene.light.key)
    # Light enters on one side and leaves the iris brightest on the other.
    glow = 1.0 + 0.9 * np.clip((-a * lit_from[0] - b * lit_from[1]) / radius, -0.5, 1)
    tone = (0.75 + 0.75 * np.exp(-((ring - 0.62) ** 2) / 0.06)) * fibers * glow
    tone *= 1.0 - 0.85 * np.clip((ring - 0.70) / 0.25, 0, 1)
    color += inside[..., None] * (0.95 * base * tone[..., None] - color)
    pupil = _step(radius * 0.42 - distance, pixel)
    color *= 1.0 - 0.97 * pupil[..., None]
    return color, (a + gaze[0], b + gaze[1]), (a, b), radius


def paint_eyes(canvas: np.ndarray, subject: Subject) -> None:
    """Paint both eyes on the lit face."""
    identity, shape, scale = subject.identity, subject.view.shape, subject.scale
    light = subject.scene.light
    for side, indices in ((-1, _EYES[0]), (1, _EYES[1])):
        upper, lower = lid_curves(subject.points, indices)
        outline = subject.on_face(np.concatenate([upper, lower[::-1]]))
        opening = fill(shape, [outline])
        corners = subject.resting[[indices[0], indices[3]]]
        center = corners.mean(0) + (-side * 0.004, -0.012)
        color, _, (a, b), radius = _eyeball(subject, opening, center, side)
        received = subject.light_at(
            np.array([center + (0, 0.0), center + (side * 0.1, 0.1), center + (side * 0.05, -0.12)])
        )
        # The upper lid and its lashes throw a soft shadow on the ball.
        shadow = fill(
            shape, [subject.on_face(np.concatenate([upper + (0, -0.12), upper[::-1] + (0, 0.038)]))], blur=0.028 * scale
        )
        shaded = shadow.full(*shape)[opening.place]
        color = color * received * (1.0 - 0.68 * shaded)[..., None]
        spot_a, spot_b = radius * 0.55 * light.key[0], radius * 0.70 * min(light.key[1], -0.35)
        away = np.sqrt((a - spot_a) ** 2 + ((b - spot_b) * 0.85) ** 2)
        # A spot smaller than a pixel is dimmer, not larger.
        share = min(1.0, (0.038 * identity.eye_size * scale) ** 2 / 4.0)
        spot = (
            share
            * _step(0.019 * identity.eye_size - away, 1.2 / scale)
            * np.clip(radius * 1.25 - np.sqrt(a * a + b * b), 0, 0.01)
            * 100
        )
        second = 0.10 * np.exp(-((a + spot_a * 0.8) ** 2 + (b - 0.035) ** 2) / 0.0006)
        color += (1.35 * spot + second)[..., None] * np.minimum(received + 0.2, 1.0)
        paint(canvas, opening, color)
        _paint_lids(canvas, subject, upper, lower, side)


def _paint_lids(canvas: np.ndarray, subject: Subject, upper: np.ndarray, lower: np.ndarray, side: int) -> None:
    identity, shape, scale = subject.identity, subject.view.shape, subject.scale
    lashes = 0.55 + 0.65 * (1 - identity.masculinity)
    dark = lab_to_linear((10, 3, 3))
    share = np.linspace(0, 1, len(upper))[:, None]
    wet = stroke(shape, [subject.on_face(lower + (0, 0.006))], width=0.016 * scale, blur=0.006 * scale)
    paint(canvas, wet, canvas[wet.place] * np.array([1.18, 1.05, 1.03], np.float32) + 0.012, 0.55)
    under = stroke(shape, [subject.on_face(lower[1:-2] + (0, 0.020))], width=0.012 * scale, blur=0.008 * scale)
    darken(canvas, under, 1 - 0.30 * lashes)
    # Upper lashes: a line that is thickest in the outer half, with single lashes leaving it.
    body = 0.036 * lashes * (np.sin(np.pi * np.clip(share * 0.9 + 0.06, 0, 1)) ** 0.6) * (1.15 - 0.6 * share)
    wing = np.where(share < 0.12, (0.12 - share) * 0.22 * lashes, 0)
    line = np.concatenate(
        [upper + np.hstack([side * wing, 0.004 - wing * 0.5]), (upper - np.hstack([0 * body, body]))[::-1]]
    )
    paint(canvas, fill(shape, [subject.on_face(line)], blur=0.004 * scale), dark, 0.86)
    if scale > 45 and lashes > 0.72:
        roots = upper[1:-3:1]
        lean = np.stack([side * np.linspace(0.050, -0.012, len(roots)), np.full(len(roots), -0.052)], 1) * lashes
        bent = np.stack([roots, roots + lean * (0.6, 0.5), roots + lean], 1)  # [lashes, 3, 2]
        bent = list(subject.on_face(bent.reshape(-1, 2)).reshape(bent.shape))
        paint(canvas, stroke(shape, bent, width=0.0085 * scale), dark, 0.6)
    if identity.lid_crease > 0.1:
        lift = (0.035 + 0.03 * identity.lid_crease) * np.sin(np.pi * np.clip(share * 0.86 + 0.08, 0, 1)) ** 0.7
        tight = 1.0 - 0.45 * min(subject.units[7] + 0.6 * subject.units[9], 1) + 0.25 * subject.units[5]
        crease = upper - np.hstack([0 * lift, 0.020 + lift * tight])
        fold = stroke(shape, [subject.on_face(crease[1:-1])], width=0.020 * scale, blur=0.011 * scale)
        darken(canvas, fold, np.array([0.62, 0.52, 0.50]) + 0.3 * (1 - identity.lid_crease))
