"""The head grid: a map of the face seen from the front, on which relief, skin and light are computed.

It has a fixed resolution, so its coordinate vectors are made once and products of Gaussians in u and v are outer
products of two vectors.
"""

from functools import lru_cache

import cv2
import numpy as np

PER_UNIT = 64
LEFT, RIGHT = -1.5, 1.5
TOP, BOTTOM = -2.0, 2.0
WIDTH = round((RIGHT - LEFT) * PER_UNIT) + 1
HEIGHT = round((BOTTOM - TOP) * PER_UNIT) + 1

_ORIGIN = np.array([LEFT, TOP])
_LAST = np.array([WIDTH - 1, HEIGHT - 1])


@lru_cache(maxsize=1)
def axes() -> tuple[np.ndarray, np.ndarray]:
    """Return u of the columns [1, WIDTH] and v of the rows [HEIGHT, 1], float32."""
    u = np.linspace(LEFT, RIGHT, WIDTH, dtype=np.float32)[None, :]
    v = np.linspace(TOP, BOTTOM, HEIGHT, dtype=np.float32)[:, None]
    return u, v


def to_grid(u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the grid's column and row of head coordinates, as `cv2.remap` wants them."""
    return (u - np.float32(LEFT)) * np.float32(PER_UNIT), (v - np.float32(TOP)) * np.float32(PER_UNIT)


def sample(field: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return the nearest values [N, ...] of a map at head points [N, 2]; maps are smooth at the scale of the grid."""
    nearest = ((points - _ORIGIN) * PER_UNIT + 0.5).astype(np.intp)
    nearest = np.minimum(np.maximum(nearest, 0), _LAST)  # np.clip takes four times as long on a few points
    return field[nearest[:, 1], nearest[:, 0]].astype(np.float64)


def bump(u0: float, v0: float, width: float, height: float) -> np.ndarray:
    """Return a Gaussian of peak 1 at (u0, v0) with standard deviations ``width`` and ``height``."""
    u, v = axes()
    u0, v0, width, height = float(u0), float(v0), float(width), float(height)  # NumPy's scalars would make it float64
    return np.exp(-0.5 * ((v - v0) / height) ** 2) * np.exp(-0.5 * ((u - u0) / width) ** 2)


def bumps(u0: float, v0: float, width: float, height: float) -> np.ndarray:
    """Return the sum of a `bump` at (u0, v0) and its mirror image."""
    u, v = axes()
    u0, v0, width, height = float(u0), float(v0), float(width), float(height)
    across = np.exp(-0.5 * ((u - u0) / width) ** 2) + np.exp(-0.5 * ((u + u0) / width) ** 2)
    return np.exp(-0.5 * ((v - v0) / height) ** 2) * across


def soften(field: np.ndarray, sigma: float) -> np.ndarray:
    """Return ``field`` blurred by ``sigma`` pixels; wide blurs at a half or a quarter of the resolution."""
    factor = 1 if sigma < 3.0 else (2 if sigma < 6.0 else 4)
    if factor == 1:
        return cv2.GaussianBlur(field, (0, 0), sigma)
    height, width = field.shape[:2]
    small = cv2.resize(field, (-(-width // factor), -(-height // factor)), interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(small, (0, 0), sigma / factor), (width, height), interpolation=cv2.INTER_LINEAR)


def region(polygon: np.ndarray, blur: float) -> np.ndarray:
    """Return the coverage of a polygon [N, 2] in head units, blurred by ``blur`` units, float32 in [0, 1]."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    x, y = to_grid(polygon[:, 0], polygon[:, 1])
    cv2.fillPoly(mask, [np.round(np.stack([x, y], 1) * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    return soften(mask.astype(np.float32) * (1 / 255), blur * PER_UNIT)


def lines(curves: list[tuple[np.ndarray, float]], blur: float, width: int = 1) -> np.ndarray:
    """Return grooves: each curve [N, 2] drawn with its strength in [0, 1], blurred by ``blur`` units, peak kept."""
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for curve, strength in curves:
        x, y = to_grid(curve[:, 0], curve[:, 1])
        points = np.round(np.stack([x, y], 1) * 16).astype(np.int32)
        cv2.polylines(mask, [points], False, int(255 * min(max(strength, 0.0), 1.0)), width, cv2.LINE_AA, 4)
    sigma = blur * PER_UNIT
    return cv2.GaussianBlur(mask.astype(np.float32) * (sigma * 2.5066 / width / 255), (0, 0), sigma)


def warp(field: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return a map's values at head coordinates [h, w]: how the map looks in the picture."""
    x, y = to_grid(u, v)
    return cv2.remap(field, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
