"""A reader of drawn faces: a small network that tells emotion, intensity, action units and person.

It is trained on drawn faces alone, whose truth is known, and never sees an edit. Faces come aligned by the corners of
their eyes, which no action unit moves far, and at a coarse resolution, so that it reads shapes and not sharpness.

python -m drawn.truth.reader FILE     # draws 3,000 faces of people who are in no drawing, and trains one as a judge
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from drawn.truth.labelled import Labelled, align, draw_labelled
from drawn.truth.sitters import Picture
from synface.core.progress import progress
from synface.judges.reader import HEIGHT, WIDTH, Reader, save_reader, to_reader

JUDGE_SEED = 9203  # of its faces; no drawing has it
_EPOCHS, _BATCH, _LEARNING_RATE = 18, 32, 3e-3
# Weights of the losses; the action units say more than the label, and the person least.
_WEIGHTS = {"emotion": 1.0, "intensity": 2.0, "units": 10.0, "person": 0.1}


@dataclass(frozen=True)
class Reading:
    """What the reader says of N faces: probabilities [N, 7], intensity [N] and person [N, P], P standardized."""

    probabilities: np.ndarray
    intensity: np.ndarray
    person: np.ndarray


def train_reader(labelled: Labelled, *, seed: int = 1) -> Reader:
    """Train a reader on ``labelled``; 3,000 faces take about a minute of one core."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    person = (labelled.person - labelled.person.mean(axis=0)) / labelled.person.std(axis=0)
    answers = {"intensity": labelled.intensity[:, None], "units": labelled.units, "person": person}
    targets = {name: torch.from_numpy(values) for name, values in answers.items()}
    emotion = torch.from_numpy(labelled.emotion)
    reader = Reader(labelled.units.shape[1], person.shape[1])
    steps = len(emotion) // _BATCH
    optimizer = torch.optim.AdamW(reader.parameters(), lr=_LEARNING_RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, _LEARNING_RATE, total_steps=_EPOCHS * steps, pct_start=0.2
    )
    for _ in progress(range(_EPOCHS), total=_EPOCHS, what="epochs"):
        for chosen in random.permutation(len(emotion))[: steps * _BATCH].reshape(steps, _BATCH):
            images = _degrade(to_reader([align(labelled.pictures[index], random) for index in chosen]), random)
            with torch.autocast("cpu", dtype=torch.bfloat16):
                found = reader(images)
            loss = _WEIGHTS["emotion"] * F.cross_entropy(found["emotion"], emotion[chosen])
            for name, target in targets.items():
                loss = loss + _WEIGHTS[name] * F.mse_loss(found[name], target[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return reader.eval()


@torch.inference_mode()
def read(reader: Reader, pictures: Sequence[Picture]) -> Reading:
    """Read ``pictures``; an edit comes with the landmarks of its original, which say where the eyes are."""
    faces = [align(picture) for picture in pictures]
    found = [reader(to_reader(faces[start : start + 64])) for start in range(0, len(faces), 64)]
    answers = {name: torch.cat([part[name] for part in found]) for name in reader.sizes}
    probabilities = answers["emotion"].double().softmax(dim=1)
    return Reading(probabilities.numpy(), answers["intensity"][:, 0].numpy(), answers["person"].numpy())


def _degrade(images: Tensor, random: np.random.Generator) -> Tensor:
    """Blur half of the batches and change colors a little, so that neither decides what is read."""
    if random.random() < 0.5:
        coarse = F.interpolate(images, scale_factor=random.uniform(0.45, 0.95), mode="area")
        images = F.interpolate(coarse, size=(HEIGHT, WIDTH), mode="bilinear", align_corners=False)
    contrast = random.uniform(0.9, 1.1, (len(images), 3, 1, 1))
    brightness = random.uniform(-0.1, 0.1, (len(images), 1, 1, 1))
    return images * torch.from_numpy(contrast).float() + torch.from_numpy(brightness).float()


def main(path: str, faces: int = 3000, *, size: int = 128) -> None:
    """Train a reader as a judge of studies on drawn faces, and write it."""
    save_reader(train_reader(draw_labelled(faces, size, seed=JUDGE_SEED, lowest=0.3)), path)


if __name__ == "__main__":
    main(*sys.argv[1:2])
