"""The loop over epochs and batches, which can be stopped and gone on with after any batch."""

import logging
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from synface.poster.augment import Plan, epoch_order, plan_epoch
from synface.poster.data import LabelledImages
from synface.poster.trainer import Trainer
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
        images: LabelledImages,
        held_out: LabelledImages | None,
        seed: int,
        path: Path,
        identity: str,
        termination: Termination,
    ) -> None:
        self.trainer, self.images, self.held_out, self.seed = trainer, images, held_out, seed
        self.path, self.identity, self.termination = path, identity, termination
        self.epochs, self.batch_size = trainer.settings["epochs"], trainer.settings["batch_size"]
        self.batches = -(-len(images) // self.batch_size)
        self.labels = images.labels.cpu().numpy()
        self.done = 0  # batches, over all epochs
        self.rows: list[dict[str, float]] = []
        self.sums = torch.zeros(2, dtype=torch.float64, device=trainer.device)  # loss, correct answers
        self.best: dict[str, Tensor] | None = None
        self.best_epoch = 0

    def to_the_end(self) -> tuple[list[dict[str, float]], int]:
        """Train from the saved position; leave the selected weights in the network; return history and their epoch."""
        self._restore()
        order, plan = self._plan(self.done // self.batches)
        for index in self._remaining():
            epoch, batch = divmod(index, self.batches)
            if batch == 0:
                order, plan = self._plan(epoch)
            self._step(epoch, batch, order, plan)
            self.done = index + 1
            if self.done % self.batches == 0:
                self._finish_epoch(epoch)
        if self.best is not None:
            self.trainer.model.load_state_dict(self.best)
        return self.rows, self.best_epoch

    def _remaining(self) -> Iterator[int]:
        total, every = self.epochs * self.batches, SECONDS_BETWEEN_STATES
        return remaining_steps(
            self.done, total, save=self._save, every=every, termination=self.termination, what="batches"
        )

    def _plan(self, epoch: int) -> tuple[Tensor, Plan]:
        settings = self.trainer.settings
        order = epoch_order(self.labels, sampler=settings["sampler"], seed=self.seed, epoch=epoch)
        plan = plan_epoch(len(self.images), size=settings["input_size"], settings=settings, seed=self.seed, epoch=epoch)
        device = self.trainer.device
        return torch.from_numpy(order).to(device), plan.of(torch.arange(len(self.images), device=device))

    def _step(self, epoch: int, batch: int, order: Tensor, plan: Plan) -> None:
        self.trainer.set_epoch(epoch)
        rows = order[batch * self.batch_size : (batch + 1) * self.batch_size]
        loss, correct = self.trainer.step(
            self.images.images[rows], self.images.labels[rows], plan.of(rows), seed=self.seed, item=f"{epoch}/{batch}"
        )
        self.sums += torch.stack((loss.double(), correct.double()))

    def _finish_epoch(self, epoch: int) -> None:
        loss, accuracy = (self.sums / len(self.images)).tolist()
        self.sums.zero_()
        row = {"epoch": epoch + 1, "lr": self.trainer.set_epoch(epoch), "train_loss": loss, "train_accuracy": accuracy}
        if self.held_out is None:
            self.best_epoch = epoch + 1
        else:
            row |= self.trainer.evaluate(self.held_out)
            marks = [(r["validation_accuracy"], r["validation_macro_f1"]) for r in (*self.rows, row)]
            if marks[-1] > max(marks[:-1], default=(-1.0, -1.0)):
                self.best_epoch = epoch + 1
                self.best = {key: value.clone() for key, value in self.trainer.model.state_dict().items()}
        self.rows.append(row)
        logger.info("epoch %d of %d: %s", epoch + 1, self.epochs, {k: round(v, 7) for k, v in row.items()})

    def _save(self) -> None:
        position = {"done": self.done, "rows": self.rows, "sums": self.sums, "best_epoch": self.best_epoch}
        tensors = {
            "model": self.trainer.model.state_dict(),
            "optimizer": self.trainer.optimizer.state_dict(),
            "best": self.best,
        }
        save_state(self.path, self.identity, position | tensors)

    def _restore(self) -> None:
        state = load_state(self.path, self.identity)
        if state is None:
            return
        self.done, self.rows, self.best_epoch = state["done"], state["rows"], state["best_epoch"]
        self.sums.copy_(state["sums"])
        self.trainer.model.load_state_dict(state["model"])
        self.trainer.optimizer.load_state_dict(state["optimizer"])
        self.best = state["best"]
        logger.info("going on after %d of %d batches", self.done, self.epochs * self.batches)
