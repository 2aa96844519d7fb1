"""One training step of POSTER, and its evaluation on held-out images."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from synface.core.draws import keyed_integer
from synface.poster.augment import Plan, erase, flip_and_add_noise
from synface.poster.data import LabelledImages
from synface.poster.loss import Loss, choose_loss
from synface.poster.model import Poster
from synface.poster.preprocessing import STEP, normalize
from synface.settings.model import PosterTraining
from synface.training.sam import SAM, running_statistics_kept


@dataclass
class Trainer:
    """A network with all that one optimizer step needs.

    ``run`` is ``model.classify``, compiled or not.
    """

    model: Poster
    run: Callable[..., tuple[Tensor, Tensor]]
    optimizer: torch.optim.Optimizer
    sam: SAM | None
    loss: Loss
    settings: PosterTraining
    device: torch.device

    @classmethod
    def build(cls, model: Poster, settings: PosterTraining, device: torch.device) -> "Trainer":
        """Place ``model`` on ``device`` and make its optimizer after ``settings``."""
        layout = torch.channels_last if settings.channels_last else torch.contiguous_format
        model.to(device=device, memory_format=layout)
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        optimizer = torch.optim.Adam(parameters, lr=settings.lr, betas=settings.betas, fused=True)
        return cls(
            model=model,
            run=torch.compile(model.classify) if settings.compile else model.classify,
            optimizer=optimizer,
            sam=SAM(optimizer, settings.sam_rho) if settings.optimizer == "sam" else None,
            loss=choose_loss(settings.loss, settings.label_smoothing),
            settings=settings,
            device=device,
        )

    def set_epoch(self, epoch: int) -> float:
        """Set the learning rate of epoch ``epoch``, counted from 0: exponential decay; return it."""
        rate = self.settings.lr * self.settings.lr_gamma**epoch
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        return rate

    def autocast(self) -> AbstractContextManager:
        """Return the context in which the network runs: bfloat16 where it is safe, if the settings say so."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.settings.precision == "bfloat16")

    def inputs(self, images: Tensor) -> Tensor:
        """Normalize RGB pixels in 0..255 and lay them out in memory as the settings say."""
        images = normalize(images, self.settings.color_order)
        return images.contiguous(memory_format=torch.channels_last) if self.settings.channels_last else images

    def step(self, images: Tensor, labels: Tensor, plan: Plan, *, seed: int, item: str) -> tuple[Tensor, Tensor]:
        """Train on one batch, as `LabelledImages` has it; return its loss and correct answers, summed, before the step.

        Every draw is keyed by ``seed`` and ``item``, so a training that goes on after an interruption draws the same.
        """
        noise = self.settings.additive_noise
        generator = torch.Generator(self.device).manual_seed(keyed_integer(seed, "noise", item))
        depth_seed = keyed_integer(seed, "drop path", item)
        torch.manual_seed(depth_seed)
        variance = noise.variance if noise.probability > 0 else 0.0
        images = flip_and_add_noise(images, plan, variance=variance, generator=generator)
        images = erase(self.inputs(images), plan.box)
        landmarks = None
        if self.model.landmarks_fixed:
            # Both passes of SAM see the same images, so the frozen network runs once.
            with torch.no_grad(), self.autocast():
                landmarks = self.model.landmark_tokens(images)

        loss, logits = self._backward(images, labels, landmarks)
        if self.sam is None:
            self.optimizer.step()
            self.optimizer.zero_grad(set_to_none=True)
        else:
            self.sam.ascend()
            if self.settings.sam_second_pass == "foret":
                torch.manual_seed(depth_seed)
                with running_statistics_kept(self.model):
                    self._backward(images, labels, landmarks)
            else:
                self._backward(images, labels, landmarks)
            self.sam.descend()
        return loss * len(labels), (logits.argmax(dim=1) == labels).sum()

    def _backward(self, images: Tensor, labels: Tensor, landmarks: Tensor | None) -> tuple[Tensor, Tensor]:
        with self.autocast():
            logits, _ = self.run(images, landmarks)
        loss = self.loss(logits.float(), labels)
        loss.backward()
        return loss.detach(), logits.detach()

    @torch.no_grad()
    def evaluate(self, held_out: LabelledImages, batch_size: int = 32) -> dict[str, float]:
        """Return cross-entropy, accuracy and macro F1 on held-out images, without augmentation."""
        self.model.eval()
        logits = []
        for rows in torch.arange(len(held_out)).split(batch_size):
            images, _ = held_out.of(rows)
            with self.autocast():
                logits.append(self.model.classify(self.inputs(images[..., ::STEP]))[0].float())
        self.model.train()
        joined = torch.cat(logits)
        answers = joined.argmax(dim=1)
        return {
            "validation_loss": F.cross_entropy(joined, held_out.labels).item(),
            "validation_accuracy": (answers == held_out.labels).double().mean().item(),
            "validation_macro_f1": macro_f1(held_out.labels, answers, joined.shape[1]),
        }


def macro_f1(truth: Tensor, answers: Tensor, classes: int) -> float:
    """Return the mean F1 of the classes that occur in ``truth`` or ``answers``, both int64 [N]."""
    hits, asked, given = (
        torch.bincount(part, minlength=classes).double() for part in (truth[truth == answers], truth, answers)
    )
    occurs = asked + given > 0
    return (2 * hits[occurs] / (asked + given)[occurs]).mean().item()
