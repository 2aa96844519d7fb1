"""The batches of all epochs of a POSTER training, in the frame of `synface.training.steps`."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from synface.poster.augment import Plan, epoch_order, plan_epoch
from synface.poster.data import LabelledImages
from synface.poster.trainer import Trainer
from synface.training.history import Row


class Batches:
    """All batches of one training; a row of the history for every epoch.

    Attributes:
        selected_epoch: whose weights are kept, counted from 1: the last so far, or the best on ``held_out``.
    """

    what = "batches"
    name = "POSTER"

    def __init__(self, trainer: Trainer, images: LabelledImages, held_out: LabelledImages | None, seed: int) -> None:
        self.trainer, self.images, self.held_out, self.seed = trainer, images, held_out, seed
        self.batch_size = trainer.settings.batch_size
        self.per_epoch = -(-len(images) // self.batch_size)
        self.steps = trainer.settings.steps or trainer.settings.epochs * self.per_epoch
        self.labels = images.labels.cpu().numpy()
        self.sums = torch.zeros(2, dtype=torch.float64, device=trainer.device)  # loss, correct answers
        self.seen = 0  # images since the last row
        self.selected_epoch = 0
        self.best_marks = (-1.0, -1.0)  # accuracy and macro F1 on the held-out images
        self.best: dict[str, Tensor] | None = None
        self._planned: tuple[int, Tensor, Plan] | None = None  # epoch, order, augmentation

    def step(self, number: int) -> Row | None:
        """Train on one batch."""
        epoch, batch = divmod(number, self.per_epoch)
        if self._planned is None or self._planned[0] != epoch:
            self._planned = (epoch, *self._plan(epoch))
        _, order, plan = self._planned
        rate = self.trainer.set_epoch(epoch)
        rows = order[batch * self.batch_size : (batch + 1) * self.batch_size]
        loss, correct = self.trainer.step(*self.images.of(rows), plan.of(rows), seed=self.seed, item=f"{epoch}/{batch}")
        self.sums += torch.stack((loss.double(), correct.double()))
        self.seen += len(rows)
        # With steps for a length, the last epoch may be a part of one.
        return self._finish_epoch(epoch, rate) if self.steps == number + 1 or batch + 1 == self.per_epoch else None

    def select(self) -> None:
        """Leave the selected weights in the network."""
        if self.best is not None:
            self.trainer.model.load_state_dict(self.best)

    def state(self) -> dict[str, Any]:
        """Return the network, its optimizer, what is selected so far, and the sums of the row to come."""
        return {
            "sums": self.sums,
            "seen": self.seen,
            "selected_epoch": self.selected_epoch,
            "best_marks": self.best_marks,
            "best": self.best,
            "model": self.trainer.model.state_dict(),
            "optimizer": self.trainer.optimizer.state_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to what `state` returned."""
        self.sums.copy_(state["sums"])
        self.seen = state["seen"]
        self.selected_epoch, self.best_marks = state["selected_epoch"], tuple(state["best_marks"])
        self.best = state["best"]
        self.trainer.model.load_state_dict(state["model"])
        self.trainer.optimizer.load_state_dict(state["optimizer"])

    def _plan(self, epoch: int) -> tuple[Tensor, Plan]:
        settings, device = self.trainer.settings, self.trainer.device
        order = epoch_order(self.labels, sampler=settings.sampler, seed=self.seed, epoch=epoch)
        plan = plan_epoch(len(self.images), size=settings.input_size, settings=settings, seed=self.seed, epoch=epoch)
        return torch.from_numpy(order).to(device), plan.of(torch.arange(len(self.images), device=device))

    def _finish_epoch(self, epoch: int, rate: float) -> Row:
        loss, accuracy = (self.sums / self.seen).tolist()
        self.sums.zero_()
        self.seen = 0
        row = {"epoch": epoch + 1, "lr": rate, "train_loss": loss, "train_accuracy": accuracy}
        if self.held_out is not None:
            row |= self.trainer.evaluate(self.held_out)
        if self.trainer.settings.selection == "last":
            self.selected_epoch = epoch + 1
        else:
            marks = row["validation_accuracy"], row["validation_macro_f1"]
            if marks > self.best_marks:
                self.selected_epoch, self.best_marks = epoch + 1, marks
                self.best = {key: value.clone() for key, value in self.trainer.model.state_dict().items()}
        return row
