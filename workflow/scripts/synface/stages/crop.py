"""Crops: the edited face cut out of its composite as the faces of the real set are.

RAF-DB's aligned faces are squares of 100 pixels from the brows or forehead to the chin. MTCNN, applied to the composite
as to any photograph, finds the box; its longer side, the height, becomes the side of the square.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from synface.core.errors import InputError
from synface.core.progress import progress
from synface.core.shards import read_shard, write_shard
from synface.core.tables import write_table
from synface.faces.boxes import Box, overlap
from synface.faces.cut import cut_face, paste
from synface.faces.detector import load_detector
from synface.faces.table import BOX, ELSEWHERE, NO_FACE, UNSURE, Face, read_faces
from synface.stages.planned import read_pairs

logger = logging.getLogger(__name__)

COLUMNS = ["source_id", *BOX, "probability", "overlap", "reason"]


def crop_faces(
    *,
    frames: Path | str,
    blended: Path | str | None,
    faces: Path | str,
    crops: Path | str,
    boxes: Path | str,
    settings: Mapping[str, Any],
    detect: Mapping[str, Any],
    device: torch.device | str = "cpu",
) -> None:
    """Cut the edited faces of one shard out.

    Args:
        frames: the shard's frames.
        blended: their edited faces after blending; None for frames as they are.
        faces: where those belong, and why some are missing.
        crops: written: the faces, ``size`` x ``size`` pixels.
        boxes: written: `COLUMNS`; one row for every planned portrait. The box is what was cut out, in pixels of the
            frame, and may leave it; ``overlap`` is the found face's with the edited one.
        settings: ``method``, ``margin``, ``size`` and ``square`` of `cut_face` (without a square, as in
            facenet-pytorch, faces become wider); ``min_overlap`` in [0, 1].
        detect: ``min_face`` and ``min_probability``, as the portraits' faces were found with.
        device: where MTCNN runs.
    """
    edited, reasons = read_faces(faces)
    cutting = {name: value for name, value in settings.items() if name != "min_overlap"}
    rows = {source_id: [None] * 6 + [reason] for source_id, reason in reasons.items()}
    detector = load_detector(min_face=detect["min_face"], device=device)
    stream = progress(_composites(frames, blended, edited), total=len(edited), what="composites")
    with write_shard(crops) as write:
        for source_id, image, seen in detector.detect_stream(stream):
            if source_id not in edited:
                continue  # an unedited portrait without a usable face
            pasted = edited[source_id].box
            face = matching_face(seen, pasted, settings["min_overlap"], detect["min_probability"])
            if isinstance(face, str):
                rows[source_id] = [None] * 6 + [face]
                continue
            crop, box = cut_face(image, face, **cutting)
            write(source_id, crop)
            rows[source_id] = [*box, round(face.probability, 4), round(overlap(face.box, pasted), 4), ""]
    if missing := [source_id for source_id in edited if source_id not in rows]:
        raise InputError(f"{(path := blended or frames)}: {missing[0]} is missing; delete {path} and run again")
    rejected = Counter(row[-1] for row in rows.values() if row[-1])
    logger.info("%d crops; rejected: %s", len(rows) - rejected.total(), dict(rejected) or "none")
    table = pd.DataFrame([[source_id, *row] for source_id, row in sorted(rows.items())], columns=COLUMNS)
    write_table(table.astype(dict.fromkeys(BOX, "Int64")), boxes)


def _composites(
    frames: Path | str, blended: Path | str | None, faces: Mapping[str, Face]
) -> Iterator[tuple[str, np.ndarray]]:
    if blended is None:
        yield from read_shard(frames)
        return
    for source_id, frame, face in read_pairs(frames, blended):
        yield source_id, paste(frame, face, faces[source_id].box)


def matching_face(faces: Sequence[Face], edited: Box, min_overlap: float, min_probability: float) -> Face | str:
    """Choose the face with the greatest overlap with the box that was ``edited``, or tell why there is none."""
    if not faces:
        return NO_FACE
    face = max(faces, key=lambda face: overlap(face.box, edited))
    if overlap(face.box, edited) < min_overlap:
        return ELSEWHERE
    return face if face.probability >= min_probability else UNSURE
