"""Edits to adapt: a study's own, and planted ones, whose truth is the portrait itself.

A planted edit is the untouched face in another light, with or without a smear: harmonization's own test, as FFHQH has
it. What a perfect adaptation gives back is known to the pixel.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from synface.core.draws import keyed_generator
from synface.faces.cut import cut_patch
from synface.faces.table import Face, read_faces
from synface.stages.planned import read_pairs, read_plan

INTENSITIES = (0.5, 1.0)  # of a cast
_SEED = 7131
_LARGEST_CAST = 0.4  # of the gains of a cast of intensity 1


@dataclass(frozen=True, eq=False)
class Case:
    """One edited face.

    Attributes:
        source_id: whose.
        edit: the kind of edit.
        intensity: of the edit, as its kind counts it.
        frame: the portrait, uint8 RGB [H, W, 3].
        face: in the frame.
        patch: its edited box, uint8 RGB, of any size.
        truth: the frame as it should become, uint8 RGB [H, W, 3], or None where nobody knows.
        wrong: bool [H, W], where a smear was planted: no adaptation can mend it, so it counts nothing.
    """

    source_id: str
    edit: str
    intensity: float
    frame: np.ndarray
    face: Face
    patch: np.ndarray
    truth: np.ndarray | None = None
    wrong: np.ndarray | None = None


def planted_cases(source_id: str, frame: np.ndarray, face: Face, *, side: int = 128) -> Iterator[Case]:
    """Yield the untouched face in other lights, weak to strong, and in the strongest with a smear by the mouth."""
    patch = cut_patch(frame, face.box, side, side)
    for intensity in INTENSITIES:
        yield Case(source_id, "cast", intensity, frame, face, cast(patch, intensity, source_id), frame)
    smeared, wrong = smear(cast(patch, 0.5, source_id), source_id, frame, face)
    yield Case(source_id, "cast and smear", 0.5, frame, face, smeared, frame, wrong)


def cases_of_edit(
    *, plan: Path | str, frames: Path | str, edited: Path | str, faces: Path | str, edit: str
) -> Iterator[Case]:
    """Yield the edited faces of one shard; their intensity is rho, rounded to quarters, 0 for a Gaussian code."""
    found, _ = read_faces(faces)
    planned = read_plan(plan, columns=["rho"]).set_index("source_id")["rho"].astype(float).fillna(0.0)
    for source_id, frame, patch in read_pairs(frames, edited):
        yield Case(source_id, edit, round(4 * planned[source_id]) / 4, frame, found[source_id], patch)


def cast(image: np.ndarray, intensity: float, item: str) -> np.ndarray:
    """Return uint8 RGB ``image`` in another light: its linear channels times gains keyed by ``item``."""
    gains = 1 + intensity * _LARGEST_CAST * keyed_generator(_SEED, "cast", item).uniform(-1, 1, 3)
    value = image / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4) * gains
    value = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * value).clip(0, 255).astype(np.uint8)


def smear(patch: np.ndarray, item: str, frame: np.ndarray, face: Face) -> tuple[np.ndarray, np.ndarray]:
    """Smear the mouth of an edited face, as an unfinished generator does.

    Returns:
        uint8 RGB ``patch`` with the smear, and where it is in ``frame``, bool [H, W].
    """
    draw = keyed_generator(_SEED, "smear", item)
    height, width = patch.shape[:2]
    center = (round(width * draw.uniform(0.35, 0.65)), round(height * draw.uniform(0.65, 0.8)))
    radii = (round(width * draw.uniform(0.15, 0.3)), round(height * draw.uniform(0.08, 0.16)))
    shade = np.zeros((height, width), np.float32)
    cv2.ellipse(shade, center, radii, draw.uniform(-40, 40), 0, 360, 0.9, -1)
    shade = cv2.GaussianBlur(shade, (0, 0), 0.02 * width)
    smeared = patch * (1 - shade[:, :, None]) + shade[:, :, None] * draw.uniform(10, 40, 3)
    left, top, right, bottom = face.box
    wrong = np.zeros(frame.shape[:2], bool)
    wrong[top:bottom, left:right] = cv2.resize(shade, (right - left, bottom - top)) > 0.01
    return np.rint(smeared).astype(np.uint8), wrong
