"""Blending: the edited face put back into its portrait without a visible seam (section 3.1.3 of the study).

Every method changes pixels of the face's box alone, and none when the face was not edited.

* ``none``: the hard paste that GANmut was published with.
* ``alpha``: a linear ramp along the four edges of the box, the study's.
* ``feather``: a smooth ramp within the outline of the face, so that hair and background stay the portrait's.
* ``pyramid``: Burt & Adelson (1983), "A multiresolution spline with application to image mosaics": within the outline,
  each band of frequencies on a ramp of its own width.
* ``poisson``: Pérez, Gangnet & Blake (2003), "Poisson image editing": within the outline the edit's gradients, from the
  portrait's colors around it.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from synface.core.progress import progress
from synface.core.resize import resize
from synface.core.shards import write_shard
from synface.faces.cut import paste
from synface.faces.outline import face_outline
from synface.faces.table import Face, read_faces
from synface.stages.planned import read_pairs

Cut = tuple[bool, bool, bool, bool]
"""Whether left, top, right and bottom of a box are the picture's own edge: there is nothing to blend with."""
WHOLE: Cut = (False, False, False, False)

_SMALLEST_SHARE = 0.1  # of the box; faces fill 0.44 to 0.62 of it with a border of 0.15, 0.17 at least with one of 0.5
# OpenCV shrinks the mask by 3 pixels on each side before it solves: of a smaller one nothing much is left.
_SMALLEST_CLONE = 16
# Quantiles, per channel, of the difference that a cloned face is shifted by, along its mask.
_SURE = (0.15, 0.85)


def blend_faces(
    *,
    patches: Path | str,
    frames: Path | str,
    faces: Path | str,
    blended: Path | str,
    settings: Mapping[str, Any],
) -> None:
    """Blend the edited faces of one shard into their frames.

    Args:
        patches: the shard's edited faces, with or without color transfer.
        frames: its frames.
        faces: the boxes and landmarks in them.
        blended: written: what the boxes of the faces show afterwards; the rest of a frame stays as it is, and is not
            kept a second time. Frames without a face are left out.
        settings: ``method`` and ``border``, see `blend_face`.
    """
    found, _ = read_faces(faces)
    with write_shard(blended) as write:
        for source_id, frame, patch in progress(read_pairs(frames, patches), total=len(found), what="faces"):
            write(source_id, blend_face(frame, patch, found[source_id], **settings))


def put_back(frame: np.ndarray, patch: np.ndarray, face: Face, *, method: str, border: float) -> np.ndarray:
    """Return the composite: ``frame`` with the edited face in it; arguments as in `blend_face`."""
    return paste(frame, blend_face(frame, patch, face, method=method, border=border), face.box)


def blend_face(frame: np.ndarray, patch: np.ndarray, face: Face, *, method: str, border: float) -> np.ndarray:
    """Return what the box of ``face`` shows with the edited face in it: uint8 RGB of the box's size.

    Args:
        frame: uint8 RGB [H, W, 3], the portrait.
        patch: uint8 RGB, the edited box of ``face``, of any size.
        face: where it is in the frame.
        method: ``none``, ``alpha``, ``feather``, ``pyramid`` or ``poisson``, as the module describes them.
        border: width of the ramp as a fraction of the box's shorter side, in (0, 0.5].
    """
    left, top, right, bottom = face.box
    region = frame[top:bottom, left:right]
    height, width = region.shape[:2]
    edited = resize(patch, width, height)
    cut = (left == 0, top == 0, right == frame.shape[1], bottom == frame.shape[0])
    if method == "alpha":
        edited = blend(edited, region, alpha_mask(height, width, border, cut))
    elif method != "none":
        mask = feather_mask(height, width, border, face_outline(face.landmarks) - (left, top), cut)
        # Landmarks that have gone astray must not take the expression away, which is in the label.
        if mask.mean() < _SMALLEST_SHARE:
            mask = alpha_mask(height, width, border, cut)
        if method == "poisson":
            edited = clone(edited, region, mask, cut)
        elif method == "pyramid":
            edited = blend_bands(edited, region, mask, border)
            mask = alpha_mask(height, width, border, cut)
        edited = blend(edited, region, mask)
    return edited


def alpha_mask(height: int, width: int, border: float, cut: Cut = WHOLE) -> np.ndarray:
    """Return how much of the edited face each pixel shows: float32 [height, width, 3], three equal channels.

    1 in the center, falling linearly to exactly 0 at the outermost pixels, where the composite is the portrait itself:
    a pixel ``d`` pixels from the nearest edge weighs min(1, d / (border * shorter side)).

    Args:
        height: of the face's box in pixels.
        width: of the face's box in pixels.
        border: width of the ramp as a fraction of the shorter side, in (0, 0.5].
        cut: edges without a ramp.
    """
    _check(height, width, border)
    distance = _edge_distance(height, width, cut)
    ramp = np.minimum(1.0, distance / (border * min(height, width))).astype(np.float32)
    return np.repeat(ramp[:, :, None], 3, axis=2)


def feather_mask(height: int, width: int, border: float, outline: np.ndarray, cut: Cut = WHOLE) -> np.ndarray:
    """Return how much of the edited face each pixel shows: float32 [height, width, 3], three equal channels.

    0 outside of the ``outline`` [n, 2], a convex polygon in pixels of the box, and at the box's edges but the ``cut``
    ones; rising smoothly within, to 1 at ``border`` times the box's shorter side.
    """
    _check(height, width, border)
    inside = np.full((height, width), np.inf)
    rows, columns = np.mgrid[:height, :width]
    corners = cv2.convexHull(np.float32(outline))[:, 0].astype(float)
    # The nearest side of a convex polygon is nearest by its whole line; OpenCV's distances know whole pixels alone. Its
    # hull goes around so that the inside has the sign below.
    for (x, y), (dx, dy) in zip(corners, np.roll(corners, -1, axis=0) - corners, strict=True):
        away = ((rows - y) * dx - (columns - x) * dy) / max(np.hypot(dx, dy), 1e-6)
        inside = np.minimum(inside, away)
    distance = np.minimum(inside, _edge_distance(height, width, cut))
    ramp = (distance / (border * min(height, width))).clip(0, 1)
    ramp = (ramp**2 * (3 - 2 * ramp)).astype(np.float32)
    return np.repeat(ramp[:, :, None], 3, axis=2)


def blend(patch: np.ndarray, region: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return ``mask`` * ``patch`` + (1 - ``mask``) * ``region``, computed in floats and rounded.

    Args:
        patch: uint8 RGB [H, W, 3], shown where the mask is 1.
        region: uint8 RGB [H, W, 3], shown where the mask is 0.
        mask: float in [0, 1], [H, W, 3].

    Returns:
        uint8 RGB [H, W, 3].
    """
    if patch.dtype != np.uint8 or region.dtype != np.uint8 or not patch.shape == region.shape == mask.shape:
        raise ValueError(
            f"expected uint8 patch and region of the mask's shape, got {patch.dtype} {patch.shape}, "
            f"{region.dtype} {region.shape} and {mask.shape}"
        )
    behind = region.astype(np.float32)
    return np.rint(behind + mask.astype(np.float32) * (patch - behind)).clip(0, 255).astype(np.uint8)


def blend_bands(patch: np.ndarray, region: np.ndarray, mask: np.ndarray, border: float) -> np.ndarray:
    """Blend the Laplacian pyramids of ``patch`` and ``region``, uint8 RGB [H, W, 3], where ``mask`` is above a half.

    The coarsest band fades over about ``border`` times the shorter side, the finest over a few pixels.
    """
    levels = max(1, round(np.log2(max(2.0, border * min(mask.shape[:2])))))
    shown = (mask > 0.5).astype(np.float32)
    fronts, backs = (_bands(image.astype(np.float32), levels) for image in (patch, region))
    shares = [shown]
    for _ in range(levels):
        shares.append(cv2.pyrDown(shares[-1]))
    image = np.float32(0)
    for front, back, share in zip(fronts[::-1], backs[::-1], shares[::-1], strict=True):
        band = back + share * (front - back)
        image = band + (cv2.pyrUp(image, dstsize=band.shape[1::-1]) if image.ndim else image)
    return np.rint(image).clip(0, 255).astype(np.uint8)


def clone(patch: np.ndarray, region: np.ndarray, mask: np.ndarray, cut: Cut = WHOLE) -> np.ndarray:
    """Clone ``patch`` into ``region``, uint8 RGB [H, W, 3], where ``mask`` is above a half.

    The solution shifts the patch's colors by what it finds around the mask, no further than most of it says (`_SURE`):
    where hair or an open jaw meets skin, that color would bleed into the face. A picture's own edge has nothing to say,
    so the picture goes on as its mirror image there. A mask too small for OpenCV leaves ``patch`` as it is.
    """
    height, width = mask.shape[:2]
    left, top, right, bottom = (side * (width, height)[number % 2] for number, side in enumerate(cut))
    shown = np.where(mask[:, :, 0] > 0.5, np.uint8(255), np.uint8(0))
    around = (mask[:, :, 0] > 0) & (shown == 0)
    if not around.any():
        return patch.copy()
    shift = region.astype(np.int16) - patch
    lowest, highest = np.quantile(shift[around], _SURE, axis=0).round().astype(np.int16)
    target = (patch + shift.clip(lowest, highest)).clip(0, 255).astype(np.uint8)
    shown, source, target = (
        cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_REFLECT) for image in (shown, patch, target)
    )
    # The mirror images of two opposite edges end in a mask, too: the solution has to begin somewhere.
    shown[[0, 1, -2, -1]] = 0
    shown[:, [0, 1, -2, -1]] = 0
    x, y, wide, high = cv2.boundingRect(shown)
    if min(wide, high) < _SMALLEST_CLONE:
        return patch.copy()
    cloned = cv2.seamlessClone(source, target, shown, (x + wide // 2, y + high // 2), cv2.NORMAL_CLONE)
    return cloned[top : top + height, left : left + width]


def _check(height: int, width: int, border: float) -> None:
    if not 0 < border <= 0.5:
        raise ValueError(f"border {border} is not a fraction of the shorter side in (0, 0.5]")
    if min(height, width) < 1:
        raise ValueError(f"expected a box of at least one pixel, got {height} x {width}")


def _edge_distance(height: int, width: int, cut: Cut) -> np.ndarray:
    """Return how many pixels lie between each and the nearest edge that is not ``cut``."""
    left, top, right, bottom = (np.inf if side else 0.0 for side in cut)
    rows = np.minimum(np.arange(height) + top, np.arange(height)[::-1] + bottom)
    columns = np.minimum(np.arange(width) + left, np.arange(width)[::-1] + right)
    return np.minimum(rows[:, None], columns[None, :])


def _bands(image: np.ndarray, levels: int) -> list[np.ndarray]:
    """Return the Laplacian pyramid of float32 [H, W, 3], finest first; the last is what remains."""
    bands = []
    for _ in range(levels):
        smaller = cv2.pyrDown(image)
        bands.append(image - cv2.pyrUp(smaller, dstsize=image.shape[1::-1]))
        image = smaller
    return [*bands, image]
