"""The random draws of one training iteration, made beforehand, and the codes and targets that they give.

A training step takes its draws as arguments. So the same step runs with draws keyed by the iteration, which makes
training resumable, and with given ones, which makes it comparable with another implementation.
"""

import math
from dataclasses import dataclass, fields
from typing import TypeVar

import torch
from torch import Tensor

from synface.core.draws import keyed_generator
from synface.ganmut.generator import LinearGenerator

NEUTRAL = 0  # GANmut's class order
RANDOM_DIRECTIONS = 5  # items at the start of a batch whose direction is any, not that of an emotion
CODE_NOISE = 0.075  # standard deviation


@dataclass(frozen=True)
class DirectionDraws:
    """What one call of the linear generator draws while it trains."""

    noise: Tensor  # [B, 2] standard normal
    angle: Tensor  # [RANDOM_DIRECTIONS] uniform in [0, 1), in turns


@dataclass(frozen=True)
class LinearDraws:
    """All draws of one iteration of the linear model."""

    permutation: Tensor  # [B] int64: item i is to get the label of item permutation[i]
    strength: Tensor  # [B] uniform in [0, 1)
    discriminator: DirectionDraws
    penalty: Tensor  # [B, 1, 1, 1] uniform in [0, 1): share of the real image, for the gradient penalty
    generator: DirectionDraws
    cycle: DirectionDraws  # for the approximate cycle


@dataclass(frozen=True)
class GaussianDraws:
    """All draws of one iteration of the Gaussian model."""

    discriminator: Tensor  # [B - 7, 2] uniform in [0, 1)
    penalty: Tensor  # [B, 1, 1, 1] uniform in [0, 1)
    generator: Tensor  # [B - 7, 2] uniform in [0, 1)


Draws = TypeVar("Draws", LinearDraws, GaussianDraws, DirectionDraws)


def linear_draws(seed: int, iteration: int, batch_size: int) -> LinearDraws:
    """Return the draws of one iteration, float32 on the CPU; they depend on the arguments only."""
    random = keyed_generator(seed, "ganmut draws", str(iteration))

    def directions() -> DirectionDraws:
        noise, angle = random.standard_normal((batch_size, 2)), random.random(RANDOM_DIRECTIONS)
        return DirectionDraws(_tensor(noise), _tensor(angle))

    return LinearDraws(
        permutation=torch.from_numpy(random.permutation(batch_size)),
        strength=_tensor(random.random(batch_size)),
        discriminator=directions(),
        penalty=_tensor(random.random((batch_size, 1, 1, 1))),
        generator=directions(),
        cycle=directions(),
    )


def gaussian_draws(seed: int, iteration: int, batch_size: int) -> GaussianDraws:
    """Return the draws of one iteration, float32 on the CPU; they depend on the arguments only."""
    random = keyed_generator(seed, "ganmut draws", str(iteration))
    return GaussianDraws(
        discriminator=_tensor(random.random((batch_size - 7, 2))),
        penalty=_tensor(random.random((batch_size, 1, 1, 1))),
        generator=_tensor(random.random((batch_size - 7, 2))),
    )


def to_device(draws: Draws, device: torch.device) -> Draws:
    """Return ``draws`` with every tensor on ``device``."""
    moved = {}
    for field in fields(draws):
        value = getattr(draws, field.name)
        moved[field.name] = value.to(device) if isinstance(value, Tensor) else to_device(value, device)
    return type(draws)(**moved)


def target_strength(uniform: Tensor, targets: Tensor) -> Tensor:
    """Return the intensity asked for, [B]: in [0.2, 1), for neutral in [0, 0.2)."""
    return torch.where(targets == NEUTRAL, 0.2 * uniform, 0.2 + 0.8 * uniform)


def linear_codes(generator: LinearGenerator, classes: Tensor, strength: Tensor, draws: DirectionDraws) -> Tensor:
    """Return training codes [B, 2] for ``classes`` (GANmut's order) at ``strength``; the axes get their gradient.

    The first `RANDOM_DIRECTIONS` items point anywhere, at their own strength, so that the whole plane is learned; the
    others point along the axis of their class, with a little noise.
    """
    codes = strength[:, None] * generator.axis_codes()[classes] + CODE_NOISE * draws.noise
    if len(codes) < RANDOM_DIRECTIONS:
        return codes
    angle = 2 * math.pi * draws.angle
    anywhere = torch.stack([angle.cos(), angle.sin()], dim=1) * strength[:RANDOM_DIRECTIONS, None]
    return torch.cat([anywhere, codes[RANDOM_DIRECTIONS:]])


def gaussian_codes(means: Tensor, uniform: Tensor) -> Tensor:
    """Return training codes [7 + n, 2]: the seven ``means``, then ``uniform`` [n, 2] spread over [-1, 1)."""
    return torch.cat([means, 2 * uniform - 1])


def _tensor(values: object) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float32)
