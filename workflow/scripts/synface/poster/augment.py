"""Augmentation of whole batches on the device: flip, noise, random erasing.

What happens to an image in an epoch is drawn per image and epoch before the batches are made, so that batch size,
workers and an interruption change nothing.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from synface.core.draws import keyed_generator
from synface.poster.preprocessing import STEP
from synface.settings.model import PosterTraining

# RAF-DB's aligned faces, to which the published code adds its noise before it enlarges them.
NOISE_GRID = 100


@dataclass(frozen=True)
class Plan:
    """What happens to each of N images in one epoch.

    Attributes:
        flip: bool [N], mirror left and right.
        noise: bool [N], add noise.
        box: int64 [N, 4], erased rectangle as left, top, right, bottom; empty (all 0) for none.
    """

    flip: Tensor
    noise: Tensor
    box: Tensor

    def of(self, rows: Tensor) -> "Plan":
        """Return the plan of the images in ``rows``, on their device."""
        return Plan(*(part.to(rows.device)[rows] for part in (self.flip, self.noise, self.box)))


def plan_epoch(count: int, *, size: int, settings: PosterTraining, seed: int, epoch: int) -> Plan:
    """Draw the augmentation of ``count`` images of ``size`` pixels for one epoch."""
    generator = keyed_generator(seed, "augmentation", str(epoch))
    flip = generator.random(count) < settings.horizontal_flip
    noise = generator.random(count) < settings.additive_noise.probability
    erasing = settings.random_erasing
    box = erasing_boxes(
        generator, count, size=size, probability=erasing.probability, scale=erasing.scale, ratio=erasing.ratio
    )
    return Plan(torch.from_numpy(flip), torch.from_numpy(noise), torch.from_numpy(box))


def erasing_boxes(
    generator: np.random.Generator,
    count: int,
    *,
    size: int,
    probability: float,
    scale: tuple[float, float],
    ratio: tuple[float, float],
) -> np.ndarray:
    """Draw rectangles for random erasing (Zhong et al., AAAI 2020), int64 [count, 4]: left, top, right, bottom.

    As torchvision's ``RandomErasing``: area uniform in ``scale`` (share of the image), aspect ratio (height to width)
    log-uniform in ``ratio``, up to ten attempts until it fits. An image that is not erased has the box 0, 0, 0, 0.
    """
    attempts = 10
    erased = generator.random(count) < probability
    area = size * size * generator.uniform(*scale, (count, attempts))
    aspect = np.exp(generator.uniform(math.log(ratio[0]), math.log(ratio[1]), (count, attempts)))
    height = np.rint(np.sqrt(area * aspect)).astype(np.int64)
    width = np.rint(np.sqrt(area / aspect)).astype(np.int64)
    fits = (height < size) & (width < size)
    first = fits.argmax(axis=1)
    rows = np.arange(count)
    height, width = height[rows, first], width[rows, first]
    top, left = (
        np.floor(generator.random(count) * np.maximum(size - extent + 1, 1)).astype(np.int64)
        for extent in (height, width)
    )
    boxes = np.stack((left, top, left + width, top + height), axis=1)
    boxes[~(erased & fits.any(axis=1))] = 0
    return boxes


def flip_and_add_noise(images: Tensor, plan: Plan, *, variance: float, generator: torch.Generator) -> Tensor:
    """Apply the part of ``plan`` before normalization to the rows that POSTER looks at, uint8 [B, 3, S/2, S].

    The noise is Gaussian per value of a 100 x 100 image, enlarged like the image, then rounded and clipped; a
    ``variance`` of 0 draws none.

    Returns:
        The pixels that POSTER looks at, float32 [B, 3, S/2, S/2] in 0..255.
    """
    size = images.shape[-1]
    # A mirrored image shows the other columns.
    images = torch.where(plan.flip.view(-1, 1, 1, 1), images.flip(-1)[..., ::STEP], images[..., ::STEP])
    images = images.to(torch.float32)
    if variance == 0:
        return images
    shape = (len(images), 3, NOISE_GRID, NOISE_GRID)
    noise = torch.randn(shape, generator=generator, device=images.device) * math.sqrt(variance)
    # Columns before rows, as PyTorch does both: what is not looked at is left out in between.
    noise = F.interpolate(noise, size=(NOISE_GRID, size), mode="bilinear", antialias=True)[..., ::STEP]
    noise = F.interpolate(noise, size=(size, noise.shape[-1]), mode="bilinear", antialias=True)[..., ::STEP, :]
    # A mask, not an index: how many images get noise is not known without waiting for the device.
    return torch.where(plan.noise.view(-1, 1, 1, 1), (images + noise).round().clamp(0, 255), images)


def erase(images: Tensor, box: Tensor) -> Tensor:
    """Set what lies in ``box`` [B, 4], in pixels of the whole images, to 0, the mean color.

    ``images`` are normalized, [B, 3, S/2, S/2], as POSTER looks at them.
    """
    columns = STEP * torch.arange(images.shape[-1], device=images.device)
    rows = STEP * torch.arange(images.shape[-2], device=images.device)
    left, top, right, bottom = (edge.view(-1, 1) for edge in box.unbind(dim=1))
    inside_columns = (columns >= left) & (columns < right)
    inside_rows = (rows >= top) & (rows < bottom)
    inside = inside_rows.unsqueeze(2) & inside_columns.unsqueeze(1)
    return images.masked_fill(inside.unsqueeze(1), 0.0)


def epoch_order(labels: np.ndarray, *, sampler: str, seed: int, epoch: int) -> np.ndarray:
    """Return the order in which one epoch visits the images, int64 [N].

    ``"shuffle"`` visits each once. ``"balanced"`` draws N with replacement, each class equally often on average: what
    the published AffectNet training does (ImbalancedDatasetSampler, weight 1 / class count).
    """
    generator = keyed_generator(seed, "order", str(epoch))
    if sampler == "shuffle":
        return generator.permutation(len(labels))
    weights = 1.0 / np.bincount(labels)[labels]
    return generator.choice(len(labels), size=len(labels), p=weights / weights.sum())
