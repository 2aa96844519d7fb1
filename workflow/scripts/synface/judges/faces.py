"""What a judge reads on the faces of a set, and on portraits before and after their edit."""

import logging
from collections.abc import Iterator, Sequence
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
        arrays: written: safetensors.
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
    kept = _Kept()
    images = (read_image(folder / name) for name in progress(rows["file_name"], total=len(rows), what="images"))
    reading = _read(judge, images, kept)
    found = rows.drop(columns="file_name").assign(**_columns(reading, rows["label"]), ita=kept.angles)
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
        arrays: written: safetensors, of the faces after the edit.
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
    kept, changes = _Kept(), _Changes()
    for shard in progress(list(zip(frames, crops, boxes, strict=True)), what="shards"):
        batch = list(_pairs(*shard))
        before = _read(judge, (image for _, image, _ in batch))
        after = _read(judge, (image for _, _, image in batch), kept)
        changes.add(before, batch)
        ids += [source_id for source_id, _, _ in batch]
        if batch:
            pairs.append((before, after))
    if not ids:
        raise InputError(f"datasets.{name}: no edited face to judge; see the rejects of its crops")
    before, after = (join_readings([pair[side] for pair in pairs]) for side in (0, 1))
    planned = read_table(plan, text=["source_id", "split", "label"], columns=["source_id", "split", "label", "rho"])
    rows = planned.set_index("source_id").loc[ids, ["split", "label", "rho"]].reset_index()
    found = rows.assign(dataset=name, **_columns(after, rows["label"]), ita=kept.angles)
    earlier = _columns(before, rows["label"])
    found = found.assign(read_before=earlier["read"], intended_before=earlier["intended"])
    found = found.assign(**_identities(before, after), along=_along(before, after, rows["label"], reference))
    found = found.assign(skin=changes.skin, around=changes.around)
    write_table(found[EDITS], table)
    portraits = {} if before.identities is None else {PORTRAITS: before.identities}
    write_arrays(_arrays_of(after) | portraits, arrays)
    logger.info("%s: %d faces read before and after", name, len(found))


class _Kept:
    """Collects of a stream of faces what needs their pixels: the angle of the skin."""

    def __init__(self) -> None:
        self.angles: list[float] = []

    def add(self, reading: Reading, images: Sequence[np.ndarray]) -> None:
        for index, image in enumerate(images):
            if reading.points is None:
                self.angles.append(np.nan)
                continue
            skin, _ = masks_of(reading.points[index], *image.shape[:2])
            self.angles.append(round(typology_angle(mean_color(image, skin)), 2))


class _Changes:
    """Collects how much an edit changes where it should not: the color of the skin, and what is around the face."""

    def __init__(self) -> None:
        self.skin: list[float] = []
        self.around: list[float] = []

    def add(self, before: Reading, pairs: Sequence[tuple[str, np.ndarray, np.ndarray]]) -> None:
        for index, (_, portrait, edited) in enumerate(pairs):
            if before.points is None:
                self.skin.append(np.nan)
                self.around.append(np.nan)
                continue
            skin, around = masks_of(before.points[index], *portrait.shape[:2])
            colors = mean_color(portrait, skin), mean_color(edited, skin)
            self.skin.append(round(float(ciede2000(*colors)), 3))
            difference = np.abs(portrait.astype(int) - edited.astype(int))[around]
            self.around.append(round(float(difference.mean()), 3) if difference.size else np.nan)


def _start(
    network: str, file: Path | str, sha256: str | None, threads: int, device: torch.device | str | None
) -> Judge:
    device = choose_device(threads) if device is None else torch.device(device)
    torch.set_num_threads(threads)
    return load_judge(network, file, sha256, device)


def _read(judge: Judge, images: Iterator[np.ndarray], kept: _Kept | None = None) -> Reading:
    def look(faces: Sequence[np.ndarray]) -> Reading:
        reading = judge(faces)
        if kept is not None:
            kept.add(reading, faces)
        return reading

    return read_faces(look, images)


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
