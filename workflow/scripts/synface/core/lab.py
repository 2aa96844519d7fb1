"""CIELAB (D65): from sRGB and back, and how different two colors look.

To CIELAB by the definitions (IEC 61966-2-1, CIE 15), since OpenCV's forward conversion interpolates in a coarse table
even for floats: it errs by up to 0.4, and by 4 % in the standard deviation of a patch with little contrast. Its way
back is exact.

CIEDE2000: Sharma, Wu & Dalal (2005), "The CIEDE2000 color-difference formula: implementation notes, supplementary test
data, and mathematical observations", Color Research & Application 30(1), with all parametric factors 1; 1 is about the
smallest difference that an eye sees side by side.
"""

import cv2
import numpy as np

_FAR = 25.0**7


def _linear(values: np.ndarray) -> np.ndarray:
    """Undo the display curve of sRGB values in [0, 1]."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4).astype(np.float32)


_LINEAR = _linear(np.arange(256) / 255)
# Linear sRGB to CIE XYZ, each row divided by the white point D65.
_TO_XYZ = np.float32(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
) / np.float32([[0.950456], [1.0], [1.088754]])


def to_lab(image: np.ndarray) -> np.ndarray:
    """Convert sRGB [..., 3] in 0..255, uint8 or float, to CIELAB, float32: L in 0..100, a and b about -128..127."""
    # Channel by channel from here on: numpy takes several times as long where every third value is wanted.
    colors = image.reshape(-1, 1, 3)
    linear = cv2.LUT(colors, _LINEAR) if image.dtype == np.uint8 else _linear(colors / 255)
    x, y, z = (_root(ratio) for ratio in cv2.split(cv2.transform(linear, _TO_XYZ)))
    return cv2.merge([116 * y - 16, 500 * (x - y), 200 * (y - z)]).reshape(image.shape)


def _root(ratio: np.ndarray) -> np.ndarray:
    """Return CIELAB's cube root of float32 [N, 1], which is straight near 0."""
    root = np.cbrt(ratio)
    dark = ratio <= (6 / 29) ** 3
    root[dark] = ratio[dark] * (29 / 6) ** 2 / 3 + 4 / 29
    return root


def from_lab(lab: np.ndarray) -> np.ndarray:
    """Convert CIELAB float32 [H, W, 3] to sRGB, uint8, rounded; colors out of gamut are clipped."""
    # OpenCV clips to [0, 1], the valid range.
    return np.rint(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB) * 255).clip(0, 255).astype(np.uint8)


def ciede2000(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the difference of CIELAB colors [..., 3] and [..., 3], broadcast against each other, float64 [...]."""
    (lightness_1, a_1, b_1), (lightness_2, a_2, b_2) = (
        np.moveaxis(np.asarray(color, np.float64), -1, 0) for color in (first, second)
    )
    # Greys are stretched along a, so that near them hues differ as much as the eye sees.
    seventh = ((np.hypot(a_1, b_1) + np.hypot(a_2, b_2)) / 2) ** 7
    stretch = 1.5 - 0.5 * np.sqrt(seventh / (seventh + _FAR))
    chroma_1, hue_1 = _polar(a_1 * stretch, b_1)
    chroma_2, hue_2 = _polar(a_2 * stretch, b_2)
    grey = chroma_1 * chroma_2 == 0
    turn = np.where(grey, 0.0, (hue_2 - hue_1 + 180) % 360 - 180)
    # Exactly opposite hues: the sign of the turn is the formula's, it decides the rotation term.
    turn = np.where(~grey & (hue_2 - hue_1 == 180), 180.0, turn)
    hue = np.where(grey, hue_1 + hue_2, _mean_hue(hue_1, hue_2))
    lightness, chroma = (lightness_1 + lightness_2) / 2, (chroma_1 + chroma_2) / 2
    delta_hue = 2 * np.sqrt(chroma_1 * chroma_2) * np.sin(np.radians(turn) / 2)

    away = (lightness - 50) ** 2
    scale_lightness = 1 + 0.015 * away / np.sqrt(20 + away)
    scale_chroma = 1 + 0.045 * chroma
    waves = (
        1
        - 0.17 * np.cos(np.radians(hue - 30))
        + 0.24 * np.cos(np.radians(2 * hue))
        + 0.32 * np.cos(np.radians(3 * hue + 6))
        - 0.20 * np.cos(np.radians(4 * hue - 63))
    )
    scale_hue = 1 + 0.015 * chroma * waves
    blue = 30 * np.exp(-(((hue - 275) / 25) ** 2))
    rotation = -2 * np.sqrt(chroma**7 / (chroma**7 + _FAR)) * np.sin(np.radians(2 * blue))

    by_lightness = (lightness_2 - lightness_1) / scale_lightness
    by_chroma = (chroma_2 - chroma_1) / scale_chroma
    by_hue = delta_hue / scale_hue
    return np.sqrt(by_lightness**2 + by_chroma**2 + by_hue**2 + rotation * by_chroma * by_hue)


def _polar(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return chroma and hue, in degrees in [0, 360); a grey has hue 0."""
    return np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _mean_hue(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the hue in the middle of the shorter way around, in degrees."""
    total = first + second
    across = np.where(total < 360, total + 360, total - 360)
    return np.where(np.abs(first - second) <= 180, total, across) / 2
