"""The frame of a face that a generator knows: faces are edited in the frame in which it saw them when it was trained.

Mouths are painted on chins where it is another. MTCNN's boxes are a third higher than wide. The published GANmuts were
trained on AffectNet aligned by dlib's landmarks, and edit dlib's boxes, which are smaller and lower: of 59 portraits
MTCNN's squares, scaled and lowered as here, have with dlib's boxes an intersection over union of .82, as they are of
.64.
"""

import cv2
import numpy as np

from synface.faces.boxes import Box, widen
from synface.faces.cut import cut_out

FRAMINGS = ("mtcnn-box", "mtcnn-square", "dlib-like")
_DLIB_SCALE, _DLIB_LOWER = 0.80, 0.085  # of MTCNN's square; of the smaller square's side


def framed(box: Box, framing: str) -> tuple[int, int, int, int]:
    """Return the frame of a face whose MTCNN box is ``box``, in whole pixels; it may leave the picture."""
    if framing == "mtcnn-box":
        left, top, right, bottom = (round(edge) for edge in box)
        return left, top, right, bottom
    if framing == "mtcnn-square":
        return widen(box, 0.0, square=True)
    if framing != "dlib-like":
        raise ValueError(f"framing {framing!r}: expected one of {', '.join(FRAMINGS)}")
    lower = _DLIB_LOWER * _DLIB_SCALE * max(box[2] - box[0], box[3] - box[1])
    return widen((box[0], box[1] + lower, box[2], box[3] + lower), _DLIB_SCALE - 1, square=True)


def bring_into(image: np.ndarray, box: Box, framing: str, size: int) -> np.ndarray:
    """Return the face of uint8 RGB [H, W, 3] in its frame, ``size`` x ``size`` pixels, mirrored beyond the edges."""
    left, top, right, bottom = framed(box, framing)
    height, width = image.shape[:2]
    # Mirroring reaches as far as the picture does.
    reach = max(0, -left, right - width) >= width or max(0, -top, bottom - height) >= height
    if reach:
        left, top, right, bottom = max(left, 0), max(top, 0), min(right, width), min(bottom, height)
        return cv2.resize(image[top:bottom, left:right], (size, size), interpolation=cv2.INTER_LINEAR)
    return cut_out(image, (left, top, right, bottom), size)
