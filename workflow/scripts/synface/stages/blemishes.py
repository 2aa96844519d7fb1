"""Blemishes: changes of an edited face that no change of its expression makes.

A generator that was trained too briefly smears: it darkens or brightens a whole region. Or it speckles: it adds fine
contrast where nothing moves. Both are measured in the change of lightness (CIELAB's L*) from the face as the generator
got it to the face as it left it, so they need neither a judge nor the truth. How much is too much,
`synface.report.blemishes` says.
"""

import logging
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from synface.core.draws import keyed_order
from synface.core.lab import ciede2000, to_lab
from synface.core.progress import progress
from synface.core.resize import resize
from synface.core.tables import write_table
from synface.faces.cut import cut_patch
from synface.faces.table import Face, read_faces
from synface.stages.planned import read_pairs, read_plan

logger = logging.getLogger(__name__)

SAMPLE = 200  # faces of an edit that are measured, chosen by a keyed order
SIZE = 128  # pixels at which patches are compared
AT_ORIGIN = 0.1  # rho up to which an edit should leave the face as it is
COLUMNS = ["source_id", "label", "rho", "smear", "speckle", "change"]

_SPREAD = 0.25  # of a smear: the Gaussian's sigma, in lengths of the face (`length_of`)
# Of speckles, in pixels of SIZE: what is finer than the first sigma, gathered over the second.
_FINE, _NEAR = 1.5, 1.25
# Something moves where L*, blurred with this sigma in pixels, changes by more than this, and around it by these pixels.
_BLUR, _MOVES, _AROUND = 4.0, 1.0, 6
_FEWEST = SIZE * SIZE // 16  # pixels that stay, or there is no place to look for speckles


def measure_blemishes(
    *,
    plan: Path | str,
    frames: Sequence[Path | str],
    faces: Sequence[Path | str],
    edited: Sequence[Path | str],
    blemishes: Path | str,
) -> None:
    """Measure the edited faces of one edit, at most `SAMPLE` of them; shards are in equal order everywhere.

    Args:
        plan: the edit's plan.csv.
        frames: every shard's frames.
        faces: every shard's table of faces.
        edited: every shard's edited patches.
        blemishes: written: `COLUMNS`, by source_id. ``change`` is the mean CIEDE2000 over the patch where rho is known
            and at most `AT_ORIGIN`, and empty elsewhere; ``speckle`` is empty where all of the patch moves.
    """
    found = [read_faces(path)[0] for path in faces]
    chosen = set(keyed_order(0, "blemishes", (source_id for shard in found for source_id in shard))[:SAMPLE])
    rows = read_plan(plan, columns=["label", "rho"]).set_index("source_id")
    measured = []
    pairs = (pair for files in zip(frames, edited, found, strict=True) for pair in _pairs(*files, chosen))
    for source_id, original, patch, face in progress(pairs, total=len(chosen), what="faces"):
        label, rho = rows.loc[source_id, ["label", "rho"]]
        smear, speckle = blemishes_of(original, patch, spread_in(face))
        change = change_of(original, patch) if rho <= AT_ORIGIN else None
        measured.append((source_id, label, rho, smear, speckle, change))
    table = pd.DataFrame(sorted(measured), columns=COLUMNS)
    logger.info("%d of %d faces measured", len(table), sum(map(len, found)))
    write_table(table.round(4), blemishes)


def _pairs(
    frames: Path | str, edited: Path | str, found: Mapping[str, Face], chosen: Container[str]
) -> Iterator[tuple[str, np.ndarray, np.ndarray, Face]]:
    """Yield (source_id, original patch, edited patch, face) of the chosen faces of a shard."""
    for source_id, frame, patch in read_pairs(frames, edited, only=chosen):
        height, width = patch.shape[:2]
        yield source_id, cut_patch(frame, found[source_id].box, width, height), patch, found[source_id]


def length_of(landmarks: np.ndarray) -> float:
    """Return the length of a face by its five points [5, 2], in their unit: from eye to eye, or from eyes to mouth.

    It is the longer of the two: a turned head shortens the first, a bowed one the second.
    """
    left, right, _, *corners = np.asarray(landmarks, float)
    across, down = right - left, np.mean(corners, axis=0) - (left + right) / 2
    return float(max(np.hypot(*across), np.hypot(*down)))


def spread_in(face: Face) -> tuple[float, float]:
    """Return how wide and high the Gaussian of a smear is in the patch that is a face's box, in pixels of `SIZE`."""
    left, top, right, bottom = face.box
    length = _SPREAD * SIZE * length_of(face.landmarks)
    return length / (right - left), length / (bottom - top)


def blemishes_of(original: np.ndarray, edited: np.ndarray, spread: tuple[float, float]) -> tuple[float, float]:
    """Return how much an edit smears and how much it speckles, both in L*.

    The smear is the largest change of lightness, up or down, after a Gaussian of ``spread``. The speckle is the root
    mean square of the fine contrast that was added, over the pixels where lightness stays otherwise; nan where these
    are too few. Lost contrast, as a blurred skin, is none.

    Args:
        original: uint8 RGB [S, S, 3].
        edited: of equal shape.
        spread: see `spread_in`.
    """
    before, after = (to_lab(resize(image, SIZE, SIZE))[..., 0] for image in (original, edited))
    change = after - before
    smear = float(np.abs(_blur(change, *spread)).max())
    moves = (np.abs(_blur(change, _BLUR)) > _MOVES).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _AROUND + 1, 2 * _AROUND + 1))
    stays = cv2.dilate(moves, disc) == 0
    if np.count_nonzero(stays) < _FEWEST:
        return smear, float("nan")
    contrasts = [_blur((image - _blur(image, _FINE)) ** 2, _NEAR) for image in (before, after)]
    added = np.maximum(contrasts[1] - contrasts[0], 0)
    return smear, float(np.sqrt(added[stays].mean()))


def change_of(original: np.ndarray, edited: np.ndarray) -> float:
    """Return the mean CIEDE2000 between two uint8 RGB [S, S, 3]."""
    return float(ciede2000(to_lab(original), to_lab(edited)).mean())


def _blur(image: np.ndarray, across: float, down: float = 0.0) -> np.ndarray:
    return cv2.GaussianBlur(image, (0, 0), sigmaX=across, sigmaY=down)
