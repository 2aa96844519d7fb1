"""Hair styles as outlines in head units: the whole silhouette, and the opening through which the face looks."""

from dataclasses import dataclass

import numpy as np

from drawn.curves import smooth
from drawn.identity import Identity


@dataclass(frozen=True)
class HairShape:
    """``outer`` and ``opening``: closed outlines [N, 2]; the rest tells how the strands run and how edges look.

    Attributes:
        behind: whether hair hangs behind the neck.
        fray: how far strands stray over the edges, in head units.
        wave: amplitude of waves along the strands, in head units.
        curl: 0 for strands, 1 for a cloud of curls.
        combed: 0 falls from the parting, 1 is combed straight back.
    """

    outer: np.ndarray
    opening: np.ndarray
    behind: bool = False
    fray: float = 0.03
    wave: float = 0.0
    curl: float = 0.0
    combed: float = 0.0


# Hairline over the forehead: v at u = -0.9 ... 0.9, for a parting on the image's right; None follows the natural line.
_U = np.array([-0.90, -0.72, -0.50, -0.25, 0.0, 0.25, 0.50, 0.72, 0.90])
_NATURAL = np.array([-0.34, -0.74, -0.90, -0.96, -0.97, -0.96, -0.90, -0.74, -0.34])
_LINES = {
    "receding": np.array([-0.34, -0.95, -1.22, -1.12, -1.02, -1.12, -1.22, -0.95, -0.34]),
    "fringe": np.array([-0.02, -0.30, -0.40, -0.42, -0.43, -0.42, -0.40, -0.30, -0.02]),
    "side": np.array([-0.10, -0.42, -0.62, -0.78, -0.93, -1.05, -1.10, -0.86, -0.40]),
    "curtain": np.array([0.10, -0.34, -0.68, -0.98, -1.20, -0.98, -0.68, -0.34, 0.10]),
    "back": np.array([-0.36, -0.78, -0.98, -1.05, -1.05, -1.05, -0.98, -0.78, -0.36]),
    "crop": np.array([-0.30, -0.74, -0.85, -0.96, -1.0, -0.97, -0.93, -0.74, -0.30]),
    "low": np.array([-0.30, -0.60, -0.78, -0.86, -0.88, -0.86, -0.78, -0.60, -0.30]),
}

# style: (hairline, thickness on top, at the sides, lowest v, half width there)
_STYLES = {
    "buzz": ("natural", -0.022, -0.014, 0.12, 0.96),
    "short": ("crop", 0.15, 0.03, 0.16, 0.98),
    "side part": ("side", 0.22, 0.07, 0.22, 1.0),
    "swept back": ("back", 0.24, 0.06, 0.22, 1.0),
    "receding": ("receding", 0.07, 0.05, 0.22, 0.99),
    "fringe": ("fringe", 0.16, 0.16, 1.75, 1.16),
    "bob": ("side", 0.17, 0.20, 1.25, 1.22),
    "curtain": ("curtain", 0.17, 0.18, 1.9, 1.18),
    "long": ("side", 0.15, 0.15, 2.7, 1.28),
    "wavy": ("curtain", 0.18, 0.22, 2.3, 1.38),
    "bun": ("back", 0.10, 0.05, 0.18, 0.97),
    "afro": ("low", 0.48, 0.42, 0.55, 1.30),
    "curly": ("side", 0.26, 0.24, 1.35, 1.26),
}


def _hairline(identity: Identity, kind: str) -> np.ndarray:
    line = _LINES.get(kind, _NATURAL) + identity.hair.line * (1.0 if kind != "fringe" else 0.4)
    line = line - (0.06 * identity.age * identity.masculinity if kind in ("natural", "back", "side") else 0.0)
    if kind in ("side", "curtain", "fringe"):
        # The parting moves the whole line sideways.
        shift = 0.4 * identity.hair.part if kind != "side" else 0.0
        line = np.interp(_U, _U + shift, line)
        if kind == "side" and identity.hair.part < 0:
            line = line[::-1]
    return np.stack([_U * identity.face_width, line], 1)


def shape_hair(identity: Identity) -> HairShape | None:
    """Return the outlines of this person's hair, or None for a bald head."""
    style = identity.hair.style
    if style == "bald":
        return None
    if style == "headscarf":
        return _headscarf(identity)
    kind, top, sides, end, wide = _STYLES[style]
    volume, face, crown = identity.hair.volume, identity.face_width, 1.66 * identity.cranium
    top, sides = top * volume, sides * volume
    long = end > 0.8
    if long:
        end = end + 0.45 * (identity.hair.length - 0.5)
    right = [
        (0.0, -crown - top),
        (0.32, -crown * 0.985 - top),
        (0.62, -crown * 0.91 - top * 0.95),
        (0.86, -crown * 0.76 - top * 0.6 - sides * 0.3),
        (1.0 + 0.7 * sides, -crown * 0.55 - sides * 0.3),
        (1.04 + sides, -0.5),
        (1.03 + sides, -0.12),
    ]
    if long:
        right += [(1.03 + 0.5 * sides + 0.5 * (wide - 1.03), 0.35 * end), (wide, 0.75 * end), (wide * 0.97, end * 0.97)]
        right += [(wide * 0.62, end + 0.03), (0.0, end)]
    elif style == "afro":
        right += [(wide + 0.06, 0.0), (wide - 0.04, 0.32), (1.02, end), (0.85, end - 0.1), (0.0, end)]
    else:
        right += [(1.015, 0.06), (0.985, end), (0.90, end - 0.02), (0.5, end), (0.0, end)]
    right = np.array(right) * (face, 1.0)
    outer = smooth(np.concatenate([right, right[-2:0:-1] * (-1, 1)]), steps=5, closed=True)
    if style == "bun":
        angle = np.linspace(0, 2 * np.pi, 24, endpoint=False)
        knot = np.stack([0.42 * np.cos(angle), 0.34 * np.sin(angle) - crown - 0.26], 1)
        outer = np.concatenate([outer, knot[:1] * np.nan, knot])
    line = _hairline(identity, kind)
    if long:
        gap = 0.90 if style in ("fringe", "bob", "curtain", "long") else 0.97
        down = [(gap, 0.25), (gap - 0.02, 0.8), (gap - 0.03, 1.3), (0.86, 1.9), (0.95, 4.0)]
    else:
        down = [(0.925, -0.10), (0.955, 0.02), (1.3, 0.10 if style != "afro" else 0.5), (3.0, 0.3), (3.0, 4.0)]
        if style == "afro":
            down = [(0.95, 0.0), (0.97, 0.45), (1.2, 0.8), (3.0, 0.9), (3.0, 4.0)]
    side = np.array(down) * (face, 1.0)
    opening = np.concatenate(
        [
            smooth(line, steps=5),
            smooth(np.concatenate([line[-1:], side]), steps=5)[1:],
            smooth(np.concatenate([side[::-1] * (-1, 1), line[:1]]), steps=5)[:-1],
        ]
    )
    return HairShape(
        outer,
        opening,
        behind=long or style == "afro",
        fray={"buzz": 0.025, "short": 0.075, "afro": 0.06, "curly": 0.09, "bun": 0.02, "fringe": 0.05}.get(style, 0.04),
        wave={"wavy": 0.06, "curly": 0.05}.get(style, 0.012 * identity.hair.length),
        curl={"afro": 1.0, "curly": 0.75, "buzz": 0.6}.get(style, 0.0),
        combed=1.0 if style in ("swept back", "bun", "receding") else (0.4 if style == "short" else 0.0),
    )


def _headscarf(identity: Identity) -> HairShape:
    face, crown = identity.face_width, 1.66 * identity.cranium
    right = np.array(
        [
            (0, -crown - 0.14),
            (0.45, -crown - 0.06),
            (0.85, -crown * 0.80),
            (1.10, -0.85),
            (1.17, -0.2),
            (1.14, 0.5),
            (1.05, 1.15),
            (1.02, 1.6),
            (1.35, 2.0),
            (2.0, 2.5),
            (2.0, 4.0),
            (0, 4.0),
        ]
    ) * (face, 1)
    hole = np.array(
        [
            (0, -0.84),
            (0.42, -0.79),
            (0.74, -0.52),
            (0.90, -0.05),
            (0.89, 0.5),
            (0.76, 1.05),
            (0.50, 1.44),
            (0.22, 1.575),
            (0, 1.60),
        ]
    ) * (face, identity.chin_length)
    outer = np.concatenate([right, right[-2:0:-1] * (-1, 1)])
    opening = np.concatenate([hole, hole[-2:0:-1] * (-1, 1)])
    return HairShape(smooth(outer, closed=True), smooth(opening, closed=True), behind=True, fray=0.0)
