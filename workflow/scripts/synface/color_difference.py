"""CIEDE2000: how different two colors look; 1 is about the smallest difference that an eye sees side by side.

Sharma, Wu & Dalal (2005), "The CIEDE2000 color-difference formula: implementation notes, supplementary test data, and
mathematical observations", Color Research & Application 30(1), with all parametric factors 1.
"""

import numpy as np

_FAR = 25.0**7


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
