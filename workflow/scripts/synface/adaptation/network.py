"""A small network that tells blended borders from untouched ones, by the quarters of the border as they are.

Two convolutions of 3 x 3, mean and maximum along the border, and one linear layer that knows how far inside or outside
it looks: 2,600 weights, learned in 100 steps. The folds are trained together, as groups of one convolution: about two
seconds of one core.
"""

import numpy as np
import torch
import torch.nn.functional as F

from synface.adaptation.seams import Folds
from synface.core.draws import keyed_generator, keyed_integer

_SEED = 7134
_STEPS, _BATCH, _LEARNING_RATE, _DECAY = 100, 32, 1e-2, 1e-2
_WIDTHS = (8, 16)


def network(seen: np.ndarray, truth: np.ndarray, folds: Folds) -> np.ndarray:
    """Score by a network, see `synface.adaptation.seams.Classifier`.

    Args:
        seen: quarters of `border_strips`, [n, 2, along, across, 3]. It is shown how colors rise from
            pixel to pixel across the border, and how strongly.
        truth: 1 where blended, [n].
        folds: see `Folds`.
    """
    rises = torch.from_numpy(np.diff(np.moveaxis(seen, 4, 2).reshape(len(seen), -1, *seen.shape[2:4]), axis=3))
    sizes_of = rises.abs().log1p()  # a rise of hair must not drown one that is hardly seen
    inputs = torch.cat([rises.sign() * sizes_of, sizes_of], dim=1)
    wanted = torch.from_numpy(np.asarray(truth, np.float32))
    many, channels = len(folds), inputs.shape[1]
    start = torch.Generator().manual_seed(keyed_integer(_SEED, "weights"))
    sizes = (
        (_WIDTHS[0], channels, 3, 3),
        (_WIDTHS[1], _WIDTHS[0], 3, 3),
        (1, 2 * _WIDTHS[1], 1, inputs.shape[3]),
    )
    weights = [_drawn((many * size[0], *size[1:]), start) for size in sizes]
    biases = [torch.zeros(many * size[0], requires_grad=True) for size in sizes]
    optimizer = torch.optim.AdamW([*weights, *biases], lr=_LEARNING_RATE, weight_decay=_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _LEARNING_RATE, total_steps=_STEPS)
    draw = keyed_generator(_SEED, "batches")
    for _ in range(_STEPS):
        chosen = np.stack([draw.choice(learn, _BATCH) for learn, _ in folds])  # [folds, batch]
        batch = inputs[chosen]
        if draw.random() < 0.5:
            batch = batch.flip(3)  # walked the other way around
        scores = _scores(batch.transpose(0, 1).flatten(1, 2), weights, biases, many)
        loss = F.binary_cross_entropy_with_logits(scores, wanted[chosen].T, reduction="sum") / _BATCH
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    found = np.empty(len(truth))
    with torch.inference_mode():
        for number, (_, ask) in enumerate(folds):
            found[ask] = _scores(inputs[ask].repeat(1, many, 1, 1), weights, biases, many)[:, number].numpy()
    return found


def _drawn(size: tuple[int, ...], start: torch.Generator) -> torch.Tensor:
    return (torch.randn(size, generator=start) * (2 / np.prod(size[1:])) ** 0.5).requires_grad_()


def _scores(batch: torch.Tensor, weights: list, biases: list, groups: int) -> torch.Tensor:
    """Return the score that each fold's network gives what stands in its channels, [B, folds]."""
    values = F.relu(F.conv2d(batch, weights[0], biases[0], stride=(2, 1), padding=1, groups=groups))
    values = F.relu(F.conv2d(values, weights[1], biases[1], stride=(2, 1), padding=1, groups=groups))
    pooled = [part.unflatten(1, (groups, -1)) for part in (values.mean(dim=2), values.amax(dim=2))]
    return F.conv2d(torch.cat(pooled, dim=2).flatten(1, 2)[:, :, None], weights[2], biases[2], groups=groups).flatten(1)
