"""Where skin is in a patch that shows a face."""

import numpy as np

from synface.faces.table import Face

# Width of a face in heights of its box, on average of MTCNN's boxes: a square box shows hair and background beside it.
_FACE_WIDTH = 0.75


def face_mask(face: Face, height: int, width: int) -> np.ndarray:
    """Return where skin is in a patch of ``height`` x ``width`` pixels that shows the face's box: uint8 [H, W], 0 or 1.

    An ellipse in the box, of a face's width however wide the box, without eyes and mouth: those are what an edit
    changes most, and their colors say nothing about skin. Statistics over hair and background would make the colors
    worse than no transfer (Delta E 2000 of 10.8 instead of 8.1, measured). Where landmarks leave less than a third of
    the ellipse, all of it counts.
    """
    left, top, right, bottom = face.box
    scale = np.array([width / (right - left), height / (bottom - top)])
    left_eye, right_eye, _, mouth_left, mouth_right = (face.landmarks - (left, top)) * scale
    ellipse = np.zeros((height, width), np.uint8)
    face_width = min(right - left, _FACE_WIDTH * (bottom - top)) * scale[0]
    _fill(ellipse, np.array([width, height]) / 2, np.array([0.42 * face_width, 0.46 * height]), 1)
    skin = ellipse.copy()
    eyes = max(float(np.linalg.norm(right_eye - left_eye)), 1.0)
    for eye in (left_eye, right_eye):
        _fill(skin, eye, np.array([0.3, 0.2]) * eyes, 0)
    mouth = max(float(np.linalg.norm(mouth_right - mouth_left)), 0.6 * eyes)
    _fill(skin, (mouth_left + mouth_right) / 2, np.array([0.6, 0.4]) * mouth, 0)
    return skin if 3 * skin.sum() > ellipse.sum() else ellipse


def _fill(mask: np.ndarray, center: np.ndarray, radii: np.ndarray, value: int) -> None:
    """Set the pixels of ``mask`` within an upright ellipse to ``value``, in place."""
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    inside = ((columns + 0.5 - center[0]) / radii[0]) ** 2 + ((rows + 0.5 - center[1]) / radii[1]) ** 2 <= 1
    mask[inside] = value
