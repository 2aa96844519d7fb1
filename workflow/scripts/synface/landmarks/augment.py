"""Augmentation that moves landmarks exactly as it moves the image: one affine map per face, and its brightness.

Positions are fractions of the picture's sides; the map acts about the picture's center.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from synface.core.draws import keyed_generator
from synface.faces.points import MIRROR
from synface.settings.pretraining import Pretraining


@dataclass(frozen=True)
class Plan:
    """What happens to each of N faces in one epoch.

    Attributes:
        matrix: float32 [N, 2, 2], where a position relative to the center goes; includes the mirroring.
        shift: float32 [N, 2], added afterwards, as fractions of the sides.
        mirrored: bool [N].
        gain: float32 [N], factor on the brightness.
    """

    matrix: Tensor
    shift: Tensor
    mirrored: Tensor
    gain: Tensor

    def of(self, rows: Tensor) -> "Plan":
        """Return the plan of the faces in ``rows``, on their device."""
        parts = (self.matrix, self.shift, self.mirrored, self.gain)
        return Plan(*(part.to(rows.device)[rows] for part in parts))


def plan_epoch(count: int, *, settings: Pretraining, epoch: int) -> Plan:
    """Draw the augmentation of ``count`` faces for one epoch, each amount uniformly up to its setting."""
    generator = keyed_generator(settings.seed, "landmark augmentation", str(epoch))
    angle = np.radians(generator.uniform(-1, 1, count) * settings.rotation)
    zoom = 1 + generator.uniform(-1, 1, count) * settings.zoom
    shift = generator.uniform(-1, 1, (count, 2)) * settings.shift
    mirrored = generator.random(count) < settings.horizontal_flip
    gain = 1 + generator.uniform(-1, 1, count) * settings.brightness
    cosine, sine = zoom * np.cos(angle), zoom * np.sin(angle)
    side = np.where(mirrored, -1.0, 1.0)
    matrix = np.stack([np.stack([side * cosine, -sine], -1), np.stack([side * sine, cosine], -1)], 1)
    numbers = (torch.from_numpy(part.astype(np.float32)) for part in (matrix, shift, gain))
    matrix_part, shift_part, gain_part = numbers
    return Plan(matrix_part, shift_part, torch.from_numpy(mirrored), gain_part)


def move_landmarks(landmarks: Tensor, plan: Plan) -> Tensor:
    """Move landmarks [B, 68, 2]; of a mirrored face the left ones become the right ones."""
    moved = (landmarks - 0.5) @ plan.matrix.transpose(1, 2) + 0.5 + plan.shift.unsqueeze(1)
    exchanged = moved[:, torch.from_numpy(MIRROR).to(moved.device)]
    return torch.where(plan.mirrored.view(-1, 1, 1), exchanged, moved)


def move_images(images: Tensor, plan: Plan) -> Tensor:
    """Move images [B, 3, S, S] in 0..255 and change their brightness; return float32 in 0..255.

    Bilinear; what comes in from outside repeats the edge.
    """
    back = torch.linalg.inv(plan.matrix)
    # affine_grid reaches from -1 to 1 over the picture and asks where each new pixel comes from.
    origin = -(back @ (2 * plan.shift).unsqueeze(2))
    grid = F.affine_grid(torch.cat([back, origin], dim=2), list(images.shape), align_corners=False)
    images = F.grid_sample(images.float(), grid, mode="bilinear", padding_mode="border", align_corners=False)
    return (images * plan.gain.view(-1, 1, 1, 1)).clamp(0, 255)
