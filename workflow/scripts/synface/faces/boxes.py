"""Geometry of boxes (left, top, right, bottom) in pixels; right and bottom are exclusive, so width = right - left."""

import math
from collections.abc import Sequence

Box = Sequence[float]


def area(box: Box) -> float:
    """Return the area in square pixels; 0 for an empty or inverted box."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def overlap(first: Box, second: Box) -> float:
    """Return the intersection over union (Jaccard index) in [0, 1]; 0 when both boxes are empty."""
    shared = area(
        (max(first[0], second[0]), max(first[1], second[1]), min(first[2], second[2]), min(first[3], second[3]))
    )
    union = area(first) + area(second) - shared
    return shared / union if union > 0 else 0.0


def clip(box: Box, height: int, width: int) -> tuple[int, int, int, int]:
    """Return the part of ``box`` inside an image of ``height`` x ``width`` pixels, rounded to whole pixels."""
    left, right = (min(max(round(edge), 0), width) for edge in (box[0], box[2]))
    top, bottom = (min(max(round(edge), 0), height) for edge in (box[1], box[3]))
    return left, top, right, bottom


def widen(box: Box, margin: float, square: bool) -> tuple[int, int, int, int]:
    """Return ``box`` about the same center, larger by ``margin`` and, if ``square``, with equal sides.

    ``margin`` is a fraction of the box's sides, half of which is added at either end (-0.5 would halve the box). A
    square takes the longer side, so nothing of the box is lost. The result is in whole pixels and may leave the image.
    """
    sides = [(box[2] - box[0]) * (1 + margin), (box[3] - box[1]) * (1 + margin)]
    if square:
        sides = [max(sides)] * 2
    width, height = (max(1, round(side)) for side in sides)
    left = math.floor((box[0] + box[2] - width) / 2 + 0.5)
    top = math.floor((box[1] + box[3] - height) / 2 + 0.5)
    return left, top, left + width, top + height


def box_in(frame: tuple[int, int], relative: Box | None) -> tuple[int, int, int, int]:
    """Return what a patch shows of a frame of (height, width) pixels, in whole pixels; it may leave the frame."""
    height, width = frame
    if relative is None:
        return 0, 0, width, height
    left, top, right, bottom = (round(edge * min(frame)) for edge in relative)
    return left, top, right, bottom
