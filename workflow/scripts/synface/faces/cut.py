"""Cutting a face out of an image."""

import cv2
import numpy as np

from synface.core.resize import resize
from synface.faces.boxes import Box


def cut_patch(frame: np.ndarray, box: Box, width: int, height: int) -> np.ndarray:
    """Cut ``box``, which lies inside uint8 RGB [H, W, 3], out and resize it bilinearly to [height, width, 3].

    As GANmut's notebook does before it edits a face, whether that enlarges or shrinks it.
    """
    left, top, right, bottom = (int(edge) for edge in box)
    return cv2.resize(frame[top:bottom, left:right], (width, height), interpolation=cv2.INTER_LINEAR)


def cut_out(image: np.ndarray, box: tuple[int, int, int, int], size: int) -> np.ndarray:
    """Cut ``box`` out of uint8 RGB [H, W, 3] and resize it to ``size`` x ``size``.

    What lies outside of the image is its mirror image: a black edge would tell a classifier which faces were cropped.
    """
    height, width = image.shape[:2]
    left, top, right, bottom = box
    before, after = (max(0, -left), max(0, -top)), (max(0, right - width), max(0, bottom - height))
    if any((*before, *after)):
        image = cv2.copyMakeBorder(image, before[1], after[1], before[0], after[0], cv2.BORDER_REFLECT_101)
        left, top, right, bottom = left + before[0], top + before[1], right + before[0], bottom + before[1]
    return resize(image[top:bottom, left:right], size, size)
