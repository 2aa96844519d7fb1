"""One training step of MobileFaceNet on landmarks, and its error on held-out faces."""

import math

import torch
from torch import Tensor

from synface.core.draws import keyed_integer
from synface.landmarks.augment import Plan, move_images, move_landmarks
from synface.landmarks.data import MarkedFaces
from synface.landmarks.measures import normalized_mean_errors, wing_loss
from synface.poster.mobilefacenet import MobileFaceNet
from synface.poster.preprocessing import halve, normalize
from synface.settings.landmarks import LandmarkTraining

# The unit of the loss: with hundredths of the side the wing's published bend lies where errors are.
PER_SIDE = 100.0


class Trainer:
    """MobileFaceNet and its optimizer, fed exactly as POSTER feeds its landmark branch."""

    name, measure = "the landmark network", "validation_nme"

    def __init__(self, settings: LandmarkTraining, device: torch.device) -> None:
        """Build the network of ``settings``, with initial weights by its seed, on ``device``."""
        torch.manual_seed(keyed_integer(settings.seed, "initial weights of landmarks"))
        self.settings, self.device = settings, device
        self.network = MobileFaceNet(settings.width).to(device).train()
        self.optimizer = torch.optim.Adam(self.network.parameters(), lr=settings.lr, fused=True)

    @torch.no_grad()
    def start_from(self, landmarks: Tensor) -> None:
        """Let the last layer begin at mean and spread of ``landmarks`` [N, 68, 2], which it would learn first."""
        last = self.network.output_layer.bn
        last.bias.copy_(landmarks.flatten(1).mean(dim=0))
        last.weight.copy_(landmarks.flatten(1).std(dim=0))

    def set_epoch(self, epoch: int) -> float:
        """Set the learning rate of epoch ``epoch``, counted from 0: half a cosine down to 0; return it."""
        rate = self.settings.lr * 0.5 * (1 + math.cos(math.pi * epoch / self.settings.epochs))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        return rate

    def find(self, images: Tensor) -> Tensor:
        """Return landmarks [B, 68, 2], as fractions of the sides, in RGB images [B, 3, S, S] in 0..255."""
        inputs = normalize(halve(images), self.settings.color_order)
        return self.network.landmarks(inputs).view(-1, 68, 2)

    def step(self, faces: MarkedFaces, plan: Plan) -> Tensor:
        """Train on one batch under its augmentation; return its loss before the step, a detached scalar."""
        truth = move_landmarks(faces.landmarks, plan)
        loss = wing_loss(PER_SIDE * self.find(move_images(faces.images, plan)), PER_SIDE * truth)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    @torch.no_grad()
    def evaluate(self, faces: MarkedFaces, batch_size: int = 64) -> float:
        """Return the mean over ``faces`` of the normalized mean error, without augmentation."""
        self.network.eval()
        parts = [self.find(faces.images[at : at + batch_size]) for at in range(0, len(faces), batch_size)]
        self.network.train()
        # The sides of a picture may differ, but the network sees it square; errors are measured there.
        return normalized_mean_errors(torch.cat(parts), faces.landmarks).mean().item()
