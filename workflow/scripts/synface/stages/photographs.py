"""What a model says about the faces in photographs that have no labels: found, cut out and classified as in a study."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.folders import files_in
from synface.core.images import SUFFIXES, read_image
from synface.core.progress import progress
from synface.core.tables import write_table
from synface.faces import cut
from synface.faces.boxes import area, clip
from synface.faces.detector import Detector, load_detector
from synface.faces.table import BOX, CUT_OFF, NO_FACE, UNSURE, Face
from synface.poster.loading import load_poster
from synface.poster.model import Poster
from synface.poster.predict import probabilities
from synface.poster.preprocessing import resize

logger = logging.getLogger(__name__)

COLUMNS = ["file", "face", *BOX, "face_probability", "predicted", *LABELS]
METHODS = ("mtcnn", "aligned", "as-is")
SIZE = 100  # pixels; RAF-DB's aligned faces, and the synthetic ones unless their `crop` says otherwise
MIN_FACE = 0.1  # of a photograph's shorter side
MIN_PROBABILITY = 0.9


def predict_photographs(
    *,
    model: Path | str,
    folder: Path | str,
    predictions: Path | str,
    left_out: Path | str,
    method: str = "mtcnn",
    margin: float = 0.0,
    size: int = SIZE,
    min_face: float = MIN_FACE,
    batch_size: int = 32,
    device: torch.device | str = "cpu",
) -> list[np.ndarray]:
    """Classify every face in every photograph of a folder; return the faces as they were cut out, uint8 RGB [S, S, 3].

    Args:
        model: our safetensors or a published POSTER checkpoint.
        folder: searched at any depth; every file is in one of the two tables.
        predictions: written, `COLUMNS`: a row per face, by file, the largest first; the box in pixels of the upright
            photograph, the probability that it is a face, what is predicted, and the probability of each emotion.
        left_out: written: file and reason of every other file.
        method: ``mtcnn`` and ``aligned`` as of a dataset's ``crop``; ``as-is`` takes whole pictures for faces.
        margin: added around the face, as a fraction of its side.
        size: side of a face in pixels, before it gets that of the network.
        min_face: smallest face that is looked for, as a fraction of a photograph's shorter side.
        batch_size: faces per forward pass; does not change the result beyond rounding.
        device: where to compute.

    Raises:
        InputError: a model that cannot be loaded, a folder without files.
    """
    if method not in METHODS:
        raise InputError(f"crop: found {method!r}; expected one of {', '.join(METHODS)}")
    network = load_poster(model).to(device=device, memory_format=torch.channels_last)
    files = files_in(folder) if Path(folder).is_dir() else []
    if not files:
        raise InputError(f"{folder}: no folder with photographs; give one with {', '.join(sorted(SUFFIXES))} files")
    detector = load_detector(min_face=min_face, device=device)
    rows, faces, reasons = [], [], {}
    for file in progress(files, what="photographs"):
        try:
            photograph = _read(Path(folder), file.path, file.problem)
            found = [_whole(photograph)] if method == "as-is" else faces_in(photograph, detector)
        except InputError as error:
            reasons[file.path] = str(error)
            continue
        for number, face in enumerate(found, start=1):
            rows.append([file.path, number, *map(round, face.box), round(face.probability, 4)])
            faces.append(cut_face(photograph, face, method=method, margin=margin, size=size))
    said = expressions_of(network, faces, batch_size=batch_size)
    table = pd.DataFrame(rows, columns=COLUMNS[: -len(LABELS) - 1])
    table["predicted"] = [LABELS[index] for index in said.to_numpy().argmax(axis=1)]
    table = pd.concat([table, said], axis=1)
    assert set(table["file"]) | set(reasons) == {file.path for file in files}
    write_table(table[COLUMNS], predictions)
    write_table(pd.DataFrame(sorted(reasons.items()), columns=["file", "reason"]), left_out)
    logger.info("%d faces in %d of %d files", len(faces), len(files) - len(reasons), len(files))
    return faces


def faces_in(photograph: np.ndarray, detector: Detector) -> list[Face]:
    """Return the faces in uint8 RGB [H, W, 3], the largest first; `InputError` tells the reason for none."""
    found = detector.detect([photograph])[0]
    if not found:
        raise InputError(NO_FACE)
    sure = [face for face in found if face.probability >= MIN_PROBABILITY]
    if not sure:
        raise InputError(UNSURE)
    inside = [face for face in sure if area(clip(face.box, *photograph.shape[:2])) >= area(face.box) / 2]
    if not inside:
        raise InputError(CUT_OFF)
    return inside


def cut_face(
    photograph: np.ndarray, face: Face, *, method: str = "mtcnn", margin: float = 0.0, size: int = SIZE
) -> np.ndarray:
    """Cut a face out of uint8 RGB [H, W, 3] as a dataset's ``crop`` does; return it with ``size`` x ``size`` pixels."""
    if method == "as-is":
        return resize(photograph, size)
    return cut.cut_face(photograph, face, method=method, margin=margin, size=size)[0]


def expressions_of(network: Poster, faces: Sequence[np.ndarray], *, batch_size: int = 32) -> pd.DataFrame:
    """Return the probability of each emotion (columns) for each of the ``faces``, uint8 RGB [S, S, 3] of any size."""
    size, device = network.config["input_size"], next(network.parameters()).device
    parts = [np.empty((0, len(LABELS)))]
    for start in range(0, len(faces), batch_size):
        batch = np.stack([resize(face, size) for face in faces[start : start + batch_size]])
        images = torch.from_numpy(batch.transpose(0, 3, 1, 2)).to(device)
        parts.append(probabilities(network, images).cpu().numpy())
    return pd.DataFrame(np.concatenate(parts), columns=list(LABELS))


def _read(folder: Path, path: str, problem: str) -> np.ndarray:
    """Return a photograph, uint8 RGB [H, W, 3]; `InputError` with the reason alone."""
    if problem:
        raise InputError(problem)
    if Path(path).suffix.lower() not in SUFFIXES:
        raise InputError("not an image by its suffix")
    try:
        return read_image(folder / path)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})") from None
    except InputError as error:
        raise InputError(str(error).removeprefix(f"{folder / path}: ")) from None


def _whole(photograph: np.ndarray) -> Face:
    height, width = photograph.shape[:2]
    return Face((0, 0, width, height), 1.0, np.zeros((5, 2)))
