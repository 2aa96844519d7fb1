"""Detection: the face of every frame that will be edited, or the reason why there is none."""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from synface.core.errors import InputError
from synface.core.progress import progress
from synface.core.shards import read_shard
from synface.core.tables import read_table
from synface.faces.boxes import Box, area, box_in, clip, overlap
from synface.faces.detector import load_detector
from synface.faces.framing import framed
from synface.faces.table import CUT_OFF, ELSEWHERE, NO_FACE, TOO_SMALL, UNSURE, Face, read_boxes, write_faces
from synface.stages.planned import read_plan

logger = logging.getLogger(__name__)

_FEWEST_PIXELS = 16  # a smaller face holds no expression, whatever min_face says


def detect_faces(
    *,
    frames: Path | str,
    rejects: Path | str,
    plan: Path | str,
    shard: int | str,
    faces: Path | str,
    settings: Mapping[str, Any],
    patches: Path | str | None = None,
    device: torch.device | str = "cpu",
) -> None:
    """Write the face of every frame of one shard.

    Args:
        frames: the shard's frames.
        rejects: those that could not be read: source_id, reason.
        plan: plan.csv of the edit.
        shard: which of its shards.
        faces: written: see `synface.faces.table`; one row for every planned portrait, those without a face included.
        settings: ``min_face``, ``min_probability`` and ``framing``, see `edited_face`.
        patches: patches.csv of another generator's faces, whose boxes are taken where they have some.
        device: where MTCNN runs.
    """
    items = read_plan(plan, shard)
    planned = list(items["source_id"])
    boxes = read_boxes(patches) if patches else {}
    given = {row.source_id: boxes.get((row.source_id, row.label)) for row in items.itertuples()}
    unreadable = read_table(rejects, text=["source_id", "reason"], columns=["source_id", "reason"])
    found: dict[str, Face | str] = dict(zip(unreadable["source_id"], unreadable["reason"], strict=True))
    detector = load_detector(min_face=settings["min_face"], device=device)
    stream = progress(read_shard(frames), total=len(planned) - len(found), what="frames")
    for source_id, frame, seen in detector.detect_stream(stream):
        box = box_in(frame.shape[:2], given[source_id]) if given.get(source_id) else None
        found[source_id] = edited_face(seen, *frame.shape[:2], **settings, given=box)
    if set(found) != set(planned):
        raise InputError(f"{frames}: not the frames that {plan} asks for; delete {frames} and run again")
    reasons = Counter(face for face in found.values() if isinstance(face, str))
    logger.info("%d faces; rejected: %s", len(found) - reasons.total(), dict(reasons) or "none")
    write_faces(found, faces)


def edited_face(
    faces: Sequence[Face],
    height: int,
    width: int,
    *,
    min_face: float,
    min_probability: float,
    framing: str,
    given: Box | None = None,
) -> Face | str:
    """Choose the face to edit in a frame of ``height`` x ``width`` pixels, or tell the reason why there is none.

    It is the largest of those with at least ``min_probability``, clipped to the frame and rounded to whole pixels. Its
    longer side must be at least ``min_face`` of the frame's shorter side, and half of it must lie in the frame. What is
    edited is its ``framing``, still clipped: see `synface.faces.framing`. Of a face that was cut out and edited
    elsewhere the box is ``given``; it is the face that overlaps it the most.
    """
    if not faces:
        return NO_FACE
    sure = [face for face in faces if face.probability >= min_probability]
    if not sure:
        return UNSURE
    face = max(sure, key=lambda face: area(face.box) if given is None else overlap(face.box, given))
    if given is not None and overlap(face.box, given) == 0:
        return ELSEWHERE
    box = clip(face.box, height, width)
    if area(box) < area(face.box) / 2:
        return CUT_OFF
    sides = box[2] - box[0], box[3] - box[1]
    if max(sides) < min_face * min(height, width) or min(sides) < _FEWEST_PIXELS:
        return TOO_SMALL
    box = clip(framed(face.box, framing) if given is None else given, height, width)
    return Face(box, face.probability, face.landmarks)
