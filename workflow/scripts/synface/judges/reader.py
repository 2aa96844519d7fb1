"""The reader of drawn faces: a small network that the laboratory trains on faces drawn for it (`drawn.truth.reader`).

Faces come aligned by their eyes, which no action unit moves far, and at a coarse resolution, so that it reads shapes
and not sharpness.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from synface.compute.facts import read_fact
from synface.compute.weights import load_strictly, read_weights, write_weights
from synface.core.emotions import LABELS

HEIGHT, WIDTH = 56, 48  # pixels of an aligned face
METADATA_KEY = "synface.reader"
USUAL_EYES = np.array([[0.31, 0.37], [0.69, 0.37]])
"""Where eyes lie in a face that was cut out as MTCNN boxes it, as fractions of its side."""
_EYES_APART, _EYES_ROW = 22, 16
_SEEN = 64  # pixels of the picture, at most, that a face is read from
_MOST_ANSWERS = 1000


class Reader(nn.Module):
    """Four convolutions and one linear layer, from aligned faces [B, 3, HEIGHT, WIDTH] to all answers at once."""

    def __init__(self, units: int, person: int) -> None:
        super().__init__()
        self.sizes = {"emotion": len(LABELS), "intensity": 1, "units": units, "person": person}
        layers, before = [], 3
        for channels in (16, 32, 64, 96):
            layers += [nn.Conv2d(before, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels)]
            layers += [nn.ReLU(inplace=True), nn.MaxPool2d(2)]
            before = channels
        features = before * (HEIGHT // 16) * (WIDTH // 16)
        layers += [nn.Flatten(), nn.Dropout(0.3), nn.Linear(features, sum(self.sizes.values()))]
        self.layers = nn.Sequential(*layers).to(memory_format=torch.channels_last)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Return the answers by name, each [B, number]; images are float, [0, 255] brought to about [-2, 2]."""
        return self.answers(self.features(images))

    def features(self, images: Tensor) -> Tensor:
        """Return what the answers are made of, [B, 864]."""
        return self.layers[:-1](images.contiguous(memory_format=torch.channels_last))

    def answers(self, features: Tensor) -> dict[str, Tensor]:
        """Return the answers for what `features` returns."""
        found = self.layers[-1](features).float()
        return dict(zip(self.sizes, found.split(list(self.sizes.values()), dim=1), strict=True))


def save_reader(reader: Reader, path: Path | str) -> None:
    """Write a reader as safetensors."""
    write_weights(reader, path, METADATA_KEY, {name: reader.sizes[name] for name in ("units", "person")})


def load_reader(path: Path | str) -> Reader:
    """Load what `save_reader` wrote, in evaluation mode; `InputError` for anything else."""
    state, facts = read_weights(path, METADATA_KEY, marks=("layers.0.weight",))
    sizes = (read_fact(facts, name, int, name=str(path), least=1, most=_MOST_ANSWERS) for name in ("units", "person"))
    reader = Reader(*sizes)
    load_strictly(reader, state, str(path))
    return reader.eval()


def align_by_eyes(image: np.ndarray, eyes: np.ndarray, random: np.random.Generator | None = None) -> np.ndarray:
    """Return the face with its eyes in a fixed place, uint8 RGB [HEIGHT, WIDTH, 3].

    Args:
        image: uint8 RGB, square.
        eyes: [2, 2], x and y of the middle of each eye in pixels, centers of pixels at integers.
        random: with it, the face is a little moved, turned and scaled, and mirrored half of the time.
    """
    if len(image) > _SEEN:
        eyes = (eyes + 0.5) * (_SEEN / len(image)) - 0.5
        image = cv2.resize(image, (_SEEN, _SEEN), interpolation=cv2.INTER_AREA)
    middle, across = eyes.mean(axis=0), eyes[1] - eyes[0]
    scale, angle, mirror = _EYES_APART / np.hypot(*across), np.arctan2(across[1], across[0]), 1.0
    if random is not None:
        scale *= random.uniform(0.94, 1.06)
        angle += random.uniform(-0.07, 0.07)
        middle = middle + random.uniform(-1.5, 1.5, 2)
        mirror = random.choice([-1.0, 1.0])
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    linear = np.array([[mirror * cosine, mirror * sine], [-sine, cosine]])
    shift = np.array([(WIDTH - 1) / 2, _EYES_ROW]) - linear @ middle
    return cv2.warpAffine(image, np.column_stack([linear, shift]), (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)


def to_reader(images: Sequence[np.ndarray]) -> Tensor:
    """Turn aligned faces into the reader's input, float32 [B, 3, HEIGHT, WIDTH]."""
    return (torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float() - 128) / 64
