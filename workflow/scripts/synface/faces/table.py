"""Faces as they are found and kept: a box, how sure it is, five landmarks; or the reason why there is none."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from synface.core.tables import read_table, write_table
from synface.faces.boxes import Box

BOX = ["left", "top", "right", "bottom"]
# Left and right as the viewer sees them.
POINTS = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
LANDMARKS = [f"{point}_{axis}" for point in POINTS for axis in "xy"]
COLUMNS = ["source_id", *BOX, "probability", *LANDMARKS, "reason"]

# Why there is no face: few and fixed, so that they can be counted.
NO_FACE = "no face found"
UNSURE = "face not sure enough"
TOO_SMALL = "face too small"
CUT_OFF = "face cut off by the edge of the image"
ELSEWHERE = "no face where the edited one is"


@dataclass(frozen=True, eq=False)
class Face:
    """A face in an image, in its pixels.

    Attributes:
        box: left, top, right, bottom; right and bottom exclusive.
        probability: of being a face, in [0, 1].
        landmarks: float [5, 2], x and y of left eye, right eye, nose, left and right corner of the mouth.
    """

    box: Box
    probability: float
    landmarks: np.ndarray


def write_faces(found: Mapping[str, Face | str], path: Path | str) -> None:
    """Write one row for each id, by id: its face with a box in whole pixels, or the reason why there is none.

    Landmarks keep 2 decimals and the probability 4, so that the last bits of a network's output do not show.
    """
    rows = []
    for source_id, face in sorted(found.items()):
        if isinstance(face, str):
            rows.append([source_id, *[None] * (len(COLUMNS) - 2), face])
        else:
            landmarks = [round(float(value), 2) for value in face.landmarks.ravel()]
            rows.append([source_id, *map(int, face.box), round(float(face.probability), 4), *landmarks, ""])
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_table(table.astype(dict.fromkeys(BOX, "Int64")), path)


def read_face_table(path: Path | str, columns: Iterable[str] = ()) -> pd.DataFrame:
    """Read a table of faces, found or cut out: source_id, `BOX`, reason (empty where there is a face), ``columns``."""
    return read_table(path, text=["source_id", "reason"], columns=["source_id", *BOX, "reason", *columns])


def read_faces(path: Path | str) -> tuple[dict[str, Face], dict[str, str]]:
    """Return the faces by id, and the reasons of the ids without one, both in the order of the file."""
    faces, reasons = {}, {}
    for row in read_face_table(path, COLUMNS).to_dict("records"):
        if row["reason"]:
            reasons[row["source_id"]] = row["reason"]
        else:
            landmarks = np.array([row[name] for name in LANDMARKS], dtype=float).reshape(5, 2)
            faces[row["source_id"]] = Face(tuple(int(row[edge]) for edge in BOX), row["probability"], landmarks)
    return faces, reasons


def read_boxes(patches: Path | str) -> dict[tuple[str, str], Box]:
    """Return the boxes of those faces that were cut out, by (source_id, label), in shorter sides of the portrait."""
    table = read_table(patches, text=["source_id", "label"], columns=["source_id", "label", *BOX]).dropna(subset=BOX)
    return {(row.source_id, row.label): (row.left, row.top, row.right, row.bottom) for row in table.itertuples()}
