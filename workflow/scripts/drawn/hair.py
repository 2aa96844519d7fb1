"""Hair: strands that run from the parting, catch the light in a band, and fray at the edges."""

from dataclasses import dataclass

import cv2
import numpy as np

from drawn import grid
from drawn.canvas import fill
from drawn.colors import lab_to_linear
from drawn.hair_shapes import HairShape, shape_hair
from drawn.pixels import tinted, toward_color, tripled
from drawn.subject import Subject
from drawn.textures import SIZE, clouds, strands


@dataclass(frozen=True)
class HairLayers:
    """``front`` and ``back``: coverage [H, W] of the hair before and behind the head; ``color``: lit, [H, W, 3]."""

    front: np.ndarray
    back: np.ndarray | None
    color: np.ndarray


def _flow(subject: Subject, shape: HairShape) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return coordinates across and along the strands, which fan out from the parting, and their contrast, [H, W]."""
    u, v, hair = subject.u, subject.v, subject.identity.hair
    crown = -1.66 * subject.identity.cranium - 0.15
    root = np.float32(hair.part * (1.0 - shape.combed))
    below = np.maximum(v - crown, 0.02) + 0.25 + 1.2 * shape.combed
    spread = 1.05 * np.tanh(below * (1 / 1.05))
    across = (u - root) / spread
    along = v + 0.25 * np.abs(across)
    # Locks meander: without it short hair looks combed with a rake.
    x, y = across * np.float32(40) + np.float32(500), along * np.float32(60) + np.float32(400)
    across = across + 0.035 * cv2.remap(clouds(16.0), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    if shape.wave:
        across = across + shape.wave * np.sin(along * 7.5 + 2.2 * across + hair.length * 9)
    # Where the strands meet they are too fine to be told apart.
    return across, along, np.clip(1.6 * spread - 0.25, 0.1, 1.0)


def _texture(subject: Subject, shape: HairShape) -> np.ndarray:
    across, along, weight = _flow(subject, shape)
    offsets = subject.generator("hair").uniform(0, SIZE, 2).astype(np.float32)
    # About one texel per pixel: more would alias, less would blur.
    fineness = np.float32(1.25 * subject.scale)
    x, y = across * fineness + offsets[0], along * np.float32(0.8 * subject.scale) + offsets[1]
    texture = cv2.remap(strands(), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT) * weight
    if shape.curl:
        u, v = subject.u * np.float32(70) + offsets[0], subject.v * np.float32(70) + offsets[1]
        fuzz = cv2.remap(clouds(2.0), u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        tufts = cv2.remap(clouds(9.0), u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
        texture = (1 - shape.curl) * texture + shape.curl * (0.85 * fuzz + 0.5 * tufts)
    return texture


def _frayed(alpha: np.ndarray, texture: np.ndarray, fray: float, scale: float) -> np.ndarray:
    if fray < 0.005:
        return alpha
    soft = cv2.GaussianBlur(alpha, (0, 0), max(fray * scale, 0.6))
    gain = np.float32(min(1.6 * fray * scale, 4.0) + 0.8)
    # Strands stray only near the edge: neither holes inside nor hairs in the air.
    near = np.minimum(4.4 * soft * (1.0 - soft), 1.0)
    return np.clip((soft - 0.5 + 0.20 * near * texture) * gain + 0.5, 0, 1)


def _silhouette(subject: Subject, outline: np.ndarray, depth: float) -> np.ndarray:
    gaps = np.flatnonzero(np.isnan(outline[:, 0]))
    parts = np.split(outline, gaps)
    polygons = [subject.view.project(part[~np.isnan(part[:, 0])], depth) for part in parts]
    return fill(subject.view.shape, polygons).full(*subject.view.shape)


def grow_hair(subject: Subject) -> HairLayers | None:
    """Return the hair's layers, or None for a bald head."""
    shape = shape_hair(subject.identity)
    if shape is None:
        return None
    scale, hair = subject.scale, subject.identity.hair
    scarf = hair.style == "headscarf"
    if scarf:
        u, v = (
            subject.u * np.float32(38) + np.float32(300),
            (subject.v + 0.5 * np.abs(subject.u)) * np.float32(38) + np.float32(300),
        )
        texture = 0.8 * cv2.remap(
            clouds(9.0), 0.45 * u + 0.9 * v, 1.2 * u - 0.2 * v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
    else:
        texture = _texture(subject, shape)
    outer = _frayed(_silhouette(subject, shape.outer, 0.0), texture, shape.fray * 0.7, scale)
    hole = subject.view.project(shape.opening, subject.relief.depth)
    opening = fill(subject.view.shape, [hole]).full(*subject.view.shape)
    front = outer * (1.0 - _frayed(opening, texture, shape.fray, scale))
    if hair.style == "buzz":
        front = front * 0.62
    color = _light_hair(subject, shape, texture, opening, scarf)
    return HairLayers(front, outer if shape.behind else None, color)


def _light_hair(
    subject: Subject, shape: HairShape, texture: np.ndarray, opening: np.ndarray, scarf: bool
) -> np.ndarray:
    base = lab_to_linear(subject.identity.hair.lab)
    # The hair is a larger dome around the head's: shrink the coordinates and look up the head's light.
    u, v = subject.u * np.float32(0.80), (subject.v + 0.2) * np.float32(0.86) - 0.2
    v = np.where(v > 0.6, 0.6 + 0.25 * (v - 0.6), v)
    light = grid.warp(subject.lit.dome_light, u, v)
    near = grid.soften(opening, 0.10 * subject.scale)
    depth = np.exp((0.20 if scarf else 0.25) * np.clip(texture, -2.5, 2.5))
    shade = depth * (1.0 - 0.55 * near)
    color = light * tinted(shade, base)
    if not scarf:
        gloss = grid.warp(subject.lit.dome_gloss, u, v)
        band = np.clip(0.5 + 0.45 * texture, 0, 1.6) * (0.35 if shape.curl else 0.8)
        color += tinted(gloss * band, (0.05 + 0.42 * base) * subject.lit.gloss_color)
    return color


def cover(canvas: np.ndarray, alpha: np.ndarray, color: np.ndarray) -> None:
    """Mix ``color`` [H, W, 3] into the whole canvas by ``alpha`` [H, W]."""
    canvas += tripled(alpha) * (color - canvas)


def shade_under_hair(canvas: np.ndarray, front: np.ndarray, subject: Subject) -> None:
    """Darken the skin next to the hair: hair keeps the light of the sky off it and throws a soft shadow down."""
    scale, key = subject.scale, subject.scene.light.key
    shift = np.float32([[1, 0, -0.06 * key[0] * scale], [0, 1, 0.055 * scale]])
    moved = cv2.warpAffine(front, shift, front.shape[::-1], flags=cv2.INTER_LINEAR)
    shadow = grid.soften(moved, 0.055 * scale)
    canvas *= toward_color(shadow, (0.60, 0.52, 0.50))
