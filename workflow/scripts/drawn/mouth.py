# ruff: noqa: RUF005 - arrays and tuples are added here, not joined
"""Lips, teeth and the cavity between them; the nostrils too, for they are painted the same way."""

import numpy as np

from drawn.canvas import darken, fill, paint, stroke
from drawn.colors import lab_to_linear
from drawn.curves import smooth
from drawn.subject import Subject

_OUTER_TOP, _OUTER_BOTTOM = [48, 49, 50, 51, 52, 53, 54], [54, 55, 56, 57, 58, 59, 48]
_INNER_TOP, _INNER_BOTTOM = [60, 61, 62, 63, 64], [64, 65, 66, 67, 60]
_LIPSTICKS = ((42, 45, 22), (36, 42, 15), (52, 40, 20), (45, 30, 12), (30, 34, 8))


def _curve(subject: Subject, indices: list[int]) -> np.ndarray:
    return smooth(subject.points[indices], steps=5)


def lip_color(subject: Subject) -> np.ndarray:
    """Return the lips' color, linear RGB: skin with more blood, or lipstick over it."""
    identity = subject.identity
    lightness, a, b = identity.skin_lab
    red = identity.lip_redness
    bare = lab_to_linear((lightness * 0.80 - 2 * red, a + 9 + 9 * red - 0.06 * (70 - lightness), b - 3))
    stick = lab_to_linear(_LIPSTICKS[identity.seed % len(_LIPSTICKS)])
    return bare + identity.lipstick * 0.85 * (stick * (0.5 + bare.mean()) * 1.2 - bare)


def paint_lips(albedo: np.ndarray, subject: Subject) -> None:
    """Paint the lips into the skin's colors, before it is lit."""
    shape, scale = subject.view.shape, subject.scale
    color = lip_color(subject)
    upper = np.concatenate([_curve(subject, _OUTER_TOP), _curve(subject, _INNER_TOP)[::-1]])
    lower = np.concatenate([_curve(subject, _OUTER_BOTTOM), _curve(subject, _INNER_BOTTOM)[::-1]])
    edge = 0.016 - 0.008 * subject.identity.lipstick
    paint(albedo, fill(shape, [subject.on_face(upper)], blur=edge * scale), color * 0.86, 0.88)
    paint(albedo, fill(shape, [subject.on_face(lower)], blur=edge * scale), color, 0.86)


def paint_mouth(canvas: np.ndarray, subject: Subject) -> None:
    """Paint what lies between the lips on the lit face: a dark line when closed, teeth and tongue when open."""
    shape, scale, units = subject.view.shape, subject.scale, subject.units
    top, bottom = _curve(subject, _INNER_TOP), _curve(subject, _INNER_BOTTOM)
    cavity = np.concatenate([top, bottom])
    gap = float(subject.points[[65, 66, 67], 1].mean() - subject.points[[61, 62, 63], 1].mean())
    light = subject.light_at(subject.points[[50, 52, 56, 58]])
    opening = fill(shape, [subject.on_face(cavity)], blur=0.004 * scale)
    if gap > 0.012:
        dark = np.array([0.050, 0.012, 0.011], np.float32)
        inside = np.broadcast_to(dark * light, (*opening.alpha.shape, 3)).copy()
        u, v = subject.u[opening.place], subject.v[opening.place]
        line = float(subject.resting[[61, 62, 63], 1].mean())
        middle = float(subject.points[[48, 54], 0].mean())
        side = np.abs(u - middle)
        floor = float(subject.points[66, 1])
        tongue = np.exp(-0.5 * ((side / 0.17) ** 2 + ((v - floor + 0.015) / 0.055) ** 2)) * np.clip(gap / 0.2, 0, 1)
        inside += (0.75 * tongue)[..., None] * (np.array([0.34, 0.10, 0.095], np.float32) * light - inside)
        enamel = np.array([0.72, 0.67, 0.58], np.float32) * (1.0 - 0.18 * subject.identity.age) * light
        pixel = 1.4 / scale
        arch = 0.55 * side * side
        gaps = 1.0 - 0.30 * np.exp(-(((side - 0.062 * np.round(side / 0.062)) / 0.010) ** 2)) * (side < 0.3)
        round_off = np.clip(1.05 - 3.6 * side * side, 0.25, 1)
        # Hardly parted lips let no light in: what shows between them is dark, not a white line.
        round_off = round_off * np.clip((gap - 0.012) / 0.05, 0, 1)
        jaw = 0.265 * units[26]
        for edge, sign, bright in ((line + 0.052 - arch, -1.0, 1.0), (line + 0.075 + jaw + 0.6 * arch, 1.0, 0.72)):
            shown = np.clip(sign * (v - edge) / pixel + 0.5, 0, 1) * np.clip((0.335 - side) / 0.08, 0, 1)
            inside += shown[..., None] * (enamel * (bright * gaps * round_off)[..., None] - inside)
        # The upper lip shades what is behind it.
        under = np.concatenate([top + (0, -0.10), top[::-1] + (0, 0.020 + 0.06 * gap)])
        shadow = fill(shape, [subject.on_face(under)], blur=0.014 * scale + 0.03 * gap * scale)
        inside *= 1.0 - 0.55 * shadow.full(*shape)[opening.place][..., None]
        paint(canvas, opening, inside)
    seam = [subject.on_face(smooth(subject.points[[48, 60, 61, 62, 63, 64, 54]], steps=5))]
    if gap <= 0.03:
        pressed = 0.016 + 0.006 * (units[23] + units[24])
        darken(canvas, stroke(shape, seam, width=pressed * scale, blur=0.006 * scale), np.array([0.30, 0.20, 0.20]))
    else:
        rim = stroke(shape, [subject.on_face(cavity)], width=0.012 * scale, blur=0.008 * scale, closed=True)
        darken(canvas, rim, np.array([0.55, 0.40, 0.40]))
    for corner, inner in ((48, 60), (54, 64)):
        ends = subject.on_face(np.stack([subject.points[corner] * 1.0, subject.points[inner]]))
        darken(canvas, stroke(shape, [ends], width=0.022 * scale, blur=0.012 * scale), np.array([0.45, 0.34, 0.33]))


def paint_nostrils(canvas: np.ndarray, subject: Subject) -> None:
    """Paint the nostrils and the crease around each wing of the nose on the lit face."""
    shape, scale, points = subject.view.shape, subject.scale, subject.points
    down = -float(subject.view.rotation[1, 2])  # looking up shows the nostrils
    for side, wing, hole in ((-1, 31, 32), (1, 35, 34)):
        middle = 0.45 * points[wing] + 0.55 * points[hole] + (0, -0.008)
        width, height = 0.050 * subject.identity.nose_width, max(0.016 + 0.05 * down, 0.008) + 0.006
        angle = np.linspace(0, 2 * np.pi, 16, endpoint=False)
        ring = np.stack([width * np.cos(angle), height * np.sin(angle) - side * 0.25 * width * np.cos(angle) * -1], 1)
        darken(canvas, fill(shape, [subject.on_face(middle + ring)], blur=0.010 * scale), np.array([0.24, 0.15, 0.14]))
        rim = smooth(
            np.array(
                [
                    points[wing] + (side * 0.030, -0.105),
                    points[wing] + (side * 0.062, -0.045),
                    points[wing] + (side * 0.042, 0.012),
                    points[wing] + (-side * 0.02, 0.022),
                ]
            )
        )
        darken(
            canvas,
            stroke(shape, [subject.on_face(rim)], width=0.020 * scale, blur=0.014 * scale),
            np.array([0.66, 0.56, 0.54]),
        )
    base = smooth(points[[31, 32, 33, 34, 35]] + (0, 0.012))
    darken(
        canvas,
        stroke(shape, [subject.on_face(base)], width=0.030 * scale, blur=0.018 * scale),
        np.array([0.74, 0.66, 0.65]),
    )
