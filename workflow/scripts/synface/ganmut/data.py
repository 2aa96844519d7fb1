"""The labelled faces that GANmut is trained on, and the batches drawn from them.

What an iteration sees depends on the seed and the iteration alone, so a training goes on after an interruption without
any state of its data.
"""

import logging
import math
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from synface.core.draws import keyed_generator
from synface.core.emotions import GANMUT, Emotion
from synface.core.errors import InputError
from synface.core.images import read_image
from synface.core.memory import check_room
from synface.core.progress import progress
from synface.dataset.split import read_split
from synface.faces.detector import load_detector
from synface.faces.framing import bring_into

logger = logging.getLogger(__name__)

_MIN_FACE = 0.3  # of the picture's side: a labelled set shows faces close
_CODES = {emotion: code for code, emotion in GANMUT.items()}

# The published augmentation, at the published 128 pixels; shifts scale with the image.
_DEGREES = 7.5
_SHIFT = 7.5 / 128
_ZOOM = (1.075, 1.15)
# Faces are edited at the size of their box, which is not what a zoom of 1.1 teaches.
_SMOOTH_ZOOM = (0.95, 1.05)


class TrainingFaces:
    """The training split of a dataset, in memory, resized bilinearly, or brought into a frame of the face.

    Images without a face that MTCNN finds are left out then, and told in the log.

    Attributes:
        images: uint8 [N, S, S, 3] in the channel order blue, green, red.
        labels: int64 [N] in GANmut's class order.
    """

    def __init__(
        self, metadata: Path | str, folder: Path | str, image_size: int, augmentation: str, framing: str = "as-is"
    ) -> None:
        self.augmentation = augmentation
        table = read_split(metadata, "train")
        # Twice: one by one, then in one array.
        what = f"images at {image_size} pixels"
        check_room(len(table), bytes_each=6 * image_size**2, where=str(folder), what=what)
        labels = [_CODES[Emotion.from_label(label)] for label in table["label"]]
        detector = None if framing == "as-is" else load_detector(min_face=_MIN_FACE)
        taken, images = [], []
        for index, name in enumerate(progress(table["file_name"], total=len(table), what="faces read")):
            image = read_image(Path(folder) / name)
            if detector is None:
                face = cv2.resize(image, (image_size, image_size), interpolation=cv2.INTER_LINEAR)
            else:
                found = detector.detect([image])[0]
                if not found:
                    logger.info("%s: no face found, left out of the training", name)
                    continue
                face = bring_into(image, found[0].box, framing, image_size)
            taken.append(index)
            images.append(face[:, :, ::-1])
        if not images:
            raise InputError(
                f"{metadata}: MTCNN finds no face in any training image; set the generator's framing to as-is"
            )
        logger.info("%d faces, %d images without one", len(images), len(table) - len(images))
        self.labels = np.array([labels[index] for index in taken], dtype=np.int64)
        self.images = np.stack(images)

    def batch(self, *, seed: int, iteration: int, size: int, balanced: bool) -> tuple[Tensor, Tensor]:
        """Return augmented faces, float32 [size, 3, S, S] in [-1, 1], and their labels, int64 [size]."""
        random = keyed_generator(seed, "ganmut batch", str(iteration))
        if balanced:
            chosen = balanced_choice(self.labels, size, random)
        else:
            chosen = epoch_choice(len(self.labels), size, seed, iteration)
        images = np.stack([augment(self.images[index], random, self.augmentation) for index in chosen])
        return to_generator(images), torch.from_numpy(self.labels[chosen])


def to_generator(images: np.ndarray) -> Tensor:
    """Return faces uint8 [B, S, S, 3] as float32 [B, 3, S, S] in [-1, 1], by the arithmetic of editing time."""
    return ((torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255 - 0.5) / 0.5).contiguous()


def epoch_choice(count: int, size: int, seed: int, iteration: int) -> np.ndarray:
    """Return the indices of one batch when all ``count`` images are shuffled anew every epoch.

    Epochs follow each other without a gap, so every batch is full: an incomplete one, as published, can be too small
    for the losses.
    """
    position = np.arange(iteration * size, (iteration + 1) * size)
    return np.array([_epoch_order(count, seed, int(p // count))[p % count] for p in position])


def balanced_choice(labels: np.ndarray, size: int, random: np.random.Generator) -> np.ndarray:
    """Return ``size`` indices, every class that occurs in ``labels`` equally often as far as ``size`` allows."""
    classes = random.permutation(np.unique(labels))
    repeated = np.resize(classes, size)
    random.shuffle(repeated)
    return np.array([random.choice(np.flatnonzero(labels == label)) for label in repeated])


def augment(image: np.ndarray, random: np.random.Generator, augmentation: str) -> np.ndarray:
    """Turn, zoom, shift and mirror a square image [S, S, 3] by one affine map.

    "published": rotation up to 7.5 degrees and zoom 1.075 to 1.15 about the center, shift up to 7.5 pixels of 128 times
    the zoom, mirrored half of the time by x -> S - x, which is a pixel to the right; nearest pixel, black border.
    "smooth": the same rotation and shift, zoom 0.95 to 1.05, mirrored in place, bilinear, the border repeated; so a
    generator does not learn jagged edges and black corners as part of a face.
    """
    smooth = augmentation == "smooth"
    size = image.shape[0]
    angle = math.radians(random.uniform(-_DEGREES, _DEGREES))
    zoom = random.uniform(*(_SMOOTH_ZOOM if smooth else _ZOOM))
    shift = random.uniform(-_SHIFT * size, _SHIFT * size, 2)
    mirror = -1.0 if random.random() < 0.5 else 1.0
    cosine, sine = zoom * math.cos(angle), zoom * math.sin(angle)
    linear = np.array([[mirror * cosine, mirror * sine], [-sine, cosine]])
    center = np.full(2, (size - 1) / 2)
    offset = center - linear @ center + shift
    if not smooth:
        upright = linear * [[mirror], [1.0]]
        offset = center - upright @ center + zoom * shift
        offset[0] = offset[0] if mirror > 0 else size - offset[0]
    affine = np.column_stack([linear, offset])
    if smooth:
        return cv2.warpAffine(image, affine, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    # Nearest, since the published call, by a misplaced argument, interpolates so.
    return cv2.warpAffine(image, affine, (size, size), flags=cv2.INTER_NEAREST)


@lru_cache(maxsize=2)
def _epoch_order(count: int, seed: int, epoch: int) -> np.ndarray:
    return keyed_generator(seed, "ganmut epoch", str(epoch)).permutation(count)
