"""Color: CIELAB (D65) to linear RGB and back, and the display curve.

Light adds linearly, so everything is drawn in linear RGB in [0, ~1.5] and converted once, at the end. Constants: IEC
61966-2-1 (sRGB) and CIE 15 (CIELAB).
"""

from functools import lru_cache

import numpy as np

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = np.array([0.95047, 1.0, 1.08883])
_STEPS = 4096
_TOP = 2.0  # brightest linear value that the display curve still tells from white


def lab_to_linear(lab: np.ndarray | tuple[float, float, float]) -> np.ndarray:
    """Convert CIELAB [..., 3] to linear RGB [..., 3], clipped to [0, 1]."""
    lab = np.asarray(lab, np.float64)
    y = (lab[..., 0] + 16.0) / 116.0
    ratios = np.stack([y + lab[..., 1] / 500.0, y, y - lab[..., 2] / 200.0], -1)
    xyz = np.where(ratios > 6.0 / 29.0, ratios**3, 3.0 * (6.0 / 29.0) ** 2 * (ratios - 4.0 / 29.0)) * _WHITE
    return np.clip(xyz @ np.linalg.inv(_TO_XYZ).T, 0.0, 1.0).astype(np.float32)


def srgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    """Convert sRGB in [0, 255], [..., 3], to CIELAB [..., 3]."""
    value = np.asarray(rgb, np.float64) / 255.0
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    ratios = linear @ _TO_XYZ.T / _WHITE
    cubes = np.where(ratios > (6.0 / 29.0) ** 3, np.cbrt(ratios), ratios / (3.0 * (6.0 / 29.0) ** 2) + 4.0 / 29.0)
    return np.stack(
        [116.0 * cubes[..., 1] - 16.0, 500.0 * (cubes[..., 0] - cubes[..., 1]), 200.0 * (cubes[..., 1] - cubes[..., 2])],
        -1,
    )


@lru_cache(maxsize=1)
def _display_table() -> np.ndarray:
    linear = np.linspace(0.0, _TOP, _STEPS)
    # A soft shoulder, as film has: identity up to the knee, then towards white, so highlights keep their color.
    knee = 0.72
    soft = np.where(linear < knee, linear, knee + (1.0 - knee) * (1.0 - np.exp(-(linear - knee) / (1.0 - knee))))
    return np.where(soft <= 0.0031308, 12.92 * soft, 1.055 * soft ** (1 / 2.4) - 0.055).astype(np.float32)


def display(linear: np.ndarray) -> np.ndarray:
    """Convert linear RGB float32 [H, W, 3] to sRGB float32 in [0, 1] with a soft shoulder above 0.72.

    By table: a power per pixel would cost more than all the shading.
    """
    index = np.clip(linear * ((_STEPS - 1) / _TOP) + 0.5, 0, _STEPS - 1).astype(np.int32)
    return np.take(_display_table(), index)


def luminance(linear: np.ndarray) -> np.ndarray:
    """Return relative luminance (Rec. 709) of linear RGB [..., 3]."""
    return linear @ _TO_XYZ[1].astype(np.float32)
