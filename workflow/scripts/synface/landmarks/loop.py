"""The loop over epochs and batches of the landmark network, which can be stopped and gone on with after any batch."""

import logging
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from synface.core.draws import keyed_generator
from synface.landmarks.augment import Plan, plan_epoch
from synface.landmarks.data import MarkedFaces
from synface.landmarks.trainer import Trainer
from synface.training.state import Termination, load_state, remaining_steps, save_state

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_STATES = 120.0


class Loop:
    """All batches of all epochs of one training, from a saved position if there is one.

    ``identity`` names what the training is made of; a state at ``path`` under another identity is not used.
    """

    def __init__(
        self,
        trainer: Trainer,
        learned: MarkedFaces,
        held_out: MarkedFaces,
        path: Path,
        identity: str,
        termination: Termination,
    ) -> None:
        self.trainer, self.learned, self.held_out = trainer, learned, held_out
        self.path, self.identity, self.termination = path, identity, termination
        # Every batch is full: batch normalization needs more than a left-over face. The rest is spread over them.
        self.batches = max(1, len(learned) // trainer.settings["batch_size"])
        self.done = 0  # batches, over all epochs
        self.rows: list[dict[str, float]] = []
        self.sum = torch.zeros((), dtype=torch.float64, device=trainer.device)  # of the losses of the epoch's faces

    def to_the_end(self) -> list[dict[str, float]]:
        """Train from the saved position and return the history."""
        self._restore()
        order, plan = self._plan(self.done // self.batches)
        for index in self._remaining():
            epoch, batch = divmod(index, self.batches)
            if batch == 0:
                order, plan = self._plan(epoch)
            self._step(epoch, order[batch], plan)
            self.done = index + 1
            if batch == self.batches - 1:
                self._finish_epoch(epoch)
        return self.rows

    def _remaining(self) -> Iterator[int]:
        total, every = self.trainer.settings["epochs"] * self.batches, SECONDS_BETWEEN_STATES
        return remaining_steps(
            self.done, total, save=self._save, every=every, termination=self.termination, what="batches"
        )

    def _plan(self, epoch: int) -> tuple[list[np.ndarray], Plan]:
        settings, count = self.trainer.settings, len(self.learned)
        order = keyed_generator(settings["seed"], "landmark order", str(epoch)).permutation(count)
        return np.array_split(order, self.batches), plan_epoch(count, settings=settings, epoch=epoch)

    def _step(self, epoch: int, rows: np.ndarray, plan: Plan) -> None:
        self.trainer.set_epoch(epoch)
        loss = self.trainer.step(self.learned.of(rows), plan.of(torch.from_numpy(rows).to(self.trainer.device)))
        self.sum += loss.double() * len(rows)

    def _finish_epoch(self, epoch: int) -> None:
        row = {
            "epoch": epoch + 1,
            "lr": self.trainer.set_epoch(epoch),
            "train_loss": self.sum.item() / len(self.learned),
            "validation_nme": self.trainer.evaluate(self.held_out),
        }
        self.sum.zero_()
        self.rows.append(row)
        logger.info("epoch %d of %d: %s", epoch + 1, self.trainer.settings["epochs"], row)

    def _save(self) -> None:
        position = {"done": self.done, "rows": self.rows, "sum": self.sum}
        tensors = {"network": self.trainer.network.state_dict(), "optimizer": self.trainer.optimizer.state_dict()}
        save_state(self.path, self.identity, position | tensors)

    def _restore(self) -> None:
        state = load_state(self.path, self.identity)
        if state is None:
            return
        self.done, self.rows = state["done"], state["rows"]
        self.sum.copy_(state["sum"])
        self.trainer.network.load_state_dict(state["network"])
        self.trainer.optimizer.load_state_dict(state["optimizer"])
        logger.info("going on after %d batches of %d epochs", self.done, self.trainer.settings["epochs"])
