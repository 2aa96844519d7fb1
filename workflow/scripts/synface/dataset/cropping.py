"""One crop for every natural set: as it is, by the set's own boxes, or as the synthetic faces are cropped."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from synface.core.errors import InputError
from synface.faces.boxes import Box, area, clip, overlap, widen
from synface.faces.cut import cut_face, cut_out

Crop = Callable[[np.ndarray, Box | None], np.ndarray]
_LEAST_SIDE = 8  # pixels; a face smaller than that shows no expression


def crop_for(settings: Mapping[str, Any]) -> Crop | None:
    """Return a function (uint8 RGB [H, W, 3], box or None) -> face that raises `InputError` with the reason for none.

    Args:
        settings: ``method``, one of ``as-is`` (then there is no function), ``box``, ``mtcnn`` and ``aligned``;
            ``margin``, the fraction of the box added; ``size`` in pixels, None for the box's own; ``min_face`` and
            ``min_probability`` of MTCNN.
    """
    methods = {"box": _by_box, "mtcnn": _by_detector, "aligned": _by_detector}
    return None if settings["method"] == "as-is" else methods[settings["method"]](settings)


def _by_box(settings: Mapping[str, Any]) -> Crop:
    def crop(image: np.ndarray, box: Box | None) -> np.ndarray:
        if box is None:
            raise InputError("has no face box")
        height, width = image.shape[:2]
        inside = clip(box, height, width)
        if area(inside) < area(box) / 2:
            edges = ", ".join(f"{edge:g}" for edge in box)
            raise InputError(f"its face box lies outside of the picture ({edges} in {width} x {height} pixels)")
        if min(inside[2] - inside[0], inside[3] - inside[1]) < _LEAST_SIDE:
            raise InputError(f"its face box is smaller than {_LEAST_SIDE} pixels")
        # The box as the set has it; only a margin or a size asks for a square.
        if settings["size"] is None and not settings["margin"]:
            left, top, right, bottom = inside
            return image[top:bottom, left:right]
        square = widen(inside, settings["margin"], square=True)
        return cut_out(image, square, settings["size"] or square[2] - square[0])

    return crop


def _by_detector(settings: Mapping[str, Any]) -> Crop:
    # PyTorch is only there where a set asks for it.
    from synface.faces.detector import load_detector

    detector = load_detector(min_face=settings["min_face"])

    def crop(image: np.ndarray, box: Box | None) -> np.ndarray:
        height, width = image.shape[:2]
        found = [face for face in detector.detect([image])[0] if face.probability >= settings["min_probability"]]
        if not found:
            raise InputError("no face was found")
        face = found[0] if box is None else max(found, key=lambda face: overlap(face.box, box))
        if box is not None and overlap(face.box, box) == 0:
            raise InputError("no face was found where its face box is")
        size = settings["size"] or min(height, width)
        return cut_face(image, face, method=settings["method"], margin=settings["margin"], size=size)[0]

    return crop
