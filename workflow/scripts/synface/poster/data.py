"""The training images, decoded once into memory or one file, and the part of them held out for validation."""

import logging
import math
import tempfile
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
from synface.poster.preprocessing import STEP, kept_rows, read_images
from synface.settings.architecture import MOST_IN_MEMORY

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LabelledImages:
    """Images uint8 RGB [N, 3, S/2, S] and labels int64 [N] in `Emotion` order.

    Only the rows that POSTER looks at are kept. The columns are whole, since a mirrored image shows the other half of
    them. The labels are on the device of the training, the images too, unless they are too many: then in a file.
    """

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return images and labels of ``rows``, int64 [B], on the device of the labels."""
        images = self.images[rows.to(self.images.device)]
        return images.to(self.labels.device), self.labels[rows.to(self.labels.device)]


def load_images(
    frame: pd.DataFrame,
    *,
    folder: Path | str,
    size: int,
    threads: int,
    device: torch.device,
    packed_in: Path | str,
    most_in_memory: float = MOST_IN_MEMORY,
) -> LabelledImages:
    """Decode the images of ``frame`` at ``size`` pixels into the memory of ``device``.

    Images of more than ``most_in_memory`` bytes are packed into one file without a name in the folder ``packed_in``,
    which the operating system removes when the process ends, and read from there batch by batch.
    """
    shape = (len(frame), 3, kept_rows(size, STEP), size)
    packed = math.prod(shape) > most_in_memory
    room = _packed(shape, packed_in) if packed else None
    paths = [Path(folder) / name for name in frame["file_name"]]
    images = read_images(paths, size=size, threads=threads, row_step=STEP, into=room)
    labels = torch.tensor([Emotion.from_label(label) for label in frame["label"]], dtype=torch.int64)
    return LabelledImages(images if packed else images.to(device), labels.to(device))


def _packed(shape: tuple[int, ...], folder: Path | str) -> Tensor:
    """Return uint8 [*shape] that lies in a file in ``folder``, mapped into memory."""
    logger.info(
        "%.1f GB of images are too many for the memory: packed into a file in %s", math.prod(shape) / 1e9, folder
    )
    Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:  # the mapping outlives it
        return torch.from_numpy(np.memmap(file, np.uint8, mode="w+", shape=shape))


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
