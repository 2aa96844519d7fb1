"""Resizing with the filter that fits: averages over areas when shrinking, bilinear otherwise."""

import cv2
import numpy as np


def resize(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """Resize uint8 [H, W, 3] to [height, width, 3].

    Bilinear sampling skips pixels when it shrinks, which aliases; averaging over areas turns into nearest neighbor when
    it enlarges. An image that shrinks in one direction and grows in the other is resized bilinearly.
    """
    if image.shape[:2] == (height, width):
        return image.copy()
    shrinks = width <= image.shape[1] and height <= image.shape[0]
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)


def shrink(image: np.ndarray, resolution: int) -> np.ndarray:
    """Scale uint8 [H, W, 3] down so that its shorter side is ``resolution``; a smaller image stays as it is."""
    height, width = image.shape[:2]
    shorter = min(height, width)
    if shorter <= resolution:
        return image
    return resize(image, *(max(1, round(side * resolution / shorter)) for side in (width, height)))
