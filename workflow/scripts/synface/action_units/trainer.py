"""One training step of IR50 on action units, and its error on held-out faces."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import mse_loss

from synface.action_units.data import CodedFaces
from synface.core.draws import keyed_integer
from synface.landmarks.augment import Plan, move_images, move_landmarks
from synface.landmarks.measures import wing_loss
from synface.landmarks.trainer import PER_SIDE
from synface.poster.ir50 import IR50
from synface.poster.model import halve
from synface.poster.preprocessing import normalize
from synface.settings.action_units import ActionUnitTraining

FIRST_SPREAD = 0.3  # of the answered strengths, whose own is 1
LANDMARKS_WEIGH = 0.1  # of the wing loss, which begins near 10; the strengths' begins at 1


class Trainer:
    """IR50 with a head for the units, and its optimizer, fed exactly as POSTER feeds its image branch."""

    name, measure = "the image network", "validation_error"

    def __init__(self, settings: ActionUnitTraining, faces: CodedFaces, device: torch.device) -> None:
        """Build the networks of ``settings``, with initial weights by its seed, on ``device``.

        The head is for what is known of ``faces``, and begins at its mean.
        """
        torch.manual_seed(keyed_integer(settings.seed, "initial weights of action units"))
        self.settings, self.device = settings, device
        self.units, self.marks = faces.strengths.shape[1], faces.landmarks.shape[1]
        landmarks = faces.landmarks.flatten(1)
        body = IR50(settings.width)
        body.output_layer = nn.Identity()  # ArcFace's embedding, which POSTER never calls
        side = -(-settings.input_size // 16)  # it sees half the pixels and ends at an eighth of them
        # As ArcFace's head: it reads the feature map place by place, and ends in a normalization, without which the
        # many features make the first steps too large.
        head = nn.Sequential(
            nn.BatchNorm2d(body.channels),
            nn.Flatten(),
            nn.Linear(body.channels * side**2, self.units + 2 * self.marks),
            nn.BatchNorm1d(self.units + 2 * self.marks),
        )
        with torch.no_grad():
            head[-1].weight[: self.units] = FIRST_SPREAD
            if self.marks:
                head[-1].weight[self.units :] = landmarks.std(dim=0)
                head[-1].bias[self.units :] = landmarks.mean(dim=0)
        self.network = nn.ModuleDict({"body": body, "head": head}).to(device, memory_format=torch.channels_last).train()
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=settings.lr, fused=True)

    def set_epoch(self, epoch: int) -> float:
        """Set the learning rate of epoch ``epoch``, counted from 0: half a cosine down to 0; return it."""
        rate = self.settings.lr * 0.5 * (1 + math.cos(math.pi * epoch / self.settings.epochs))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        return rate

    def tell(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return standardized strengths [B, U] and landmarks [B, 68, 2] for RGB images [B, 3, S, S] in 0..255."""
        inputs = halve(normalize(images, self.settings.color_order)).contiguous(memory_format=torch.channels_last)
        answers = self.network["head"](self.network["body"](inputs))
        return answers[:, : self.units], answers[:, self.units :].unflatten(1, (self.marks, 2))

    def step(self, faces: CodedFaces, plan: Plan) -> Tensor:
        """Train on one batch under its augmentation; return its loss before the step, a detached scalar."""
        strengths, landmarks = self.tell(move_images(faces.images, plan))
        loss = mse_loss(strengths, faces.strengths)
        if self.marks:
            truth = move_landmarks(faces.landmarks, plan)
            loss = loss + LANDMARKS_WEIGH * wing_loss(PER_SIDE * landmarks, PER_SIDE * truth)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    @torch.no_grad()
    def evaluate(self, faces: CodedFaces, batch_size: int = 64) -> float:
        """Return the mean squared error of the standardized strengths of ``faces``, without augmentation.

        Knowing nothing gives 1, the variance.
        """
        self.network.eval()
        parts = [self.tell(faces.images[at : at + batch_size])[0] for at in range(0, len(faces), batch_size)]
        self.network.train()
        return mse_loss(torch.cat(parts), faces.strengths).item()
