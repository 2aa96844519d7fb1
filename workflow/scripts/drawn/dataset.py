"""A folder of drawn faces in the layout of a real data set, with the truth about each face beside it."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd

from drawn.action_units import ACTION_UNITS
from drawn.face import FaceParameters, draw_face, sample_face
from drawn.layouts import BEFORE, PAIRS, PATHS, write_image, write_labels, write_pairs
from drawn.scene import DOMAINS, SIZES
from synface.core.counts import share
from synface.core.draws import keyed_generator, keyed_order
from synface.core.emotions import Emotion
from synface.core.errors import InputError
from synface.core.files import new_folder
from synface.core.processes import Process, end_with
from synface.core.progress import progress
from synface.core.tables import write_table
from synface.faces.points import COUNT

INTENSITIES: Mapping[str, tuple[float, float]] = {
    "portraits": (0.1, 0.55),
    "faces": (0.45, 1.0),
    "raf": (0.45, 1.0),
    "affectnet": (0.4, 1.0),
}
_EVERY = (0.05, 1.0)  # of what pairs show after the edit
_SMILES = (0.45, 1.0)  # of portraits that are asked to smile
# What people do before a camera when nobody asks for an emotion.
_CANDID = {
    Emotion.NEUTRAL: 0.55,
    Emotion.HAPPINESS: 0.30,
    Emotion.SURPRISE: 0.04,
    Emotion.SADNESS: 0.05,
    Emotion.ANGER: 0.04,
    Emotion.FEAR: 0.01,
    Emotion.DISGUST: 0.01,
}


@dataclass(frozen=True)
class PlannedFace:
    """One picture to be drawn: ``file`` is its path in the folder, ``item`` the key of all its random draws.

    ``label`` is what the layout says of it: ``emotion``, unless that is wrong.
    """

    file: str
    split: str
    item: str
    emotion: Emotion
    intensity: float
    label: Emotion

    def parameters(self, *, seed: int, domain: str) -> FaceParameters:
        """Return everything about the picture; draw it, or replace its expression and draw the known edit of it."""
        return sample_face(seed, self.item, emotion=self.emotion, intensity=self.intensity, domain=domain)


def plan_faces(settings: Mapping[str, Any]) -> list[PlannedFace]:
    """Return the faces that `draw_faces` draws for ``settings``, in the order of their files.

    A face depends on the seed, its domain, split and label, and its number within them: more faces of another label
    change its file's number and nothing else.
    """
    domain, layout, seed = settings["domain"], settings["layout"], settings["seed"]
    if domain not in DOMAINS:
        raise InputError(f"unknown domain {domain!r} of drawn faces; expected one of {', '.join(DOMAINS)}")
    if layout == PAIRS:
        return list(_plan_pairs(settings))
    if layout not in PATHS:
        raise InputError(f"unknown layout {layout!r} of drawn faces; expected one of {', '.join((*PATHS, PAIRS))}")
    low, high = settings.get("intensity") or INTENSITIES[domain]
    candid, smiling = dict(_CANDID), settings.get("smiling")
    if smiling is not None:
        others = 1 - candid[Emotion.HAPPINESS]
        candid = {each: chance * (1 - smiling) / others for each, chance in candid.items()}
        candid[Emotion.HAPPINESS] = smiling
    planned = []
    for split, items in _items(settings, domain).items():
        wrong = _wrong_labels(items, settings.get("wrong_labels", 0.0) if split == "train" else 0.0, seed)
        for index, item in enumerate(keyed_order(seed, "order of drawn faces", items)):
            generator = keyed_generator(seed, "drawn intensity", item)
            emotion = items[item]
            if emotion is None:
                emotion = Emotion(int(generator.choice(list(candid), p=list(candid.values()))))
            asked = _SMILES if smiling is not None and emotion is Emotion.HAPPINESS else (low, high)
            intensity = 0.0 if emotion is Emotion.NEUTRAL else float(generator.uniform(*asked))
            label = wrong.get(item, emotion)
            planned.append(PlannedFace(PATHS[layout](index, split), split, item, emotion, intensity, label))
    return planned


def _plan_pairs(settings: Mapping[str, Any]) -> Iterator[PlannedFace]:
    """Yield every person's picture before, then those after: at rest, and two of each emotion, weaker and stronger.

    One key per person: nothing but the expression differs between the pictures.
    """
    domain, seed = settings["domain"], settings["seed"]
    low, high = settings.get("intensity") or _EVERY
    for number in range(settings["people"]):
        item = f"{domain} pair {number:06d}"
        generator = keyed_generator(seed, "drawn intensity", item)
        before = Emotion(int(generator.choice(list(_CANDID), p=list(_CANDID.values()))))
        shown = 0.0 if before is Emotion.NEUTRAL else float(generator.uniform(*INTENSITIES["portraits"]))
        yield PlannedFace(f"{number:05d}/{BEFORE}", "train", item, before, shown, before)
        for emotion in Emotion:
            middle = (low + high) / 2
            halves = [(0.0, 0.0)] if emotion is Emotion.NEUTRAL else [(low, middle), (middle, high)]
            for half, bounds in enumerate(halves):
                file = f"{number:05d}/{emotion.label}-{half}.png"
                yield PlannedFace(file, "train", item, emotion, float(generator.uniform(*bounds)), emotion)


def _wrong_labels(items: Mapping[str, Emotion | None], part: float, seed: int) -> dict[str, Emotion]:
    """Return another label for ``part`` of the faces of each emotion, rounded half up, by their keys."""
    by_emotion: dict[Emotion, list[str]] = {}
    for item, emotion in items.items():
        if emotion is not None:
            by_emotion.setdefault(emotion, []).append(item)
    wrong = {}
    for emotion, members in by_emotion.items():
        for item in keyed_order(seed, "wrong labels", members)[: share(part, len(members))]:
            others = [other for other in Emotion if other is not emotion]
            wrong[item] = others[int(keyed_generator(seed, "wrong label", item).integers(len(others)))]
    return wrong


def _items(settings: Mapping[str, Any], domain: str) -> dict[str, dict[str, Emotion | None]]:
    """Return, per split, the key of each face with its emotion (None: to be drawn)."""
    if settings.get("counts"):
        return {
            split: {
                f"{domain} {split} {label} {number}": Emotion.from_label(label)
                for label, count in settings["counts"][split].items()
                for number in range(count)
            }
            for split in ("train", "test")
            if settings["counts"].get(split)
        }
    if not settings.get("count"):
        raise InputError("drawn faces need `count` (unlabelled) or `counts` (per split and label); found neither")
    return {"train": {f"{domain} {number:06d}": None for number in range(settings["count"])}}


def draw_faces(*, folder: Path | str, settings: Mapping[str, Any], threads: int = 1) -> None:
    """Draw a data set into ``folder``, which appears only when everything in it is complete.

    Args:
        folder: made anew; an earlier one of drawn faces is replaced, any other is left alone (`InputError`).
        settings: ``domain`` (portraits, faces, raf, affectnet), ``layout`` (portraits, raf-db, affectnet, pairs),
            ``seed``, ``counts`` ({split: {label: number}}, splits train and test), ``count`` or, for pairs,
            ``people``, and optionally ``size`` in pixels, ``intensity`` ([low, high] of the six emotions),
            ``smiling`` (part of unlabelled faces) and ``wrong_labels`` (part of labelled training faces).
        threads: processes that draw; the pictures do not depend on it.

    Besides the layout's own files it holds ``truth.csv`` (file, split, label, intensity, action units, skin color in
    CIELAB, pose, item, identity) and ``landmarks.npz`` (``files`` [N], ``landmarks`` float32 [N, 68, 2], pixels).
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()) and not (folder / "truth.csv").exists():
        raise InputError(f"{folder}: holds files that are no drawn faces; move them away or draw into another folder")
    planned = plan_faces(settings)
    with new_folder(folder) as temporary:
        for parent in sorted({Path(face.file).parent for face in planned}):
            (temporary / parent).mkdir(parents=True, exist_ok=True)
        rows, landmarks = [], np.zeros((len(planned), COUNT, 2), np.float32)
        # Closed, so that a job that is stopped does not draw all the rest before it ends.
        with closing(_draw_all(temporary, planned, settings, threads)) as drawn:
            for index, (row, points) in enumerate(drawn):
                rows.append(row)
                landmarks[index] = points
        files = [face.file for face in planned]
        if settings["layout"] == PAIRS:
            write_pairs(temporary, files, [face.label for face in planned], [face.intensity for face in planned])
        else:
            write_labels(temporary, settings["layout"], files, [face.label for face in planned], landmarks)
        np.savez_compressed(temporary / "landmarks.npz", files=np.array(files), landmarks=landmarks)
        write_table(pd.DataFrame(rows), temporary / "truth.csv")


def _draw_all(
    folder: Path, planned: Sequence[PlannedFace], settings: Mapping[str, Any], threads: int
) -> Generator[tuple[dict[str, Any], np.ndarray], None, None]:
    draw = partial(_draw_one, folder, settings["seed"], settings["domain"], settings.get("size"))
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)  # pictures are small: one process per core beats threads within each operation
    try:
        # Forked, not spawned: that would run a Snakemake script's top level again in each process. Windows cannot fork,
        # and macOS not safely; there one process draws all.
        can_fork = sys.platform != "darwin" and "fork" in multiprocessing.get_all_start_methods()
        if threads <= 1 or not can_fork or len(planned) < 2 * threads:
            yield from progress(map(draw, planned), total=len(planned), what="faces")
            return
        # Of Python's two pools this one notices when one of its processes is killed; the other waits for ever.
        fork, here = multiprocessing.get_context("fork"), Process.here()
        with ProcessPoolExecutor(threads, mp_context=fork, initializer=_begin_drawing, initargs=(here,)) as pool:
            yield from progress(pool.map(draw, planned, chunksize=16), total=len(planned), what="faces")
    except BrokenProcessPool as error:
        raise InputError(
            f"{folder}: a process that drew was killed, most likely for want of memory; run again with fewer cores"
        ) from error
    finally:
        cv2.setNumThreads(before)


def _begin_drawing(parent: Process) -> None:
    """Let a process of the pool end with the one that it draws for, and leave it to that one to heed the terminal."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with(parent, end=lambda: os._exit(1))


def _draw_one(
    folder: Path, seed: int, domain: str, size: int | None, planned: PlannedFace
) -> tuple[dict[str, Any], np.ndarray]:
    face = planned.parameters(seed=seed, domain=domain)
    drawn = draw_face(face, SIZES[domain] if size is None else size)
    write_image(folder, planned.file, drawn)
    row = {
        "file": planned.file,
        "split": planned.split,
        "label": planned.emotion.label,
        "intensity": round(planned.intensity, 4),
    }
    row |= {f"AU{unit:02d}": round(face.expression.action_units[unit], 4) for unit in ACTION_UNITS}
    row |= dict(zip(("skin_L", "skin_a", "skin_b"), (round(value, 3) for value in drawn.skin_lab), strict=True))
    pose = face.scene.pose
    row |= {"yaw": round(pose.yaw, 2), "pitch": round(pose.pitch, 2), "roll": round(pose.roll, 2)}
    row |= {"item": planned.item, "identity": face.identity.seed}
    return row, drawn.landmarks
