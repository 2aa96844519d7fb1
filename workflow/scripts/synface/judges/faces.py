"""What a judge reads on the faces of a set, and on portraits before and after their edit."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from synface.compute.device import choose_device
from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.images import read_image
from synface.core.lab import ciede2000
from synface.core.progress import progress
from synface.core.shards import read_shard
from synface.core.tables import read_table, write_table
from synface.faces.cut import cut_out
from synface.faces.table import BOX, read_face_table
from synface.judges.reading import Judge, Reading, join_readings, load_judge, read_faces
from synface.judges.shapes import directions_of, moved_along
from synface.judges.skin import masks_of, mean_color, typology_angle
from synface.judges.tables import EDITS, PORTRAITS, SET, read_arrays, read_judged, write_arrays

logger = logging.getLogger(__name__)


def judge_set(
    *,
    metadata: Path | str,
    table: Path | str,
    arrays: Path | str,
    network: str,
    file: Path | str,
    sha256: str | None,
    threads: int = 1,
    device: torch.device | str | None = None,
) -> None:
    """Read every image of a dataset.

    Args:
        metadata: the dataset's metadata.csv.
        table: written: `SET`.
        arrays: written: npz.
        network: see `load_judge`.
        file: see `load_judge`.
        sha256: see `load_judge`.
        threads: CPU threads.
        device: where to compute; by default the GPU if there is one.
    """
    judge = _start(network, file, sha256, threads, device)
    facts = ["file_name", "dataset", "source_id", "split", "label"]
    rows = read_table(metadata, text=facts, columns=facts)
    folder = Path(metadata).parent
    images = (read_image(folder / name) for name in progress(rows["file_name"], total=len(rows), what="images"))
    reading, angles = _read(judge, images)
    found = rows.drop(columns="file_name").assign(**_columns(reading, rows["label"]), ita=angles)
    write_table(found[SET], table)
    write_arrays(_arrays_of(reading), arrays)


def judge_edits(
    *,
    plan: Path | str,
    frames: Sequence[Path | str],
    crops: Sequence[Path | str],
    boxes: Sequence[Path | str],
    reference: tuple[Path | str, Path | str],
    table: Path | str,
    arrays: Path | str,
    name: str,
    network: str,
    file: Path | str,
    sha256: str | None,
    threads: int = 1,
    device: torch.device | str | None = None,
) -> None:
    """Read every face of a synthetic dataset after its edit, and the same part of its portrait before.

    Args:
        plan: the plan of the edit.
        frames: its shards of portraits.
        crops: the dataset's shards of edited faces, those that were not chosen too.
        boxes: their tables: which part of the frame each shows.
        reference: what the same judge read of the natural set that the dataset imitates: table and arrays.
        table: written: `EDITS`. ``own`` is the cosine of the face's identity with that of its portrait, ``others`` the
            mean cosine with those of the other portraits, ``nearest`` whether its own is nearest; ``along`` how far
            landmarks move along the emotion's direction, see `moved_along`; ``skin`` CIEDE2000 between the mean colors
            of the skin; ``around`` the mean difference outside of the face, in levels of 255.
        arrays: written: npz, of the faces after the edit.
        name: of the dataset.
        network: see `load_judge`.
        file: see `load_judge`.
        sha256: see `load_judge`.
        threads: CPU threads.
        device: where to compute; by default the GPU if there is one.
    """
    judge = _start(network, file, sha256, threads, device)
    ids: list[str] = []
    pairs: list[tuple[Reading, Reading]] = []
    angles: list[float] = []
    changes: list[tuple[float, float]] = []
    for shard in progress(list(zip(frames, crops, boxes, strict=True)), what="shards"):
        batch = list(_pairs(*shard))
        before, _ = _read(judge, (image for _, image, _ in batch))
        after, found_angles = _read(judge, (image for _, _, image in batch))
        angles += found_angles
        for index, (_, portrait, edited) in enumerate(batch):
            known = before.points is not None
            changes.append(_changes(portrait, edited, before.points[index]) if known else (np.nan, np.nan))
        ids += [source_id for source_id, _, _ in batch]
        if batch:
            pairs.append((before, after))
    if not ids:
        raise InputError(f"datasets.{name}: no edited face to judge; see the rejects of its crops")
    before, after = (join_readings([pair[side] for pair in pairs]) for side in (0, 1))
    planned = read_table(plan, text=["source_id", "split", "label"], columns=["source_id", "split", "label", "rho"])
    rows = planned.set_index("source_id").loc[ids, ["split", "label", "rho"]].reset_index()
    found = rows.assign(dataset=name, **_columns(after, rows["label"]), ita=angles)
    earlier = _columns(before, rows["label"])
    found = found.assign(read_before=earlier["read"], intended_before=earlier["intended"])
    found = found.assign(**_identities(before, after), along=_along(before, after, rows["label"], reference))
    found[["skin", "around"]] = changes
    write_table(found[EDITS], table)
    portraits = {} if before.identities is None else {PORTRAITS: before.identities}
    write_arrays(_arrays_of(after) | portraits, arrays)
    logger.info("%s: %d faces read before and after", name, len(found))


def _start(
    network: str, file: Path | str, sha256: str | None, threads: int, device: torch.device | str | None
) -> Judge:
    device = choose_device(threads) if device is None else torch.device(device)
    torch.set_num_threads(threads)
    return load_judge(network, file, sha256, device)


def _read(judge: Judge, images: Iterable[np.ndarray]) -> tuple[Reading, list[float]]:
    """Return what the judge says of a stream of faces, and the typology angle of their skin, NaN without landmarks."""
    angles: list[float] = []

    def look(faces: Sequence[np.ndarray]) -> Reading:
        reading = judge(faces)
        points = [None] * len(faces) if reading.points is None else reading.points
        angles.extend(_angle(face, where) for face, where in zip(faces, points, strict=True))
        return reading

    return read_faces(look, images), angles


def _angle(face: np.ndarray, points: np.ndarray | None) -> float:
    if points is None:
        return float("nan")
    skin, _ = masks_of(points, *face.shape[:2])
    return round(typology_angle(mean_color(face, skin)), 2)


def _changes(portrait: np.ndarray, edited: np.ndarray, points: np.ndarray) -> tuple[float, float]:
    """Return how much an edit changes what it should not: the skin's mean color, and what is around the face."""
    skin, around = masks_of(points, *portrait.shape[:2])
    color = float(ciede2000(mean_color(portrait, skin), mean_color(edited, skin)))
    difference = np.abs(portrait.astype(int) - edited.astype(int))[around]
    return round(color, 3), round(float(difference.mean()), 3) if difference.size else float("nan")


def _pairs(frames: Path | str, crops: Path | str, boxes: Path | str) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield (source id, the face before its edit, after it) for every crop of a shard."""
    rows = read_face_table(boxes)
    there = rows[rows["reason"] == ""]
    places = dict(zip(there["source_id"], there[BOX].astype(int).itertuples(index=False, name=None), strict=True))
    edited = read_shard(crops)
    waiting = next(edited, None)
    for source_id, frame in read_shard(frames):
        if waiting is not None and waiting[0] == source_id:
            image = waiting[1]
            yield source_id, cut_out(frame, places[source_id], image.shape[0]), image
            waiting = next(edited, None)
    if waiting is not None:
        raise InputError(f"{crops}: {waiting[0]} has no frame in {frames}; delete {crops} and run again")


def _columns(reading: Reading, labels: pd.Series) -> dict[str, object]:
    wanted = labels.map({label: index for index, label in enumerate(LABELS)}).to_numpy(int)
    return {
        "read": [LABELS[index] for index in reading.probabilities.argmax(axis=1)],
        "intended": reading.probabilities[np.arange(len(wanted)), wanted].round(4),
        "age": np.nan if reading.ages is None else reading.ages.round(1),
        "male": np.nan if reading.male is None else reading.male.round(3),
    }


def _identities(before: Reading, after: Reading) -> dict[str, object]:
    if before.identities is None or after.identities is None:
        return dict.fromkeys(("own", "others", "nearest"), np.nan)
    mine, theirs = (
        part.astype(float) / np.linalg.norm(part.astype(float), axis=1, keepdims=True)
        for part in (after.identities, before.identities)
    )
    own = (mine * theirs).sum(axis=1)
    others = (mine @ theirs.sum(axis=0) - own) / max(len(own) - 1, 1)
    nearest = np.concatenate([(mine[start : start + 1024] @ theirs.T).argmax(1) for start in range(0, len(own), 1024)])
    return {
        "own": own.round(4),
        "others": others.round(4) if len(own) > 1 else np.nan,
        "nearest": (nearest == np.arange(len(own))).astype(int),
    }


def _along(before: Reading, after: Reading, labels: pd.Series, reference: tuple[Path | str, Path | str]) -> object:
    if before.points is None or after.points is None:
        return np.nan
    known = read_judged(reference[0])
    template, directions = directions_of(read_arrays(reference[1])["points"], list(known["label"]))
    return moved_along(before.points, after.points, list(labels), template, directions).round(4)


def _arrays_of(reading: Reading) -> dict[str, np.ndarray]:
    given = {"features": reading.features, "points": reading.points, "identities": reading.identities}
    return {name: value for name, value in given.items() if value is not None}
