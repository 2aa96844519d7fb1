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
    """Apply the part of ``plan`` that comes before normalization to uint8 [B, 3, S, S]; return float32 in 0..255.

    The noise is Gaussian per value of a 100 x 100 image, enlarged like the image, then rounded and clipped; a
    ``variance`` of 0 draws none.
    """
    images = torch.where(plan.flip.view(-1, 1, 1, 1), images.flip(-1), images).to(torch.float32)
    if variance == 0:
        return images
    shape = (len(images), 3, NOISE_GRID, NOISE_GRID)
    noise = torch.randn(shape, generator=generator, device=images.device) * math.sqrt(variance)
    noise = F.interpolate(noise, size=images.shape[-2:], mode="bilinear", antialias=True)
    # A mask, not an index: how many images get noise is not known without waiting for the device.
    return torch.where(plan.noise.view(-1, 1, 1, 1), (images + noise).round().clamp(0, 255), images)


def erase(images: Tensor, box: Tensor) -> Tensor:
    """Set the rectangles ``box`` [B, 4] of normalized images [B, 3, S, S] to 0, the mean color."""
    columns = torch.arange(images.shape[-1], device=images.device)
    rows = torch.arange(images.shape[-2], device=images.device)
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
