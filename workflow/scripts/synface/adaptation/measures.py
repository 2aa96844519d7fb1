"""How far an adapted face is from its portrait and from the truth, in CIEDE2000; 1 is about what an eye sees.

All are taken in the face's box and a few pixels around it.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from synface.core.lab import ciede2000, to_lab
from synface.faces.boxes import clip
from synface.faces.outline import face_outline
from synface.faces.skin import face_mask
from synface.faces.table import Face

_MARGIN = 10  # pixels around the box
_STEPS = ((0, 1), (1, 0))


@dataclass(frozen=True, eq=False)
class Place:
    """Where a face is, and what the untouched portrait has there.

    Attributes:
        window: rows and columns of the frame that are looked at.
        lab: the portrait's colors in it, float32 [h, w, 3].
        face: the face in the window's pixels.
        box: bool [h, w], without what is known to be wrong in the edit.
        skin: bool [h, w], see `synface.faces.skin`, without what is wrong.
        around: bool [h, w], in the box but out of the face's outline.
        rings: by border, bool [h, w]: three pixels wide along the box and along the outline.
        untouched: by border, the strength of the ring in the portrait.
    """

    window: tuple[slice, slice]
    lab: np.ndarray
    face: Face
    box: np.ndarray
    skin: np.ndarray
    around: np.ndarray
    rings: tuple[np.ndarray, ...]
    untouched: tuple[float, ...]


def place_of(frame: np.ndarray, face: Face, wrong: np.ndarray | None = None) -> Place:
    """Return where ``face`` is in ``frame``, uint8 RGB [H, W, 3]; ``wrong``, bool [H, W], is left out of its colors."""
    left, top, right, bottom = face.box
    first, above, last, below = clip(
        (left - _MARGIN, top - _MARGIN, right + _MARGIN, bottom + _MARGIN), *frame.shape[:2]
    )
    window = slice(above, below), slice(first, last)
    inner = np.s_[top - above : bottom - above, left - first : right - first]
    shape = below - above, last - first
    box, skin, outline = (np.zeros(shape, np.uint8) for _ in range(3))
    box[inner] = 1
    skin[inner] = face_mask(face, bottom - top, right - left)
    cv2.fillConvexPoly(outline, np.rint(face_outline(face.landmarks) - (first, above)).astype(np.int32), 1)
    outline &= box
    right_box, right_skin = (mask > 0 if wrong is None else (mask > 0) & ~wrong[window] for mask in (box, skin))
    rings = tuple(_ring(mask) for mask in (box, outline))
    lab = to_lab(frame[window])
    return Place(
        window=window,
        lab=lab,
        face=Face((left - first, top - above, right - first, bottom - above), 1.0, face.landmarks - (first, above)),
        box=right_box,
        skin=right_skin,
        around=(box > 0) & (outline == 0),
        rings=rings,
        untouched=tuple(_strength(lab, ring) for ring in rings),
    )


def measure(composite: np.ndarray, place: Place, truth: np.ndarray | None = None) -> dict[str, float]:
    """Measure one adapted face.

    Args:
        composite: uint8 RGB [H, W, 3].
        place: the face in its portrait.
        truth: what the composite should be, or None.

    Returns:
        ``skin``: between the median colors of the skin before and after; ``around``: mean difference of the pixels
        beside the face, which no edit should change; ``seam``: mean step between neighbors along the more visible of
        the two borders, beyond the step that the portrait has there; ``visible``: the sum of the three, a seam below 0
        as 0. With a truth: ``truth``, mean difference of the box's pixels to it; ``truth_skin``, between the median
        colors of the skin; ``fmse``, mean squared error in the box in levels of 255 squared; ``psnr`` of the picture
        in dB.
    """
    lab = to_lab(composite[place.window])
    colors = np.median(lab[place.skin], axis=0)
    skin = float(ciede2000(colors, np.median(place.lab[place.skin], axis=0)))
    around = _difference(lab, place.lab, place.around)
    steps = (_strength(lab, ring) for ring in place.rings)
    seam = max(step - before for step, before in zip(steps, place.untouched, strict=True))
    found = {"skin": skin, "around": around, "seam": seam, "visible": skin + around + max(seam, 0.0)}
    if truth is None:
        return found
    wanted = to_lab(truth[place.window])
    found["truth"] = _difference(lab, wanted, place.box)
    found["truth_skin"] = float(ciede2000(colors, np.median(wanted[place.skin], axis=0)))
    squares = (composite[place.window].astype(np.float32) - truth[place.window])[place.box] ** 2
    found["fmse"] = float(squares.mean())
    # Beyond the box nothing is changed, and nothing should be. 78 dB for equal pictures.
    found["psnr"] = float(10 * np.log10(255**2 / max(squares.sum() / composite.size, 1e-3)))
    return found


def _difference(lab: np.ndarray, other: np.ndarray, where: np.ndarray) -> float:
    """Return the mean CIEDE2000 at every second pixel of every second row, which is as good; 0 where there is none."""
    where = where.copy()
    where[1::2], where[:, 1::2] = False, False
    return float(ciede2000(lab[where], other[where]).mean()) if where.any() else 0.0


def _ring(mask: np.ndarray) -> np.ndarray:
    kernel = np.ones((3, 3), np.uint8)
    # Beyond the window is more of the same: where the picture's edge cuts a face is no border.
    return cv2.dilate(mask, kernel) > cv2.erode(mask, kernel, borderType=cv2.BORDER_REPLICATE)


def _strength(lab: np.ndarray, ring: np.ndarray) -> float:
    """Return the mean CIEDE2000 between neighbors that both lie in ``ring``; 0 where there are none."""
    steps = []
    for down, right in _STEPS:
        here, there = (np.s_[: -down or None, : -right or None], np.s_[down:, right:])
        pairs = ring[here] & ring[there]
        steps.append(ciede2000(lab[here][pairs], lab[there][pairs]))
    steps = np.concatenate(steps)
    return float(steps.mean()) if len(steps) else 0.0
