"""How far landmarks are from the truth: the loss that is trained, and the error that is reported."""

import math

import torch
from torch import Tensor

from synface.faces.points import OUTER_EYE_CORNERS


def wing_loss(found: Tensor, truth: Tensor, *, width: float = 10.0, curvature: float = 2.0) -> Tensor:
    """Return the mean wing loss (Feng et al., CVPR 2018, equation 5) of coordinates in any equal shape.

    ``width * log(1 + |d| / curvature)`` for errors |d| below ``width``, beyond it |d| minus the constant that joins
    the two; both in the unit of the coordinates. Small errors pull harder than under L1 or L2.
    """
    distance = (found - truth).abs()
    constant = width - width * math.log(1 + width / curvature)
    return torch.where(distance < width, width * torch.log1p(distance / curvature), distance - constant).mean()


def normalized_mean_errors(found: Tensor, truth: Tensor) -> Tensor:
    """Return the error of every face, float [N], for landmarks [N, 68, 2] in any one unit.

    Mean distance of the 68 points over the distance of the true outer eye corners: the inter-ocular normalization of
    the 300-W challenge.
    """
    left, right = (truth[:, corner] for corner in OUTER_EYE_CORNERS)
    return (found - truth).norm(dim=2).mean(dim=1) / (right - left).norm(dim=1)
