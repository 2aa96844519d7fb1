"""Painting shapes with soft, subpixel edges on a linear RGB canvas.

Shapes are filled as 8-bit masks at four times the resolution, only in their bounding box, and averaged down: that is
coverage antialiasing, at a fraction of the cost of drawing all colors at four times the resolution. Pixel centers
have integer coordinates.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from drawn.grid import soften
from drawn.pixels import colored, toward_color, tripled

FACTOR = 4
_SHIFT = 4  # fixed-point bits of OpenCV's drawing functions


@dataclass(frozen=True)
class Coverage:
    """How much of each pixel a shape covers: ``alpha`` float32 [h, w] in [0, 1] at rows and columns of the canvas."""

    rows: slice
    columns: slice
    alpha: np.ndarray

    @property
    def place(self) -> tuple[slice, slice]:
        """Index of the covered box in the canvas."""
        return self.rows, self.columns

    def full(self, height: int, width: int) -> np.ndarray:
        """Return the coverage of the whole canvas, float32 [height, width]."""
        whole = np.zeros((height, width), np.float32)
        whole[self.place] = self.alpha
        return whole


def _box(points: np.ndarray, height: int, width: int, margin: float) -> tuple[int, int, int, int]:
    (low_x, low_y), (high_x, high_y) = points.min(0), points.max(0)
    left, right = min(max(int(low_x - margin), 0), width - 1), max(min(int(high_x + margin) + 2, width), 1)
    top, bottom = min(max(int(low_y - margin), 0), height - 1), max(min(int(high_y + margin) + 2, height), 1)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _fixed(points: np.ndarray, left: int, top: int) -> np.ndarray:
    fine = (np.asarray(points, np.float64) - (left, top) + 0.5) * FACTOR - 0.5
    return np.round(fine * (1 << _SHIFT)).astype(np.int32)


def _reduce(fine: np.ndarray, left: int, top: int, blur: float) -> Coverage:
    height, width = fine.shape[0] // FACTOR, fine.shape[1] // FACTOR
    alpha = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32) * (1.0 / 255.0)
    if blur > 0.2:
        alpha = soften(alpha, blur)
    return Coverage(slice(top, top + height), slice(left, left + width), alpha)


def fill(shape: tuple[int, int], polygons: Sequence[np.ndarray], *, blur: float = 0.0) -> Coverage:
    """Return the coverage of the union of ``polygons`` ([N, 2] pixels each), blurred by ``blur`` pixels."""
    everything = np.concatenate(list(polygons))
    left, top, right, bottom = _box(everything, *shape, 1 + 3 * blur)
    fine = np.zeros(((bottom - top) * FACTOR, (right - left) * FACTOR), np.uint8)
    for polygon in polygons:
        cv2.fillPoly(fine, [_fixed(polygon, left, top)], 255, cv2.LINE_8, _SHIFT)
    return _reduce(fine, left, top, blur)


def stroke(
    shape: tuple[int, int], lines: Sequence[np.ndarray], *, width: float, blur: float = 0.0, closed: bool = False
) -> Coverage:
    """Return the coverage of polylines ([N, 2] pixels each) ``width`` pixels thick; below 1/4 pixel they fade."""
    everything = np.concatenate(list(lines))
    left, top, right, bottom = _box(everything, *shape, 1 + width + 3 * blur)
    fine = np.zeros(((bottom - top) * FACTOR, (right - left) * FACTOR), np.uint8)
    thickness = max(1, round(width * FACTOR))
    value = int(255 * min(1.0, width * FACTOR / thickness))
    # Many hairs of equal length are converted at once.
    equal = len({len(line) for line in lines}) == 1
    fixed = list(_fixed(np.stack(lines), left, top)) if equal else [_fixed(line, left, top) for line in lines]
    cv2.polylines(fine, fixed, closed, value, thickness, cv2.LINE_8, _SHIFT)
    return _reduce(fine, left, top, blur)


def paint(canvas: np.ndarray, coverage: Coverage, color: np.ndarray, opacity: float = 1.0) -> None:
    """Mix ``color`` ([3], or [h, w, 3] of the box, or of the whole canvas) into ``canvas`` float32 [H, W, 3]."""
    region = canvas[coverage.place]
    alpha = tripled(coverage.alpha * np.float32(opacity))
    color = np.asarray(color, np.float32)
    if color.ndim == 1:
        region *= 1.0 - alpha
        region += colored(alpha, color)
        return
    if color.shape != region.shape:
        color = color[coverage.place]
    region += alpha * (color - region)


def darken(canvas: np.ndarray, coverage: Coverage, factor: np.ndarray | float) -> None:
    """Multiply ``canvas`` by ``factor`` (a number or [3]) where covered."""
    region = canvas[coverage.place]
    region *= toward_color(coverage.alpha, np.broadcast_to(factor, 3))
