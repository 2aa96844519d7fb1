"""Where skin is by 68 landmarks, and how light it is: the individual typology angle."""

import cv2
import numpy as np

from synface.core.lab import to_lab

_FACE = [*range(17), *range(26, 16, -1)]  # along the jaw and back over the brows
_PARTS = (range(17, 22), range(22, 27), range(36, 42), range(42, 48), range(48, 60))  # brows, eyes, mouth
_LEAST_CHROMA = 8.0  # of the mean skin; below it a picture is grey, or toned all over


def masks_of(points: np.ndarray, height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return where skin is and what lies around the face, bool [H, W] each.

    Skin is the hull of the landmarks without brows, eyes and mouth, a little widened; what is around begins a tenth of
    the picture's side outside of the hull.

    Args:
        points: [68, 2], as fractions of the picture.
        height: of the picture.
        width: of the picture.
    """
    pixels = np.round(points * (width, height)).astype(np.int32)
    face, parts = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    cv2.fillConvexPoly(face, cv2.convexHull(pixels[_FACE]), 1)
    for part in _PARTS:
        cv2.fillConvexPoly(parts, cv2.convexHull(pixels[list(part)]), 1)
    near = _widened(face, 0.1)
    return (face & ~_widened(parts, 0.02) & 1).astype(bool), near == 0


def _widened(mask: np.ndarray, part: float) -> np.ndarray:
    reach = max(1, round(part * mask.shape[0]))
    return cv2.dilate(mask, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))


def mean_color(image: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Return the mean CIELAB color, float64 [3], of uint8 RGB [H, W, 3] in a mask; NaN where that is empty."""
    return to_lab(image)[where].mean(axis=0, dtype=float) if where.any() else np.full(3, np.nan)


def typology_angle(color: np.ndarray) -> float:
    """Return the individual typology angle of a CIELAB color in degrees; NaN where the picture has no color.

    The arctangent of (L - 50) / b (Chardon et al., 1991): 90 is the lightest skin.
    """
    lightness, red, yellow = (float(value) for value in color)
    if not np.hypot(red, yellow) >= _LEAST_CHROMA:
        return float("nan")
    return float(np.degrees(np.arctan2(lightness - 50, max(yellow, 1e-6))))
