"""Cutting a face out of an image."""

import cv2
import numpy as np

from synface.core.resize import resize
from synface.faces.align import align, aligned_box
from synface.faces.boxes import Box, widen
from synface.faces.table import Face


def cut_patch(frame: np.ndarray, box: Box, width: int, height: int) -> np.ndarray:
    """Cut ``box``, which lies inside uint8 RGB [H, W, 3], out and resize it bilinearly to [height, width, 3].

    As GANmut's notebook does before it edits a face, whether that enlarges or shrinks it.
    """
    left, top, right, bottom = (int(edge) for edge in box)
    return cv2.resize(frame[top:bottom, left:right], (width, height), interpolation=cv2.INTER_LINEAR)


def paste(frame: np.ndarray, patch: np.ndarray, box: Box) -> np.ndarray:
    """Return uint8 RGB ``frame`` with ``patch`` resized into ``box``, which lies inside it, hard edges and all."""
    left, top, right, bottom = (int(edge) for edge in box)
    pasted = frame.copy()
    pasted[top:bottom, left:right] = resize(patch, right - left, bottom - top)
    return pasted


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


def cut_face(
    image: np.ndarray, face: Face, *, method: str, margin: float, size: int, square: bool = True
) -> tuple[np.ndarray, tuple[int, int, int, int]]:
    """Return a found face of uint8 RGB [H, W, 3], ``size`` x ``size`` pixels, and the box that it was in.

    Args:
        image: where the face was found.
        face: its box and its five points.
        method: ``mtcnn`` cuts the box out; ``aligned`` brings the points onto ArcFace's template, see `align`.
        margin: added around box or template, as a fraction of its side.
        size: of the result.
        square: of ``mtcnn``: a square around the box; false squeezes the box itself into the result.
    """
    if method == "aligned":
        return align(image, face.landmarks, size, margin), aligned_box(face.landmarks, margin)
    box = widen(face.box, margin, square)
    return cut_out(image, box, size), box
