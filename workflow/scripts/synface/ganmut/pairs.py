"""Pictures of the same people without and with an emotion, from which a generator learns what an edit should make.

The published GANmut knows no such pairs: its discriminator alone tells how an edit should look. Where faces are drawn,
or posed in a laboratory, the true edit is known.
"""

import logging
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch
from torch import Tensor

from synface.core.draws import keyed_generator
from synface.core.emotions import GANMUT, Emotion, check_labels
from synface.core.errors import InputError
from synface.core.images import read_image
from synface.core.memory import check_room
from synface.core.progress import progress
from synface.core.tables import read_table
from synface.ganmut.data import augment, to_generator

logger = logging.getLogger(__name__)

FILE = "pairs.csv"
_COLUMNS = ["before", "after", "label", "rho"]
_CODES = {emotion: code for code, emotion in GANMUT.items()}
# Of a code, on each axis: what edits ask for need not be what pairs show, to the last digit.
_NOISE = 0.03


@dataclass(frozen=True)
class PairBatch:
    """B augmented pairs: faces float32 [B, 3, S, S] in [-1, 1], labels int64 [B] (GANmut's order), rho and noise.

    ``rho`` [B] is the intensity, ``noise`` [B, 2] what the codes are moved by.
    """

    before: Tensor
    after: Tensor
    labels: Tensor
    rho: Tensor
    noise: Tensor

    def to(self, device: torch.device) -> "PairBatch":
        """Return the same on ``device``."""
        return PairBatch(*(tensor.to(device) for tensor in vars(self).values()))


class Pairs:
    """All pairs of a folder, in memory, resized bilinearly to a side of S.

    Attributes:
        pictures: uint8 [P, S, S, 3] in the channel order blue, green, red; every picture once.
        before, after: int64 [N], numbers of pictures.
        labels: int64 [N] in GANmut's class order.
        rho: float32 [N] in [0, 1].
    """

    def __init__(self, folder: Path | str, image_size: int, augmentation: str) -> None:
        """Read ``folder``/pairs.csv and its pictures; `InputError` says what is wrong with them."""
        self.augmentation = augmentation
        table = _read_listing(Path(folder) / FILE)
        names = sorted({*table["before"], *table["after"]})
        if missing := [name for name in names if not (Path(folder) / name).is_file()]:
            raise InputError(f"{Path(folder) / FILE}: names {missing[0]}, which is not in the folder")
        what = f"images at {image_size} pixels"
        check_room(len(names), bytes_each=6 * image_size**2, where=str(folder), what=what)
        pictures = []
        for name in progress(names, total=len(names), what="pictures read"):
            image = cv2.resize(
                read_image(Path(folder) / name), (image_size, image_size), interpolation=cv2.INTER_LINEAR
            )
            pictures.append(image[:, :, ::-1])
        self.pictures = np.stack(pictures)
        number = {name: index for index, name in enumerate(names)}
        self.before, self.after = (table[side].map(number).to_numpy(np.int64) for side in ("before", "after"))
        self.labels = np.array([_CODES[Emotion.from_label(label)] for label in table["label"]], dtype=np.int64)
        self.rho = table["rho"].to_numpy(np.float32)
        logger.info("%d pairs of %d pictures", len(table), len(names))

    def batch(self, *, seed: int, iteration: int, size: int) -> PairBatch:
        """Return ``size`` pairs drawn by ``seed`` and ``iteration``, both pictures of each augmented alike."""
        random = keyed_generator(seed, "ganmut pairs", str(iteration))
        chosen = random.integers(len(self.labels), size=size)
        noise = _NOISE * random.standard_normal((size, 2))
        sides = []
        for side in (self.before, self.after):
            images = [
                augment(
                    self.pictures[side[row]],
                    keyed_generator(seed, "ganmut pair", f"{iteration} {place}"),
                    self.augmentation,
                )
                for place, row in enumerate(chosen)
            ]
            sides.append(to_generator(np.stack(images)))
        labels, rho = torch.from_numpy(self.labels[chosen]), torch.from_numpy(self.rho[chosen])
        return PairBatch(*sides, labels, rho, torch.as_tensor(noise, dtype=torch.float32))


def _read_listing(path: Path) -> pd.DataFrame:
    if not path.exists():
        raise InputError(f"{path}: missing; pairs are told by a table with the columns {', '.join(_COLUMNS)}")
    table = read_table(path, text=["before", "after", "label"], columns=_COLUMNS)
    if table.empty:
        raise InputError(f"{path}: has no row; expected a pair in each")
    check_labels(table["label"], str(path))
    rho = pd.to_numeric(table["rho"], errors="coerce")
    wrong = ~rho.between(0, 1)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise InputError(f"{path}: rho {table['rho'].iloc[row]} in row {row + 2}; expected a number from 0 to 1")
    return table.assign(rho=rho)
