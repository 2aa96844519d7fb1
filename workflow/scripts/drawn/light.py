# ruff: noqa: RUF005 - arrays and tuples are added here, not joined
"""Light on a surface: one key light, one fill, a sky; shadows cast by the relief; gloss.

Skin is translucent: light leaks past the edge of a shadow, red farthest. Wrapped diffuse shading with a wider wrap for
red (d'Eon & Luebke, *GPU Gems 3*, 2007) gives that at no cost.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from drawn import grid

_WRAP = np.array([0.42, 0.27, 0.22], np.float32)


@dataclass(frozen=True)
class Light:
    """Directions are unit vectors towards the light (x right, y down, z to the viewer); colors are linear RGB."""

    key: tuple[float, float, float]
    key_color: tuple[float, float, float]
    fill: tuple[float, float, float]
    fill_color: tuple[float, float, float]
    sky_color: tuple[float, float, float]
    exposure: float = 1.0

    def irradiance(
        self,
        normals: np.ndarray,
        *,
        rotation: np.ndarray | None = None,
        shadow: np.ndarray | float = 1.0,
        openness: np.ndarray | float = 1.0,
    ) -> np.ndarray:
        """Return the light received by surfaces with ``normals`` [..., 3], float32 [..., 3].

        ``rotation`` takes the normals' coordinates to the camera's; ``shadow`` in [0, 1] scales the key light and
        ``openness`` in [0, 1] the sky and the fill.
        """
        toward_key, toward_fill, down = (np.array(v, np.float32) for v in (self.key, self.fill, (0, 1, 0)))
        if rotation is not None:
            toward_key, toward_fill, down = (v @ rotation.astype(np.float32) for v in (toward_key, toward_fill, down))
        key = normals @ toward_key
        fill = np.maximum(normals @ toward_fill, 0.0) * openness
        sky = (0.5 - 0.32 * (normals @ down)) * openness
        channels = []
        for wrap, of_key, of_fill, of_sky in zip(_WRAP, self.key_color, self.fill_color, self.sky_color, strict=True):
            wrapped = np.maximum(key + wrap, 0.0)
            channels.append(wrapped * (shadow * np.float32(of_key / (1.0 + wrap))) + fill * of_fill + sky * of_sky)
        return cv2.merge(channels) if key.ndim == 2 else np.stack(channels, -1)

    def gloss(self, normals: np.ndarray, *, rotation: np.ndarray, sharpness: float) -> np.ndarray:
        """Return the strength of the mirrored key light, float32 [...]: Blinn & Phong's half vector."""
        half = np.array(self.key) + (0.0, 0.0, 1.0)
        half = (half / np.linalg.norm(half)) @ rotation
        return np.maximum(normals @ half.astype(np.float32), 0.0) ** np.float32(sharpness)


def normals_of(relief: np.ndarray, *, per_unit: float = grid.PER_UNIT) -> np.ndarray:
    """Return unit normals [H, W, 3] of a height map with ``per_unit`` samples per head unit."""
    slope_u = cv2.Sobel(relief, cv2.CV_32F, 1, 0, ksize=3, scale=per_unit / 8)
    slope_v = cv2.Sobel(relief, cv2.CV_32F, 0, 1, ksize=3, scale=per_unit / 8)
    length = 1.0 / np.sqrt(slope_u * slope_u + slope_v * slope_v + 1.0)
    return cv2.merge((-slope_u * length, -slope_v * length, length))


def cast_shadow(relief: np.ndarray, toward: np.ndarray) -> np.ndarray:
    """Return how much of the key light reaches each point, [H, W] in [0, 1], for a light ``toward`` [3] (head axes).

    Walks a few steps towards the light and compares the relief with the ray; the soft comparison stands for the size
    of the lamp.
    """
    across = float(np.hypot(toward[0], toward[1]))
    if across < 0.05:
        return np.ones_like(relief)
    rise = max(float(toward[2]), 0.15) / across
    blocked = np.zeros_like(relief)
    for distance in (0.06, 0.12, 0.2, 0.3, 0.42):
        shift = np.float32(
            [
                [1, 0, distance * toward[0] / across * grid.PER_UNIT],
                [0, 1, distance * toward[1] / across * grid.PER_UNIT],
            ]
        )
        moved = cv2.warpAffine(
            relief,
            shift,
            relief.shape[::-1],
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE,
        )
        np.maximum(blocked, (moved - relief - distance * rise) * (1.0 / (0.05 + 0.3 * distance)), out=blocked)
    return 1.0 - 0.75 * cv2.GaussianBlur(np.minimum(blocked, 1.0), (0, 0), 0.025 * grid.PER_UNIT)
