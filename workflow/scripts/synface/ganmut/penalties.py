"""Penalties on the discriminator's gradient, which keep the critic smooth."""

from collections.abc import Callable

import torch
from torch import Tensor


def gradient_penalty(source: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """Return the mean of (norm of the gradient - 1) squared over ``images`` (Gulrajani et al., 2017).

    ``source`` maps images [B, 3, H, W] to patch values; the gradient is that of their sum. WGAN-GP evaluates it between
    real and generated images: ``alpha * real + (1 - alpha) * fake``.
    """
    norms = _gradients(source, images).flatten(1).norm(dim=1)
    return (norms - 1).square().mean()


def r1_penalty(source: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    """Return half the mean squared norm of the gradient at the real ``images`` (Mescheder et al., 2018, R1)."""
    return 0.5 * _gradients(source, images).flatten(1).square().sum(dim=1).mean()


def _gradients(source: Callable[[Tensor], Tensor], images: Tensor) -> Tensor:
    images = images.detach().requires_grad_(True)
    (gradients,) = torch.autograd.grad(source(images).sum(), images, create_graph=True)
    return gradients
