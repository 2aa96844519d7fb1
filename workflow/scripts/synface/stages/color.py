"""Color transfer in CIELAB: the edited face gets the colors of the face it replaces.

Reinhard et al. (2001), "Color transfer between images", with CIELAB for l-alpha-beta: the mean and standard deviation
of each channel are made those of the original. Section 3.1.2 of the study states the goal and swaps the two names in
its formula; the goal is what is done here. All of it in floats: OpenCV's 8-bit CIELAB errs by up to 24 levels.
"""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from synface.core.lab import from_lab, to_lab
from synface.core.progress import progress
from synface.core.shards import write_shard
from synface.faces.cut import cut_patch
from synface.faces.skin import face_mask
from synface.faces.table import read_faces
from synface.stages.planned import read_pairs

logger = logging.getLogger(__name__)

# A patch without contrast has a standard deviation of 0, and one with little has mostly noise: bounds on the gain keep
# either from being blown up. Lightness keeps half of its contrast, which carries the expression; the two chromatic
# channels may lose all of it, since a grey photograph has none. The floor is far below a visible difference of 1.
SMALLEST_DEVIATION = 0.01
SMALLEST_GAIN = np.array([0.5, 0.0, 0.0])
LARGEST_GAIN = 2.0
# A color out of sRGB's gamut is clipped; counted where that shows (Delta E 1976 above 1).
VISIBLE = 1.0


def transfer_color(
    *,
    edited: Path | str,
    frames: Path | str,
    faces: Path | str,
    recolored: Path | str,
    settings: Mapping[str, Any],
) -> None:
    """Give the edited faces of one shard the colors of the original ones.

    Args:
        edited: the shard's edited faces, all of one size.
        frames: its frames.
        faces: the boxes and landmarks in them.
        recolored: written: the edited faces with their new colors, in the same order.
        settings: ``region``, whose pixels the statistics are taken of: ``face`` (see `face_mask`) or the whole
            ``patch``; ``strength`` in [0, 1], from the edited colors to the original ones.
    """
    found, _ = read_faces(faces)
    clipped = []
    with write_shard(recolored) as write:
        for source_id, frame, patch in progress(read_pairs(frames, edited), total=len(found), what="faces"):
            face = found[source_id]
            height, width = patch.shape[:2]
            # As the face was cut out before it was edited: the same pixels are compared.
            original = cut_patch(frame, face.box, width, height)
            mask = face_mask(face, height, width) if settings["region"] == "face" else None
            image, share = _transfer(patch, original, mask, settings["strength"])
            clipped.append(share)
            write(source_id, image)
    logger.info("out of gamut and clipped: %.2f %% of the pixels", 100 * np.mean(clipped or [0.0]))


def transfer_lab(edited: np.ndarray, reference: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Give ``edited`` the mean and standard deviation per CIELAB channel of ``reference``.

    Args:
        edited: uint8 RGB [H, W, 3] (sRGB).
        reference: uint8 RGB [H, W, 3]: what was there before the edit, so that the same pixels are compared.
        mask: [H, W], bool or any numbers >= 0: the weight of each pixel in the statistics of both images; all pixels
            change. None weighs all the same.

    Returns:
        uint8 RGB [H, W, 3]. No standard deviation grows by more than `LARGEST_GAIN`, that of lightness keeps half at
        least; colors out of gamut are clipped.

    Raises:
        ValueError: other types or shapes, or a mask that is zero everywhere.
    """
    return _transfer(edited, reference, mask, strength=1.0)[0]


def _transfer(
    edited: np.ndarray, reference: np.ndarray, mask: np.ndarray | None, strength: float
) -> tuple[np.ndarray, float]:
    """Return the recolored image and the fraction of its pixels that were visibly clipped."""
    for image in (edited, reference):
        if image.dtype != np.uint8 or image.shape != edited.shape or image.shape[2:] != (3,):
            raise ValueError(
                f"expected two uint8 [H, W, 3] images of one size, got {edited.dtype} {edited.shape} and "
                f"{reference.dtype} {reference.shape}"
            )
    weights = np.ones(edited.shape[:2]) if mask is None else np.asarray(mask, dtype=float)
    if weights.shape != edited.shape[:2] or not weights.sum() > 0:
        raise ValueError(f"expected a mask {edited.shape[:2]} with a pixel above 0, got {weights.shape}")
    lab = to_lab(edited)
    mean, deviation = _statistics(lab, weights)
    target_mean, target_deviation = _statistics(to_lab(reference), weights)
    gain = (target_deviation / deviation.clip(SMALLEST_DEVIATION)).clip(SMALLEST_GAIN, LARGEST_GAIN)
    moved = (lab - mean) * gain + target_mean
    wanted = (lab + strength * (moved - lab)).astype(np.float32)
    image = from_lab(wanted)
    visible = np.linalg.norm(to_lab(image) - wanted, axis=2) > VISIBLE
    return image, float(visible.mean())


def _statistics(lab: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean and (population) standard deviation per channel, float64 [3]."""
    # Plain sums rather than a matrix product, whose order of adding depends on the number of threads.
    pixels, weights = lab.reshape(-1, 3).astype(float), (weights / weights.sum()).reshape(-1, 1)
    mean = (weights * pixels).sum(axis=0)
    return mean, np.sqrt((weights * (pixels - mean) ** 2).sum(axis=0))
