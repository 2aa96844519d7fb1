"""Patches: the faces that the user's own generator has edited, in the place of a GANmut's.

A folder holds them by class and portrait, or a table names them. Each shows the whole portrait, or the part of it that
its box tells; from the color transfer on, nothing differs from faces that are edited here.
"""

import hashlib
import logging
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd

from synface.core.emotions import Emotion
from synface.core.errors import InputError
from synface.core.folders import files_in
from synface.core.images import decode_image
from synface.core.progress import progress
from synface.core.resize import resize
from synface.core.shards import read_shard, write_shard
from synface.core.tables import read_table, write_table
from synface.dataset.layouts.folder import leads_out, without_suffix
from synface.dataset.layouts.rows import box_of
from synface.dataset.layouts.texts import read_rows
from synface.dataset.layouts.words import EMOTIONS, plain
from synface.faces.boxes import Box, area, box_in, clip
from synface.faces.table import BOX, read_boxes, read_faces
from synface.stages.planned import read_plan

logger = logging.getLogger(__name__)

TABLE = "patches.csv"
PATCHES = ["source_id", "label", "path", "sha256", *BOX]
REJECTS = ["path", "reason", "sha256"]
_NEEDED = ("portrait", "class", "file")
# Generators want sides that are multiples of 8 or 64, which changes proportions a little.
_MOST_STRETCHED = 1.1
_DECIMALS = 6  # of boxes
# Of 79 portraits blurred, of half the contrast and without mouth, the likeness was 0.72 or more; of faces that were cut
# out and taken for whole portraits 0.34, of other people's 0.19, in the middle.
_LEAST_LIKE = 0.5
_FEWEST_COMPARED = 10


class _Entry(NamedTuple):
    """What is said of one file: the class and the portrait as they are called there, and the box in its pixels."""

    path: str
    label: str
    portrait: str
    box: Box | None


def index_patches(*, folder: Path | str, index: Path | str, patches: Path | str, rejects: Path | str) -> None:
    """List the edited faces in ``folder``, each with its portrait and class, and every other file with its reason.

    Args:
        folder: ``{class}/{portrait}.png``, or a table `TABLE` with the columns portrait, class and file (relative to
            the folder) and, where a face was cut out, left, top, right and bottom, in pixels of the upright portrait. A
            portrait is called by its source_id, its path in the source, or the last part of that, without suffixes.
        index: the source's index.csv.
        patches: written: `PATCHES`, by source_id and label; the box is in shorter sides of the portrait, whatever size
            that is brought to, and empty for a whole portrait.
        rejects: written: `REJECTS`.

    Raises:
        InputError: there is no folder, its table is none, or nothing in it is an edited portrait.
    """
    folder = Path(folder)
    if not folder.is_dir():
        found = "a file; unpack it" if folder.is_file() else "nothing"
        raise InputError(f"{folder}: expected the folder of edited faces, found {found}")
    portraits = read_table(index, text=["source_id", "path"], columns=["source_id", "path", "width", "height"])
    known, shapes = _names_of(portraits), portraits.set_index("source_id")[["width", "height"]]
    entries, rejected = _entries_in(folder)
    rows: dict[tuple[str, str], list] = {}
    for entry in progress(entries, what="faces"):
        sha256 = ""
        try:
            label, source_id = _label_of(entry), _portrait_of(entry, known)
            data = _read(folder, entry.path)
            sha256 = hashlib.sha256(data).hexdigest()
            height, width = decode_image(data, "file").shape[:2]
            box = _relative_box(entry.box, (width, height), tuple(shapes.loc[source_id]))
            if (source_id, label) in rows:
                raise InputError(f"is another face of its portrait and class ({rows[source_id, label][2]})")
            rows[source_id, label] = [source_id, label, entry.path, sha256, *(box or [None] * 4)]
        except InputError as error:
            rejected.append((entry.path, str(error).removeprefix("file: "), sha256))
    logger.info("%s: %d edited faces, %d files rejected", folder, len(rows), len(rejected))
    table = pd.DataFrame(rejected, columns=REJECTS).sort_values("path")
    if not rows:
        reasons = Counter(table["reason"].str.replace(r" \(.*", "", regex=True)).most_common(3)
        told = f" ({'; '.join(f'{count:,}: {reason}' for reason, count in reasons)})" if reasons else ""
        raise InputError(
            f"{folder}: none of {len(rejected):,} files is an edited face of a portrait{told}; expected "
            f"happiness/00042.png for the portrait 00042, and so on, or {TABLE} with {', '.join(_NEEDED)}"
        )
    write_table(table, rejects)
    write_table(pd.DataFrame([rows[key] for key in sorted(rows)], columns=PATCHES), patches)


def _entries_in(folder: Path) -> tuple[list[_Entry], list[tuple[str, str, str]]]:
    """Return what is said of the files of a folder, and (path, reason, "") of those of which nothing is."""
    found = {each.path: each.problem for each in files_in(folder)}
    problem = found.pop(TABLE, None)
    if problem is None:
        entries = [_Entry(path, *_class_and_name(path), None) for path in found]
    else:
        entries = list(_listed_in(folder / TABLE))
    wrong = [(path, why, "") for path, why in found.items() if why]
    if problem is not None:
        listed = {entry.path for entry in entries}
        wrong += [(path, f"is not in {TABLE}", "") for path, why in found.items() if not why and path not in listed]
    return [entry for entry in entries if not found.get(entry.path)], wrong


def _class_and_name(path: str) -> tuple[str, str]:
    above, _, name = path.partition("/")
    return (above, without_suffix(name)) if name else ("", without_suffix(path))


def _listed_in(table: Path) -> Iterator[_Entry]:
    rows = read_rows(table)
    if missing := [name for name in _NEEDED if name not in rows]:
        raise InputError(
            f"{table}: no column {', '.join(missing)}; found {', '.join(rows.columns)}; expected "
            f"{', '.join(_NEEDED)} and, for faces that were cut out, {', '.join(BOX)}"
        )
    has_box = all(edge in rows for edge in BOX)
    for line, row in zip(rows.index, rows.to_dict("records"), strict=True):
        path, told = row["file"].strip(), [row[edge].strip() for edge in BOX] if has_box else []
        if leads_out(path):
            raise InputError(f"{table}, line {line}: the name {path!r} leads out of the folder; expected names inside")
        try:
            box = box_of(told) if any(told) else None
        except ValueError:
            raise InputError(
                f"{table}, line {line}: found the box {', '.join(told)}; expected left, top, right, bottom in pixels "
                "of the portrait, or nothing for a whole portrait"
            ) from None
        yield _Entry(str(PurePosixPath(path)), row["class"], without_suffix(row["portrait"].strip()), box)


def _names_of(portraits: pd.DataFrame) -> Mapping[str, set[str]]:
    """Return by each name that portraits may be called by the ids of those that have it."""
    known: dict[str, set[str]] = defaultdict(set)
    for source_id, path in zip(portraits["source_id"], portraits["path"], strict=True):
        for name in (source_id, without_suffix(path), PurePosixPath(without_suffix(path)).name):
            known[name].add(source_id)
    return known


def _label_of(entry: _Entry) -> str:
    if not entry.label:
        raise InputError("is in no folder of a class")
    emotion = EMOTIONS.get(plain(entry.label))
    if not isinstance(emotion, Emotion):
        raise InputError(f"its class is none of the seven emotions ({entry.label})")
    return emotion.label


def _portrait_of(entry: _Entry, known: Mapping[str, set[str]]) -> str:
    ids = known.get(entry.portrait, set())
    if len(ids) > 1:
        raise InputError(f"several portraits are called so; use the source_id ({', '.join(sorted(ids)[:2])})")
    if not ids:
        raise InputError(f"no portrait of the source is called so ({entry.portrait})")
    return next(iter(ids))


def _read(folder: Path, path: str) -> bytes:
    try:
        return (folder / path).read_bytes()
    except OSError as error:
        raise InputError(f"cannot be opened ({error.strerror})") from error


def _relative_box(box: Box | None, shown: tuple[int, int], portrait: tuple[int, int]) -> list[float] | None:
    """Return a box in shorter sides of its portrait; `InputError` for one that does not fit what is shown.

    Args:
        box: in pixels of the portrait; None for a whole one.
        shown: width and height of the edited face.
        portrait: width and height as stored: whether it is upright is not known here.
    """
    if box is None:
        wanted, found = (max(sides) / min(sides) for sides in (portrait, shown))
        if max(wanted, found) > _MOST_STRETCHED * min(wanted, found):
            raise InputError(
                "has other proportions than its portrait: a face that was cut out needs its box in "
                f"{TABLE} ({shown[0]} x {shown[1]}, portrait {portrait[0]} x {portrait[1]})"
            )
        return None
    longer = max(portrait)
    if area(clip(box, longer, longer)) < area(box) / 2:
        raise InputError(f"its box lies outside of its portrait ({', '.join(f'{edge:g}' for edge in box)})")
    return [round(float(edge / min(portrait)), _DECIMALS) for edge in box]


def take_patches(
    *,
    folder: Path | str,
    patches: Path | str,
    plan: Path | str,
    shard: int,
    frames: Path | str,
    faces: Path | str,
    edited: Path | str,
) -> None:
    """Write the edited faces of one shard, each at the size of its place in the frame, in the order of the plan.

    Args:
        folder: as in `index_patches`.
        patches: the table that it wrote.
        plan: the edit's plan.csv.
        shard: number of the shard, as in the plan.
        frames: its frames.
        faces: where the edited faces go.
        edited: written.

    Raises:
        InputError: a face is not in the folder any more, or most show something else than what they are to replace.
    """
    table = read_table(patches, text=["source_id", "path"], columns=PATCHES)
    paths = {(row.source_id, row.label): row.path for row in table.itertuples()}
    boxes = read_boxes(patches)
    planned = read_plan(plan, shard, columns=["label"])
    labels = dict(zip(planned["source_id"], planned["label"], strict=True))
    found, _ = read_faces(faces)
    alike = []
    with write_shard(edited) as write:
        for source_id, frame in progress(read_shard(frames), total=len(found), what="faces"):
            if source_id not in found:
                continue
            patch = (source_id, labels[source_id])
            left, top, right, bottom = box_in(frame.shape[:2], boxes.get(patch))
            try:
                image = decode_image(_read(Path(folder), paths[patch]), "file")
            except InputError as error:
                told = str(error).removeprefix("file: ")
                raise InputError(f"{Path(folder) / paths[patch]}: {told}; it was there before, run again") from error
            image = resize(image, right - left, bottom - top)
            inside = [int(edge) for edge in found[source_id].box]
            image = image[inside[1] - top : inside[3] - top, inside[0] - left : inside[2] - left]
            alike.append(likeness(image, frame[inside[1] : inside[3], inside[0] : inside[2]]))
            write(source_id, image)
        # Before the block ends: no shard is left then.
        _require_likeness(np.array(alike), str(folder))


def likeness(first: np.ndarray, second: np.ndarray) -> float:
    """Return how much two uint8 RGB pictures of one size are alike: the correlation of their coarse greys.

    1 for the same picture, whatever its colors, brightness and contrast; NaN where one is of one color.
    """
    greys = [cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in (first, second)]
    one, other = (cv2.resize(grey, (16, 16), interpolation=cv2.INTER_AREA).astype(float).ravel() for grey in greys)
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / size if size else float("nan")


def _require_likeness(alike: np.ndarray, folder: str) -> None:
    """Raise `InputError` where faces are not those that they are to replace, which a few alone do not tell."""
    known = alike[~np.isnan(alike)]
    if len(known) < _FEWEST_COMPARED:
        return
    middle = float(np.median(known))
    logger.info("likeness of the edited faces to the portraits': %.2f in the middle", middle)
    if middle < _LEAST_LIKE:
        raise InputError(
            f"{folder}: the edited faces are not in the place of the portraits' (likeness {middle:.2f} in the middle "
            f"of {len(known)}, expected {_LEAST_LIKE} and more): faces that were cut out need their boxes in "
            f"{TABLE}, in pixels of the portrait; or they are called by the names of other portraits"
        )
