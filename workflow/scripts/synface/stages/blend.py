"""Blending: the edited face put back into its portrait without a visible seam (section 3.1.3 of the study)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from synface.core.progress import progress
from synface.core.resize import resize
from synface.core.shards import write_shard
from synface.faces.table import read_faces
from synface.stages.planned import read_pairs


def blend_faces(
    *,
    patches: Path | str,
    frames: Path | str,
    faces: Path | str,
    composites: Path | str,
    settings: Mapping[str, Any],
) -> None:
    """Blend the edited faces of one shard into their frames.

    Args:
        patches: the shard's edited faces, with or without color transfer.
        frames: its frames.
        faces: the boxes in them.
        composites: written: the frames with their edited face; frames without a face are left out.
        settings: ``method``: ``alpha`` with ``border`` (see `alpha_mask`), or ``none``, the hard paste that GANmut
            was published with.
    """
    found, _ = read_faces(faces)
    with write_shard(composites) as write:
        for source_id, frame, patch in progress(read_pairs(frames, patches), total=len(found), what="faces"):
            left, top, right, bottom = found[source_id].box
            region = frame[top:bottom, left:right]
            height, width = region.shape[:2]
            face = resize(patch, width, height)
            if settings["method"] == "alpha":
                face = blend(face, region, alpha_mask(height, width, settings["border"]))
            frame = frame.copy()
            frame[top:bottom, left:right] = face
            write(source_id, frame)


def alpha_mask(height: int, width: int, border: float) -> np.ndarray:
    """Return how much of the edited face each pixel shows: float32 [height, width, 3], three equal channels.

    1 in the center, falling linearly to exactly 0 at the outermost pixels, where the composite is the portrait itself:
    a pixel ``d`` pixels from the nearest edge weighs min(1, d / (border * shorter side)).

    Args:
        height: of the face's box in pixels.
        width: of the face's box in pixels.
        border: width of the ramp as a fraction of the shorter side, in (0, 0.5].
    """
    if not 0 < border <= 0.5:
        raise ValueError(f"border {border} is not a fraction of the shorter side in (0, 0.5]")
    if min(height, width) < 1:
        raise ValueError(f"expected a box of at least one pixel, got {height} x {width}")
    rows, columns = (np.minimum(np.arange(side), np.arange(side)[::-1]) for side in (height, width))
    distance = np.minimum(rows[:, None], columns[None, :])
    ramp = np.minimum(1.0, distance / (border * min(height, width))).astype(np.float32)
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
