"""The stages after the editor against known truth: each gets the true drawing in place of an edit.

A measure returns numbers of one face and judges nothing; `tests/unit/test_stage_truths.py` holds the bounds and
`stage_truths.py` prints the numbers.
"""

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np

from drawn.action_units import sample_expression
from drawn.face import DrawnFace, draw_face, sample_face
from drawn.truth.sitters import Picture
from synface.core.draws import keyed_generator
from synface.core.emotions import Emotion
from synface.core.lab import ciede2000, to_lab
from synface.core.resize import resize
from synface.faces.boxes import clip, widen
from synface.faces.cut import cut_out
from synface.faces.detector import Detector
from synface.faces.table import Face
from synface.settings.dataset import Crop
from synface.settings.edit import Detect
from synface.stages.blend import alpha_mask, blend
from synface.stages.color import face_mask, transfer_lab
from synface.stages.crop import matching_face

SEED = 7051
PATCH = 128  # pixels of an edited face
CROP = 100  # pixels of a crop
_SIX = [emotion for emotion in Emotion if emotion is not Emotion.NEUTRAL]


@lru_cache(maxsize=64)
def draw_pair(number: int) -> tuple[DrawnFace, DrawnFace]:
    """Draw a neutral portrait and its true edit, to one of the six emotions in turn."""
    item = str(number)
    face = sample_face(SEED, item, emotion=Emotion.NEUTRAL, intensity=0.0, domain="portraits")
    expression = sample_expression(SEED, item, emotion=_SIX[number % len(_SIX)], intensity=0.75)
    return draw_face(face), draw_face(replace(face, expression=expression))


def five_points(drawn: DrawnFace | Picture) -> np.ndarray:
    """Return the drawn eyes, nose and corners of the mouth, [5, 2], as MTCNN has them."""
    points = drawn.landmarks.astype(float)
    return np.stack([points[36:42].mean(axis=0), points[42:48].mean(axis=0), points[30], points[48], points[54]])


def drawn_box(drawn: DrawnFace) -> Face:
    """Return the face where it was drawn, in a box as MTCNN's are on average (see `drawn.scene`)."""
    points = five_points(drawn)
    unit = np.linalg.norm(points[1] - points[0]) / 0.91
    middle = points[:2].mean(axis=0) + np.array([0.0, 0.29 * unit])
    height, width = 2.71 * unit, 0.75 * 2.71 * unit
    box = (middle[0] - width / 2, middle[1] - height / 2, middle[0] + width / 2, middle[1] + height / 2)
    return Face(clip(box, *drawn.image.shape[:2]), 1.0, points)


def patch_of(image: np.ndarray, face: Face) -> np.ndarray:
    """Return the box of ``face`` as the editor gets it, uint8 [PATCH, PATCH, ...]."""
    left, top, right, bottom = face.box
    return cv2.resize(image[top:bottom, left:right], (PATCH, PATCH), interpolation=cv2.INTER_LINEAR)


def with_cast(image: np.ndarray, number: int) -> np.ndarray:
    """Return ``image`` as in another light: its linear channels times keyed gains between 0.6 and 1.4."""
    gains = keyed_generator(SEED, "cast", str(number)).uniform(0.6, 1.4, 3)
    value = image / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4) * gains
    value = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * value).clip(0, 255).astype(np.uint8)


def color_errors(number: int) -> tuple[float, float]:
    """Return CIEDE2000 of the skin's mean color to the true one: of a true edit with a cast, and after the transfer."""
    original, true = draw_pair(number)
    face = drawn_box(original)
    truth = patch_of(true.image, face)
    cast = with_cast(truth, number)
    transferred = transfer_lab(cast, patch_of(original.image, face), face_mask(face, PATCH, PATCH))
    skin = patch_of(true.face_mask, face) > 250
    before, after, wanted = (to_lab(image[skin]).mean(axis=0) for image in (cast, transferred, truth))
    return float(ciede2000(before, wanted)), float(ciede2000(after, wanted))


def seams(number: int, border: float = 0.15) -> tuple[float, float, float]:
    """Return the strength of the box's edges in the portrait, and with a cast edit blended and pasted into it.

    It is the mean step in levels of 255 across the four edges, at that of the 7 positions around each (from 3 pixels
    outside to 3 inside) where it is largest.
    """
    original, true = draw_pair(number)
    left, top, right, bottom = drawn_box(original).box
    region = original.image[top:bottom, left:right]
    height, width = region.shape[:2]
    patch = resize(with_cast(patch_of(true.image, drawn_box(original)), number), width, height)
    strengths = []
    for inside in (region, blend(patch, region, alpha_mask(height, width, border)), patch):
        image = original.image.astype(float)
        image[top:bottom, left:right] = inside
        across, down = (np.abs(np.diff(image, axis=axis)).mean(axis=2) for axis in (1, 0))
        rows, columns = slice(top, bottom), slice(left, right)
        around = range(-3, 4)
        edges = [[across[rows, edge - 1 + k].mean() for k in around] for edge in (left, right)]
        edges += [[down[edge - 1 + k, columns].mean() for k in around] for edge in (top, bottom)]
        strengths.append(float(np.mean([max(edge) for edge in edges])))
    return strengths[0], strengths[1], strengths[2]


def crop_error(number: int, detector: Detector) -> tuple[float, float] | None:
    """Return how far MTCNN's five points in a crop lie from the drawn ones mapped into it, and how far the crop is off.

    Both are fractions of the distance between the eyes: the mean over the points, and the shift, by phase correlation,
    of the crop against the same face drawn anew in the crop's frame. None where MTCNN finds no face.
    """
    _, true = draw_pair(number)
    seen = detector.detect([true.image])[0]
    face = matching_face(seen, drawn_box(true).box, Crop.min_overlap, Detect.min_probability)
    if isinstance(face, str):
        return None
    box = widen(face.box, 0.0, square=True)
    crop = cut_out(true.image, box, CROP)
    side = box[2] - box[0]
    expected = (five_points(true) + 0.5 - box[:2]) * (CROP / side) - 0.5
    seen = detector.detect([crop])[0]
    if not seen:
        return None
    eyes = np.linalg.norm(expected[1] - expected[0])
    scene, size = true.parameters.scene, true.image.shape[0]
    center = tuple((scene.center[axis] * size - box[axis]) / side for axis in (0, 1))
    anew = draw_face(
        replace(true.parameters, scene=replace(scene, scale=scene.scale * size / side, center=center)), CROP
    )
    window = cv2.createHanningWindow((CROP, CROP), cv2.CV_64F)
    greys = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(float) for image in (anew.image, crop)]
    shift, _ = cv2.phaseCorrelate(*greys, window)
    return float(np.linalg.norm(seen[0].landmarks - expected, axis=1).mean() / eyes), float(np.hypot(*shift) / eyes)
