"""The training images, decoded once into memory, and the part of them held out for validation."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from synface.core.draws import keyed_order
from synface.core.emotions import Emotion
from synface.core.errors import InputError
from synface.poster.preprocessing import read_images


@dataclass(frozen=True)
class LabelledImages:
    """Images uint8 RGB [N, 3, S, S] and labels int64 [N] in `Emotion` order, on one device."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)


def load_images(
    frame: pd.DataFrame, *, folder: Path | str, size: int, threads: int, device: torch.device
) -> LabelledImages:
    """Decode the images of ``frame`` at ``size`` pixels into the memory of ``device``."""
    images = read_images([Path(folder) / name for name in frame["file_name"]], size=size, threads=threads)
    labels = torch.tensor([Emotion.from_label(label) for label in frame["label"]], dtype=torch.int64)
    return LabelledImages(images.to(device), labels.to(device))


def hold_out(frame: pd.DataFrame, *, fraction: float, seed: int, where: str) -> np.ndarray:
    """Choose ``fraction`` of every class for validation; return a mask over the rows.

    All images of one source (``source``, ``source_id``) fall on the same side, so that no face is on both. Sources are
    taken in keyed order while every class they hold stays within its share, which is at least one image for a class
    of two or more. A share that whole sources cannot fill exactly stays a little smaller. ``where`` is the path of the
    model in the configuration, for the message that none can be held out.
    """
    members: dict[str, list[int]] = defaultdict(list)
    for row, (source, source_id) in enumerate(zip(frame["source"], frame["source_id"], strict=True)):
        members[f"{source}/{source_id}"].append(row)
    labels = frame["label"].to_numpy()
    room = {label: max(1, round(fraction * count)) if count > 1 else 0 for label, count in Counter(labels).items()}
    held = np.zeros(len(frame), dtype=bool)
    for source in keyed_order(seed, "validation", members):
        needed = Counter(labels[members[source]])
        if all(count <= room[label] for label, count in needed.items()):
            held[members[source]] = True
            room = {label: left - needed[label] for label, left in room.items()}
    if not held.any():
        raise InputError(
            f"{where}.validation_fraction: found {fraction}, and no whole source of the {len(frame)} training images "
            "is as small; expected more, or 0 to hold nothing out"
        )
    return held
