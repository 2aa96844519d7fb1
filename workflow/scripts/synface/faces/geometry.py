"""How faces lie in the pictures of a set: where compared sets show faces otherwise, framing is compared too."""

import logging
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from synface.core.draws import keyed_order
from synface.core.images import read_image
from synface.core.progress import progress
from synface.core.tables import read_table, write_table
from synface.faces.detector import load_detector
from synface.faces.table import Face

logger = logging.getLogger(__name__)

SAMPLE = 200  # pictures of a set that are measured, chosen by a keyed order
MEASURES = ("side", "eye_distance", "eye_height", "roll")
COLUMNS = ["measure", "mean", "sd", "measured", "looked_at"]
# Faces fill the pictures of a set nearly or wholly.
_MIN_FACE, _MIN_PROBABILITY = 0.4, 0.7


def measure_geometry(*, metadata: Path | str, geometry: Path | str) -> None:
    """Measure the faces in a sample of a dataset's pictures.

    Args:
        metadata: the dataset's metadata.csv.
        geometry: written: `COLUMNS`, a row for each of `MEASURES`: mean and standard deviation over the pictures with a
            face, how many these are, and how many were looked at.
    """
    rows = read_table(metadata, text=["file_name"], columns=["file_name"])
    chosen = keyed_order(0, "geometry", rows["file_name"])[:SAMPLE]
    images = (read_image(Path(metadata).parent / name) for name in progress(chosen, what="images"))
    measured = list(measure_faces(images))
    frame = pd.DataFrame(measured, columns=list(MEASURES))
    table = pd.DataFrame({"measure": MEASURES, "mean": frame.mean().to_numpy(), "sd": frame.std().to_numpy()})
    logger.info("a face in %d of %d pictures", len(frame), len(chosen))
    write_table(table.round(4).assign(measured=len(frame), looked_at=len(chosen))[COLUMNS], geometry)


def measure_faces(images: Iterable[np.ndarray]) -> Iterable[tuple[float, float, float, float]]:
    """Yield `MEASURES` of the largest face in each of the uint8 RGB images [H, W, 3] that has one."""
    detector = load_detector(min_face=_MIN_FACE)
    for image in images:
        found = [face for face in detector.detect([image])[0] if face.probability >= _MIN_PROBABILITY]
        if found:
            yield lie(found[0], image.shape[0], image.shape[1])


def lie(face: Face, height: int, width: int) -> tuple[float, float, float, float]:
    """Return how a face lies in a picture of ``height`` x ``width`` pixels.

    The longer side of its box, the distance of the eyes, and the height of their middle below the upper edge, each as a
    fraction of the picture's mean side (of its height for the last); and the roll of the eyes in degrees, positive
    where the right one as seen is lower.
    """
    left, right = np.asarray(face.landmarks, float)[:2]
    side = (height * width) ** 0.5
    box = max(face.box[2] - face.box[0], face.box[3] - face.box[1])
    across, down = right - left
    roll = float(np.degrees(np.arctan2(down, across)))
    return box / side, float(np.hypot(across, down)) / side, float(left[1] + right[1]) / 2 / height, roll
