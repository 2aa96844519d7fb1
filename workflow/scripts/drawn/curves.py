"""Smooth curves through points."""

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=16)
def _weights(steps: int) -> np.ndarray:
    t = np.arange(steps) / steps
    return 0.5 * np.stack(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3], axis=1
    )


def smooth(points: np.ndarray, *, steps: int = 6, closed: bool = False) -> np.ndarray:
    """Return a Catmull-Rom curve through ``points`` [N, D]: [(N - 1) * steps + 1, D], or [N * steps, D] if closed."""
    points = np.asarray(points, np.float64)
    if closed:
        padded = np.concatenate([points[-1:], points, points[:2]])
    else:
        padded = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    windows = np.stack([padded[i : len(padded) - 3 + i] for i in range(4)], axis=1)  # [segments, 4, D]
    curve = np.einsum("tk,skd->std", _weights(steps), windows).reshape(-1, points.shape[1])
    return curve if closed else np.concatenate([curve, points[-1:]])


def mirrored(half: np.ndarray) -> np.ndarray:
    """Return the closed outline of ``half`` [N, 2] (right side, from top to bottom) and its mirror image in u."""
    half = np.asarray(half, np.float64)
    return np.concatenate([half, half[::-1] * (-1.0, 1.0)])


def resample(points: np.ndarray, count: int) -> np.ndarray:
    """Return ``count`` points at equal distances along the polyline ``points`` [N, D]."""
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    wanted = np.linspace(0.0, length[-1], count)
    return np.stack([np.interp(wanted, length, points[:, axis]) for axis in range(points.shape[1])], axis=1)
