"""Color transfer in CIELAB: the edited face gets the colors of the face it replaces.

Section 3.1.2 of the study states the goal and swaps the two names in its formula; the goal is what is done here. All of
it in floats: OpenCV's 8-bit CIELAB errs by up to 24 levels. `synface.stages.transfers` has the methods.
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
from synface.stages.transfers import TRANSFERS, steady_weights

logger = logging.getLogger(__name__)

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
        settings: ``method`` of `synface.stages.transfers`; ``region``, whose pixels the statistics are taken of:
            ``face`` (see `face_mask`) or the whole ``patch``, None for what the method is meant for; ``robust`` leaves
            pixels out that the edit changed otherwise than the rest; ``strength`` in [0, 1], from the edited colors to
            the original ones.
    """
    found, _ = read_faces(faces)
    # The report takes the mean of all that it cut out.
    region = settings["region"] or ("patch" if settings["method"] == "lab" else "face")
    clipped = []
    with write_shard(recolored) as write:
        for source_id, frame, patch in progress(read_pairs(frames, edited), total=len(found), what="faces"):
            face = found[source_id]
            height, width = patch.shape[:2]
            # As the face was cut out before it was edited: the same pixels are compared.
            original = cut_patch(frame, face.box, width, height)
            mask = face_mask(face, height, width) if region == "face" else None
            image, share = recolor(
                patch,
                original,
                mask,
                method=settings["method"],
                robust=settings["robust"],
                strength=settings["strength"],
            )
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
        uint8 RGB [H, W, 3]. No standard deviation grows by more than 2, that of lightness keeps half at least; colors
        out of gamut are clipped.

    Raises:
        ValueError: other types or shapes, or a mask that is zero everywhere.
    """
    return recolor(edited, reference, mask)[0]


def recolor(
    edited: np.ndarray,
    reference: np.ndarray,
    mask: np.ndarray | None = None,
    *,
    method: str = "lab-skin",
    robust: bool = False,
    strength: float = 1.0,
) -> tuple[np.ndarray, float]:
    """Give ``edited`` the colors of ``reference`` by a ``method`` of `synface.stages.transfers`.

    Args:
        edited: as for `transfer_lab`.
        reference: as for `transfer_lab`.
        mask: as for `transfer_lab`.
        method: name of the transfer.
        robust: leave out of the statistics what the edit changed otherwise than the rest, see `steady_weights`.
        strength: in [0, 1], from the edited colors to the new ones.

    Returns:
        The recolored image, uint8 RGB [H, W, 3], and the fraction of its pixels that were visibly clipped.
    """
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
    colors, target, weights = (
        lab.reshape(-1, 3).astype(float),
        to_lab(reference).reshape(-1, 3).astype(float),
        weights.ravel(),
    )
    if robust:
        weights = steady_weights(colors, target, weights)
    moved = TRANSFERS[method](colors, target, weights).reshape(lab.shape)
    wanted = (lab + strength * (moved - lab)).astype(np.float32)
    image = from_lab(wanted)
    visible = np.linalg.norm(to_lab(image) - wanted, axis=2) > VISIBLE
    return image, float(visible.mean())
