"""The faces of an atlas: portraits edited at every code, what a judge reads in them, and sheets of their pictures."""

import base64
import io
import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from synface.core.progress import progress
from synface.judges.reading import Judge, read_faces
from synface.report.canvas import fit
from synface.stages.edit import edit_patches

SIDES = (128, 112, 96, 80, 64)
"""Sides of a face on a sheet, in pixels: whole blocks of the compression, so that no face shows its neighbor."""
COLUMNS = 16
MOST = 5_400_000  # bytes of all sheets: as text of a page a third more, which leaves it under 8 MB
_BATCH, _QUALITY = 16, 84


def edit_at(
    patches: Sequence[np.ndarray],
    codes: np.ndarray,
    network: Callable[[Tensor, Tensor], Tensor],
    device: torch.device,
) -> np.ndarray:
    """Return every portrait at every code, as a run would edit it.

    Args:
        patches: P times uint8 RGB [S, S, 3].
        codes: [N, 2].
        network: an `InferenceGenerator`.
        device: where it is.

    Returns:
        uint8 RGB [P, N, S, S, 3].
    """
    copies = (("", patch, (float(x), float(y))) for patch in patches for x, y in codes)
    total = len(patches) * len(codes)
    edited = [face for _, face in progress(edit_patches(copies, network, _BATCH, device), total=total, what="faces")]
    return np.stack(edited).reshape(len(patches), len(codes), *patches[0].shape)


def read_edits(judge: Judge, patches: Sequence[np.ndarray], edited: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what ``judge`` reads in the portraits, int [P], and in their edits, int [P, N], as places in `Emotion`."""
    before = read_faces(judge, patches).probabilities.argmax(axis=1)
    faces = progress(edited.reshape(-1, *edited.shape[2:]), total=edited.shape[0] * edited.shape[1], what="readings")
    return before, read_faces(judge, faces).probabilities.argmax(axis=1).reshape(edited.shape[:2])


def make_sheets(patches: Sequence[np.ndarray], edited: np.ndarray, most: int = MOST) -> tuple[int, list[str]]:
    """Return the side of a face and, for each portrait, a WebP sheet of its faces as base64.

    Faces fill rows of `COLUMNS`, in the order of the codes; the portrait itself is the last. They are as large as the
    generator's, at most the first of `SIDES`, and smaller where all sheets would have more than ``most`` bytes.
    """
    sides = [side for side in SIDES if side <= edited.shape[2]] or [edited.shape[2]]
    for side in sides:
        first = _sheet([*edited[0], patches[0]], side)
        if len(first) * len(patches) > 1.1 * most and side != sides[-1]:
            continue
        rest = [_sheet([*own, patch], side) for own, patch in zip(edited[1:], patches[1:], strict=True)]
        sheets = [first, *rest]
        if sum(map(len, sheets)) <= most or side == sides[-1]:
            break
    return side, [base64.b64encode(sheet).decode("ascii") for sheet in sheets]


def _sheet(faces: Sequence[np.ndarray], side: int) -> bytes:
    sheet = np.zeros((math.ceil(len(faces) / COLUMNS) * side, COLUMNS * side, 3), np.uint8)
    for number, face in enumerate(faces):
        row, column = divmod(number, COLUMNS)
        sheet[row * side : (row + 1) * side, column * side : (column + 1) * side] = fit(face, side)
    buffer = io.BytesIO()
    Image.fromarray(sheet).save(buffer, format="WEBP", quality=_QUALITY, method=2)
    return buffer.getvalue()
