"""The published losses of GANmut: one function per player and model, each term under its own name.

D'Apolito et al., CVPR 2021, as in the published code. The terms come unweighted; `weighted_sum` adds them up.
"""

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from synface.ganmut.discriminator import GaussianDiscriminator, LinearDiscriminator
from synface.ganmut.generator import GaussianGenerator, LinearGenerator
from synface.ganmut.pairs import PairBatch
from synface.ganmut.penalties import gradient_penalty, r1_penalty
from synface.ganmut.sampling import (
    RANDOM_DIRECTIONS,
    GaussianDraws,
    LinearDraws,
    gaussian_codes,
    linear_codes,
    target_strength,
)

Terms = dict[str, Tensor]


def weighted_sum(terms: Terms, weights: Mapping[str, float]) -> Tensor:
    """Return the sum of the terms, each times its weight."""
    return torch.stack([weights[name] * term for name, term in terms.items()]).sum()


def unreal(source: Tensor, adversarial: str) -> Tensor:
    """Return how far images with the verdicts ``source`` [B, 1, h, w] are from being taken for real ones.

    "wasserstein": minus the mean verdict (Arjovsky et al., 2017), which is as large as the penalty lets it be.
    "logistic": minus the mean logarithm of the probability of being real (Goodfellow et al., 2014, non-saturating).
    """
    verdicts = source.float()
    return (-verdicts if adversarial == "wasserstein" else F.softplus(-verdicts)).mean()


def linear_discriminator_terms(
    generator: LinearGenerator,
    discriminator: LinearDiscriminator,
    images: Tensor,
    labels: Tensor,
    draws: LinearDraws,
    *,
    regularization: str | None,
    adversarial: str,
) -> Terms:
    """Return the discriminator's terms of the linear model.

    Args:
        generator: not trained here.
        discriminator: trained here.
        images: [B, 3, H, W] in [-1, 1], channels in the order blue, green, red.
        labels: int64 [B] in GANmut's class order.
        draws: the draws of this iteration.
        regularization: "gp" or "r1"; None leaves the term out.
        adversarial: "wasserstein", as published, or "logistic"; see `unreal`.
    """
    targets = labels[draws.permutation]
    strength = target_strength(draws.strength, targets)
    with torch.no_grad():
        codes = linear_codes(generator, targets, strength, draws.discriminator)
        fake = generator(images, codes)
    terms = _verdict_terms(discriminator, images, labels, fake, codes, adversarial)
    if regularization:
        terms["regularization"] = _regularization(discriminator.source, images, fake, draws.penalty, regularization)
    return terms


def linear_generator_terms(
    generator: LinearGenerator,
    discriminator: LinearDiscriminator,
    images: Tensor,
    labels: Tensor,
    draws: LinearDraws,
    *,
    cycle: str,
    adversarial: str,
) -> Terms:
    """Return the generator's terms of the linear model; arguments as in `linear_discriminator_terms`.

    ``cycle`` says with which code the face is turned back: "approximate" takes the axis of its label at the
    discriminator's confidence, drawn like any training code; "original" takes the code that the discriminator sees.
    """
    targets = labels[draws.permutation]
    strength = target_strength(draws.strength, targets)
    codes = linear_codes(generator, targets, strength, draws.generator)
    fake = generator(images, codes)
    verdict = discriminator(fake)
    logits = verdict.classes.float()
    with torch.no_grad():
        original = discriminator(images)
    if cycle == "approximate":
        confidence = original.classes.float().softmax(dim=1).amax(dim=1)
        cycle_codes = linear_codes(generator, labels, confidence, draws.cycle)
    else:
        cycle_codes = original.codes.float()
    confidence = logits.softmax(dim=1).amax(dim=1)
    emotional = (strength > 0.2).float()
    return {
        "fake": unreal(verdict.source, adversarial),
        "reconstruction": (images - generator(fake, cycle_codes)).float().abs().mean(),
        # The random directions at the start of the batch belong to no class.
        "class": F.cross_entropy(logits[RANDOM_DIRECTIONS:], targets[RANDOM_DIRECTIONS:]),
        # A batch of neutral targets alone would divide by zero; it has no strength to compare.
        "strength": (emotional * (confidence - strength).square()).sum() / emotional.sum().clamp(min=1),
        "code": F.mse_loss(verdict.codes.float(), codes),
    }


def pair_terms(generator: LinearGenerator, pairs: PairBatch) -> Terms:
    """Return how far the edits of known pairs are from the pictures after: the mean distance, in [-1, 1].

    Where an emotion changes the picture it counts up to six times as much: lids and lips are small.
    """
    codes = pairs.rho[:, None] * generator.axis_codes()[pairs.labels] + pairs.noise
    made = generator(pairs.before, codes).float()
    changed = (pairs.after - pairs.before).abs().amax(dim=1, keepdim=True).clamp(max=0.5)
    return {"pairs": ((1 + 10 * changed) * (made - pairs.after).abs()).mean()}


def gaussian_discriminator_terms(
    generator: GaussianGenerator,
    discriminator: GaussianDiscriminator,
    images: Tensor,
    labels: Tensor,
    draws: GaussianDraws,
    *,
    regularization: str | None,
    adversarial: str,
) -> Terms:
    """Return the discriminator's terms of the Gaussian model; arguments as in `linear_discriminator_terms`."""
    with torch.no_grad():
        codes = gaussian_codes(generator.means(), draws.discriminator)
        fake = generator(images, codes)
    terms = _verdict_terms(discriminator, images, labels, fake, codes, adversarial)
    if regularization:
        terms["regularization"] = _regularization(discriminator.source, images, fake, draws.penalty, regularization)
    return terms


def gaussian_generator_terms(
    generator: GaussianGenerator,
    discriminator: GaussianDiscriminator,
    images: Tensor,
    draws: GaussianDraws,
    *,
    adversarial: str,
) -> Terms:
    """Return the generator's terms of the Gaussian model; arguments as in `linear_discriminator_terms`."""
    codes = gaussian_codes(generator.means(), draws.generator)
    fake = generator(images, codes)
    verdict = discriminator(fake)
    logits = verdict.classes.float()
    with torch.no_grad():
        cycle_codes = discriminator(images).codes.float()
    said = logits.log_softmax(dim=1)
    meant = (-generator.squared_mahalanobis(codes)).log_softmax(dim=1)
    return {
        "fake": unreal(verdict.source, adversarial),
        "reconstruction": (images - generator(fake, cycle_codes)).float().abs().mean(),
        # What the discriminator says and what the code means, compared both ways.
        "class": _divergence(said, meant) + _divergence(meant, said),
        # The first seven codes are the means, one per class in order.
        "prediction": F.cross_entropy(logits[:7], torch.arange(7, device=logits.device)),
    }


def _verdict_terms(
    discriminator: LinearDiscriminator | GaussianDiscriminator,
    images: Tensor,
    labels: Tensor,
    fake: Tensor,
    codes: Tensor,
    adversarial: str,
) -> Terms:
    real_verdict, fake_verdict = discriminator(images), discriminator(fake)
    return {
        "real": unreal(real_verdict.source, adversarial),
        "fake": unreal(-fake_verdict.source, adversarial),
        "class": F.cross_entropy(real_verdict.classes.float(), labels),
        "code": F.mse_loss(fake_verdict.codes.float(), codes),
    }


def _divergence(logarithms: Tensor, target_logarithms: Tensor) -> Tensor:
    return F.kl_div(logarithms, target_logarithms, reduction="batchmean", log_target=True)


def _regularization(
    source: Callable[[Tensor], Tensor], images: Tensor, fake: Tensor, alpha: Tensor, regularization: str
) -> Tensor:
    # In float32 whatever the precision of the rest: this differentiates a gradient.
    with torch.autocast(images.device.type, enabled=False):
        if regularization == "r1":
            return r1_penalty(source, images)
        return gradient_penalty(source, alpha * images + (1 - alpha) * fake.float())
