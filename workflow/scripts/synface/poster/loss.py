"""The training losses of POSTER."""

from collections.abc import Callable
from functools import partial

import torch.nn.functional as F
from torch import Tensor

Loss = Callable[[Tensor, Tensor], Tensor]


def published_loss(logits: Tensor, labels: Tensor, smoothing: float) -> Tensor:
    """Return twice the label-smoothed cross-entropy plus the plain one, as the published code trains POSTER.

    Mean over the batch; logits [B, C], labels [B] int64. Smoothed: ``(1 - smoothing) * nll + smoothing * mean over
    classes of -log p`` (Szegedy et al., CVPR 2016). Its minimum is above zero.
    """
    smoothed = F.cross_entropy(logits, labels, label_smoothing=smoothing)
    return 2 * smoothed + F.cross_entropy(logits, labels)


def choose_loss(name: str, smoothing: float) -> Loss:
    """Return the loss called ``name``: ``"published"`` or plain ``"cross-entropy"``."""
    losses: dict[str, Loss] = {
        "published": partial(published_loss, smoothing=smoothing),
        "cross-entropy": F.cross_entropy,
    }
    if name not in losses:
        raise ValueError(f"loss {name!r} is unknown; expected one of {', '.join(losses)}")
    return losses[name]
