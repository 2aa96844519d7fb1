"""Backdrops: out of focus, so they are painted small and enlarged."""

import cv2
import numpy as np

from drawn.colors import lab_to_linear
from drawn.scene import Scene
from drawn.textures import clouds, cut
from synface.core.draws import keyed_generator

_SMALL = 96


def paint_backdrop(scene: Scene, size: int) -> np.ndarray:
    """Return the picture before the subject enters: linear RGB float32 [size, size, 3]."""
    generator = keyed_generator(scene.seed, "backdrop")
    first, second = (lab_to_linear(lab) for lab in scene.backdrop_lab)
    x = np.linspace(-1, 1, _SMALL, dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, _SMALL, dtype=np.float32)[:, None]
    angle = generator.uniform(0, 2 * np.pi)
    ramp = np.clip(0.5 + 0.45 * (np.cos(angle) * x + np.sin(angle) * y), 0, 1)[..., None]
    soft = cut(clouds(9.0), generator, _SMALL, _SMALL)[..., None]
    lit = 1.12 - 0.22 * ((x - 0.8 * scene.light.key[0]) ** 2 + (y + 0.3) ** 2)[..., None]
    if scene.backdrop == "plain":
        small = first * lit * (1 + 0.02 * soft)
    elif scene.backdrop == "gradient":
        small = (first + ramp * (second - first)) * (1 + 0.03 * soft) * lit
    elif scene.backdrop == "bokeh":
        small = _bokeh(first * (0.45 + 0.4 * ramp) * (1 + 0.15 * soft), second, generator)
    elif scene.backdrop == "room":
        small = _room(first, second, generator) * lit
    else:
        small = _nature(first, second, soft[..., 0], y, generator)
    softness = 1.2 if scene.backdrop == "bokeh" else 2.4
    small = cv2.GaussianBlur(np.ascontiguousarray(small, np.float32), (0, 0), softness)
    return np.maximum(cv2.resize(small, (size, size), interpolation=cv2.INTER_CUBIC), 0.0)


def _bokeh(base: np.ndarray, color: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    lights = np.zeros_like(base)
    count = int(generator.integers(8, 26))
    radius = generator.uniform(3, 9)
    warm = np.array([1.0, 0.72, 0.42]) if generator.random() < 0.6 else color / max(color.max(), 0.05)
    for _ in range(count):
        disc = np.zeros(base.shape[:2], np.uint8)
        center = tuple(int(value) for value in generator.integers(0, _SMALL * 16, 2))
        cv2.circle(disc, center, int(16 * radius * generator.uniform(0.7, 1.2)), 255, -1, cv2.LINE_AA, 4)
        tint = warm * generator.uniform(0.12, 0.5) * (1 + 0.25 * generator.normal(0, 1, 3))
        lights += (disc.astype(np.float32) / 255)[..., None] * np.maximum(tint, 0)
    return base + lights


def _room(wall: np.ndarray, other: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    small = np.broadcast_to(wall, (_SMALL, _SMALL, 3)).astype(np.float32).copy()
    for _ in range(int(generator.integers(3, 8))):
        width, height = generator.integers(8, 40), generator.integers(12, 70)
        left, top = generator.integers(-10, _SMALL), generator.integers(-20, _SMALL - 10)
        mix = generator.uniform(0.3, 1.0)
        color = np.maximum((wall + mix * (other - wall)) * generator.uniform(0.5, 1.5), 0)
        small[max(top, 0) : max(top + height, 0), max(left, 0) : max(left + width, 0)] = color
    if generator.random() < 0.4:
        left = int(generator.choice([0, 62])) + int(generator.integers(0, 10))
        small[8:60, left : left + 22] = np.array([1.05, 1.08, 1.12])
        small[8:60, left + 10 : left + 12] = wall * 0.6
    return small


def _nature(
    first: np.ndarray, second: np.ndarray, soft: np.ndarray, y: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    sky = lab_to_linear((generator.uniform(60, 92), generator.uniform(-8, 4), generator.uniform(-26, 6)))
    leaf = lab_to_linear((generator.uniform(22, 52), generator.uniform(-26, 2), generator.uniform(12, 38)))
    leaf = 0.7 * leaf + 0.3 * 0.5 * (first + second)
    horizon = generator.uniform(-0.7, 0.9)
    below = 1 / (1 + np.exp(-(y - horizon + 0.25 * soft) / 0.08))[..., None]
    leaves = (
        leaf
        * np.exp(0.55 * cut(clouds(1.2 if generator.random() < 0.5 else 9.0), generator, _SMALL, _SMALL))[..., None]
    )
    return sky * (1 - below) + leaves * below
