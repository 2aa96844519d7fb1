"""The batches of all epochs of a training on known faces, in the frame of `synface.training.steps`."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from synface.core.draws import keyed_generator
from synface.landmarks.augment import Plan, plan_epoch
from synface.settings.pretraining import Pretraining
from synface.training.history import Row


class Faces(Protocol):
    """Images with what is known of them, landmarks or action units."""

    def __len__(self) -> int:
        """Return how many there are."""

    def of(self, rows: np.ndarray) -> "Faces":
        """Return the faces in ``rows``: a mask or numbers."""


class Trainer(Protocol):
    """A network with all that one optimizer step needs.

    Attributes:
        name: of the network, for messages.
        measure: what `evaluate` returns, the name of its column in the history.
    """

    name: str
    measure: str
    settings: Pretraining
    device: torch.device
    network: nn.Module
    optimizer: torch.optim.Optimizer

    def set_epoch(self, epoch: int) -> float:
        """Set the learning rate of epoch ``epoch``, counted from 0; return it."""

    def step(self, faces: Any, plan: Plan) -> Tensor:
        """Train on one batch under its augmentation; return its loss before the step, a detached scalar."""

    def evaluate(self, faces: Any) -> float:
        """Return the error on held-out faces."""


class Batches:
    """All batches of one training; a row of the history for every epoch."""

    what = "batches"

    def __init__(self, trainer: Trainer, learned: Faces, held_out: Faces) -> None:
        self.trainer, self.learned, self.held_out = trainer, learned, held_out
        self.name = trainer.name
        # Every batch is full: batch normalization needs more than a left-over face. The rest is spread over them.
        self.per_epoch = max(1, len(learned) // trainer.settings.batch_size)
        self.steps = trainer.settings.epochs * self.per_epoch
        self.sum = torch.zeros((), dtype=torch.float64, device=trainer.device)  # of the losses of the epoch's faces
        self._planned: tuple[int, list[np.ndarray], Plan] | None = None  # epoch, rows of each batch, augmentation

    def step(self, number: int) -> Row | None:
        """Train on one batch."""
        epoch, batch = divmod(number, self.per_epoch)
        if self._planned is None or self._planned[0] != epoch:
            self._planned = (epoch, *self._plan(epoch))
        _, order, plan = self._planned
        rate, rows = self.trainer.set_epoch(epoch), order[batch]
        loss = self.trainer.step(self.learned.of(rows), plan.of(torch.from_numpy(rows).to(self.trainer.device)))
        self.sum += loss.double() * len(rows)
        return self._finish_epoch(epoch, rate) if batch + 1 == self.per_epoch else None

    def state(self) -> dict[str, Any]:
        """Return the network, its optimizer, and the sum of the row to come."""
        network, optimizer = self.trainer.network.state_dict(), self.trainer.optimizer.state_dict()
        return {"sum": self.sum, "network": network, "optimizer": optimizer}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to what `state` returned."""
        self.sum.copy_(state["sum"])
        self.trainer.network.load_state_dict(state["network"])
        self.trainer.optimizer.load_state_dict(state["optimizer"])

    def _plan(self, epoch: int) -> tuple[list[np.ndarray], Plan]:
        settings, count = self.trainer.settings, len(self.learned)
        order = keyed_generator(settings.seed, "landmark order", str(epoch)).permutation(count)
        return np.array_split(order, self.per_epoch), plan_epoch(count, settings=settings, epoch=epoch)

    def _finish_epoch(self, epoch: int, rate: float) -> Row:
        loss = self.sum.item() / len(self.learned)
        self.sum.zero_()
        error = self.trainer.evaluate(self.held_out)
        return {"epoch": epoch + 1, "lr": rate, "train_loss": loss, self.trainer.measure: error}
