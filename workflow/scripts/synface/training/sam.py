"""Sharpness-aware minimization (Foret et al., ICLR 2021) around any PyTorch optimizer.

One step takes two backward passes over the same batch: `SAM.ascend` after the first goes to the worst point nearby,
``w + rho * g / ||g||`` (equation 2), and `SAM.descend` after the second returns to ``w`` and steps with the gradient
found there. No value leaves the device in between.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm
from torch.optim import Optimizer


@contextmanager
def running_statistics_kept(network: nn.Module) -> Iterator[None]:
    """Within it, BatchNorm layers that train normalize by the batch and leave their running statistics as they are."""
    norms = [layer for layer in network.modules() if isinstance(layer, nn.modules.batchnorm._BatchNorm)]
    before = [norm.track_running_stats for norm in norms]
    try:
        for norm in norms:
            # In evaluation mode the running statistics are what is used.
            norm.track_running_stats = norm.track_running_stats and not norm.training
        yield
    finally:
        for norm, tracked in zip(norms, before, strict=True):
            norm.track_running_stats = tracked


class SAM:
    """Two-pass step around ``optimizer``; learning rate and optimizer state stay with ``optimizer``."""

    def __init__(self, optimizer: Optimizer, rho: float) -> None:
        """Take the radius ``rho`` of the neighborhood in the L2 norm over all parameters together."""
        if rho < 0:
            raise ValueError(f"rho must not be negative, got {rho}")
        self.optimizer = optimizer
        self.rho = rho
        self._moved: list[Tensor] = []
        self._saved: list[Tensor] = []

    @torch.no_grad()
    def ascend(self) -> Tensor:
        """Move every parameter that has a gradient uphill, clear the gradients, and return their total norm."""
        self._moved = [p for group in self.optimizer.param_groups for p in group["params"] if p.grad is not None]
        gradients = [p.grad for p in self._moved]
        norm = get_total_norm(gradients)
        # Copies, not subtraction afterwards: w + e - e need not be w in floating point.
        self._saved = [p.clone() for p in self._moved]
        torch._foreach_add_(self._moved, torch._foreach_mul(gradients, self.rho / (norm + 1e-12)))
        self.optimizer.zero_grad(set_to_none=True)
        return norm

    @torch.no_grad()
    def descend(self) -> None:
        """Return to where `ascend` started, step with the gradients found uphill, and clear them."""
        torch._foreach_copy_(self._moved, self._saved)
        self._moved, self._saved = [], []
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
