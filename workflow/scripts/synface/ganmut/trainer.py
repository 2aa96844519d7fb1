"""The two players of GANmut and their optimizers: one iteration at a time, with the draws given."""

import copy
import math
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from synface.core.draws import keyed_integer
from synface.core.emotions import GANMUT, Emotion
from synface.ganmut.discriminator import DISCRIMINATORS, NEGATIVE_SLOPE
from synface.ganmut.generator import GENERATORS, Generator, LinearGenerator
from synface.ganmut.losses import (
    Terms,
    gaussian_discriminator_terms,
    gaussian_generator_terms,
    linear_discriminator_terms,
    linear_generator_terms,
    pair_terms,
    weighted_sum,
)
from synface.ganmut.pairs import PairBatch
from synface.ganmut.sampling import GaussianDraws, LinearDraws
from synface.ganmut.weights import discriminator_weights, generator_weights
from synface.settings.generator import GanmutTraining


class Trainer:
    """Generator, discriminator, their optimizers and, if asked for, the running average of the generator."""

    def __init__(self, settings: GanmutTraining, device: torch.device, start: Generator | None = None) -> None:
        """Build both networks of ``settings`` on ``device``, initialized by the seed; a generator as ``start`` is."""
        self.settings, self.device = settings, device
        self.linear = settings.parametrization == "linear"
        kind, size = settings.parametrization, settings.image_size
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(keyed_integer(settings.seed, "ganmut initial weights"))
            generator = GENERATORS[kind](
                channels=settings.channels, blocks=settings.blocks, image_size=size, masked=settings.masked
            )
            discriminator = DISCRIMINATORS[kind](
                channels=settings.discriminator_channels, depth=settings.discriminator_depth, image_size=size
            )
            if settings.initialization == "he":
                _initialize_he(discriminator)
                _enlarge_smoothly(generator)
                if self.linear:
                    _spread_axes(generator)
        if start is not None:
            generator.load_state_dict(start.state_dict())
        # Channels-last suits tensor cores and bfloat16; in float32 on the CPU the plain layout has the faster norms.
        self.layout = torch.contiguous_format
        if settings.precision == "bfloat16" or device.type == "cuda":
            self.layout = torch.channels_last
        self.generator = generator.to(device, memory_format=self.layout)
        self.discriminator = discriminator.to(device, memory_format=self.layout)
        self.noise = torch.Generator(device).manual_seed(keyed_integer(settings.seed, "ganmut instance noise"))
        if settings.instance_noise:
            self.discriminator.main.register_forward_pre_hook(self._add_noise)
        self.generator_optimizer = self._adam(self.generator)
        self.discriminator_optimizer = self._adam(self.discriminator)
        self.average = copy.deepcopy(self.generator).requires_grad_(False) if settings.average else None

    def class_step(self, images: Tensor, labels: Tensor) -> Terms:
        """Update only what the discriminator knows of the classes; return its term, detached.

        Until it knows them, all that a masked generator learns is to leave the faces alone, and it may never begin.
        """
        with self._precision():
            verdict = self.discriminator(images.contiguous(memory_format=self.layout))
        terms = {"class": F.cross_entropy(verdict.classes.float(), labels)}
        self._update(self.discriminator_optimizer, terms, discriminator_weights(self.settings))
        return {name: term.detach() for name, term in terms.items()}

    def discriminator_step(
        self, images: Tensor, labels: Tensor, draws: LinearDraws | GaussianDraws, *, regularize: bool = True
    ) -> Terms:
        """Update the discriminator once, with or without the penalty; return its unweighted terms, detached."""
        terms_of = linear_discriminator_terms if self.linear else gaussian_discriminator_terms
        images = images.contiguous(memory_format=self.layout)
        with self._precision():
            terms = terms_of(
                self.generator,
                self.discriminator,
                images,
                labels,
                draws,
                regularization=self.settings.regularization if regularize else None,
                adversarial=self.settings.adversarial,
            )
        self._update(self.discriminator_optimizer, terms, discriminator_weights(self.settings))
        return {name: term.detach() for name, term in terms.items()}

    def pair_step(self, pairs: PairBatch) -> Terms:
        """Update the generator, and its average, by known pairs alone; return its term, detached."""
        with self._precision():
            terms = pair_terms(self.generator, pairs)
        return self._update_generator(terms)

    def generator_step(
        self, images: Tensor, labels: Tensor, draws: LinearDraws | GaussianDraws, pairs: PairBatch | None = None
    ) -> Terms:
        """Update the generator, and its average, once and return its unweighted terms, detached."""
        images = images.contiguous(memory_format=self.layout)
        # The published code computes the discriminator's gradients here too, and throws them away.
        self.discriminator.requires_grad_(False)
        with self._precision():
            players, adversarial = (self.generator, self.discriminator), self.settings.adversarial
            if self.linear:
                cycle = self.settings.cycle
                terms = linear_generator_terms(*players, images, labels, draws, cycle=cycle, adversarial=adversarial)
                if pairs is not None:
                    terms |= pair_terms(self.generator, pairs)
            else:
                terms = gaussian_generator_terms(*players, images, draws, adversarial=adversarial)
        terms = self._update_generator(terms)
        self.discriminator.requires_grad_(True)
        return terms

    def result(self) -> nn.Module:
        """Return the generator to keep: the average where there is one."""
        return self.generator if self.average is None else self.average

    def state(self) -> dict[str, Any]:
        """Return everything that changes in training."""
        return {name: part.state_dict() for name, part in self._parts().items()} | {"noise": self.noise.get_state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to what `state` returned."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.noise.set_state(state["noise"])

    def _parts(self) -> dict[str, Any]:
        parts: dict[str, Any] = {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "generator_optimizer": self.generator_optimizer,
            "discriminator_optimizer": self.discriminator_optimizer,
        }
        return parts if self.average is None else {**parts, "average": self.average}

    def _adam(self, network: nn.Module) -> torch.optim.Adam:
        fused = self.device.type == "cuda"
        return torch.optim.Adam(network.parameters(), self.settings.lr, betas=(0.5, 0.999), fused=fused)

    def _add_noise(self, _main: nn.Module, inputs: tuple[Tensor]) -> Tensor:
        """Blur what the discriminator can tell apart (Sonderby et al., 2017): no pattern of single pixels fools it."""
        (images,) = inputs
        noise = torch.randn(images.shape, generator=self.noise, device=images.device, dtype=torch.float32)
        return images + self.settings.instance_noise * noise.to(images.dtype)

    def _precision(self) -> torch.autocast:
        enabled = self.settings.precision == "bfloat16"
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=enabled)

    def _update_generator(self, terms: Terms) -> Terms:
        self._update(self.generator_optimizer, terms, generator_weights(self.settings))
        if self.average is not None:
            self._follow()
        return {name: term.detach() for name, term in terms.items()}

    @staticmethod
    def _update(optimizer: torch.optim.Optimizer, terms: Terms, weights: Mapping[str, float]) -> None:
        optimizer.zero_grad(set_to_none=True)
        weighted_sum(terms, weights).backward()
        optimizer.step()

    @torch.no_grad()
    def _follow(self) -> None:
        decay = self.settings.average
        for mean, weight in zip(self.average.parameters(), self.generator.parameters(), strict=True):
            mean.lerp_(weight, 1 - decay)


def _initialize_he(discriminator: nn.Module) -> None:
    """Keep the scale of activations from layer to layer (He et al., 2015); no norm of the discriminator does."""
    for layer in discriminator.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, a=NEGATIVE_SLOPE)


def _enlarge_smoothly(generator: nn.Module) -> None:
    """Let every transposed convolution begin as bilinear enlarging, without checkerboards (as Aitken et al., 2017)."""
    tent = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 4
    for layer in generator.modules():
        if isinstance(layer, nn.ConvTranspose2d):
            layer.weight.data = 4 * layer.weight.data[:, :, :1, :1] * torch.outer(tent, tent)


# From the emotion that is pleasant and calm through arousal to the one that is unpleasant and calm, so that neighbors
# are alike; the positions are those of GANmut's class order (Russell, 1980, has the circle).
_AROUND = (Emotion.HAPPINESS, Emotion.SURPRISE, Emotion.FEAR, Emotion.ANGER, Emotion.DISGUST, Emotion.SADNESS)


@torch.no_grad()
def _spread_axes(generator: LinearGenerator) -> None:
    """Let the axes begin evenly: random ones may lie so near that two emotions stay one for long."""
    codes = {emotion: code for code, emotion in GANMUT.items()}
    for step, emotion in enumerate(_AROUND):
        angle = torch.tensor(step * math.tau / len(_AROUND))
        axis = generator.axes.weight[codes[emotion] - 1]
        axis.copy_(axis.norm() * torch.stack([angle.cos(), angle.sin()]))
