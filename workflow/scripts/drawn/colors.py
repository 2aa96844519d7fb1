"""Color: CIELAB (D65) to linear RGB and back, and the display curve.

Light adds linearly, so everything is drawn in linear RGB in [0, ~1.5] and converted once, at the end. Constants: IEC
61966-2-1 (sRGB) and CIE 15 (CIELAB).
"""

import cv2
import numpy as np

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_FROM_XYZ = np.linalg.inv(_TO_XYZ).T
_WHITE = np.array([0.95047, 1.0, 1.08883])
_KNEE = np.float32(0.72)


def lab_to_linear(lab: np.ndarray | tuple[float, float, float]) -> np.ndarray:
    """Convert CIELAB [..., 3] to linear RGB [..., 3], clipped to [0, 1]."""
    lab = np.asarray(lab, np.float64)
    y = (lab[..., 0] + 16.0) / 116.0
    ratios = np.stack([y + lab[..., 1] / 500.0, y, y - lab[..., 2] / 200.0], -1)
    xyz = np.where(ratios > 6.0 / 29.0, ratios**3, 3.0 * (6.0 / 29.0) ** 2 * (ratios - 4.0 / 29.0)) * _WHITE
    return np.clip(xyz @ _FROM_XYZ, 0.0, 1.0).astype(np.float32)


def display(linear: np.ndarray) -> np.ndarray:
    """Convert linear RGB float32 [H, W, 3] to sRGB float32 in [0, 1], with a soft shoulder as film has.

    Up to 0.72 it is sRGB's curve exactly; above, highlights go towards white and keep their color.
    """
    bright = np.exp(np.maximum(linear - _KNEE, 0.0) * np.float32(-1.0 / (1.0 - _KNEE)))
    soft = np.clip(linear, 0.0, _KNEE) + np.float32(1.0 - _KNEE) * (1.0 - bright)
    curve = np.float32(1.055) * cv2.pow(soft, 1 / 2.4) - np.float32(0.055)
    return np.where(soft <= 0.0031308, np.float32(12.92) * soft, curve)


def luminance(linear: np.ndarray) -> np.ndarray:
    """Return relative luminance (Rec. 709) of linear RGB [..., 3]."""
    return linear @ _TO_XYZ[1].astype(np.float32)
