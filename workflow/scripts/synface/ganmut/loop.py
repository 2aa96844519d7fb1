"""The loop over the iterations of GANmut's training, which can be stopped and gone on with after any of them."""

import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from torch import Tensor

from synface.ganmut.data import TrainingFaces
from synface.ganmut.sampling import gaussian_draws, linear_draws, to_device
from synface.ganmut.trainer import Trainer
from synface.training.state import Termination, load_state, remaining_steps, save_state

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOSSES = 60.0
# What a crash costs at most; a state of the published size is 600 MB.
SECONDS_BETWEEN_STATES = 300.0


class Loop:
    """All iterations of one training, from a saved position if there is one.

    ``identity`` names what the training is made of; a state at ``path`` under another identity is not used.
    """

    def __init__(
        self, trainer: Trainer, faces: TrainingFaces, path: Path, identity: str, termination: Termination
    ) -> None:
        self.trainer, self.faces, self.path, self.identity = trainer, faces, path, identity
        self.termination, self.settings = termination, trainer.settings
        self.done = 0
        self.rows: list[dict[str, float]] = []
        self.sums: dict[str, Tensor] = {}  # of each term since the last row
        self.counts: dict[str, int] = defaultdict(int)

    def to_the_end(self) -> list[dict[str, float]]:
        """Train from the saved position and return the history."""
        self._restore()
        told = time.monotonic()
        with ThreadPoolExecutor(max_workers=1) as ahead:
            batch = ahead.submit(self._batch, self.done)
            for iteration in self._remaining():
                images, labels = batch.result()
                # The next batch is made while the networks work on this one.
                batch = ahead.submit(self._batch, iteration + 1)
                self._iterate(iteration, images, labels)
                self.done = iteration + 1
                if self.done % self.settings["history_every"] == 0 or self.done == self.settings["iterations"]:
                    self._add_row()
                    if time.monotonic() - told >= SECONDS_BETWEEN_LOSSES:
                        told = time.monotonic()
                        logger.info("%s", ", ".join(f"{name} {value:.4g}" for name, value in self.rows[-1].items()))
        return self.rows

    def _remaining(self) -> Iterator[int]:
        total, every = self.settings["iterations"], SECONDS_BETWEEN_STATES
        return remaining_steps(
            self.done, total, save=self._save, every=every, termination=self.termination, what="iterations"
        )

    def _batch(self, iteration: int) -> tuple[Tensor, Tensor]:
        settings = self.settings
        return self.faces.batch(
            seed=settings["seed"], iteration=iteration, size=settings["batch_size"], balanced=settings["balanced"]
        )

    def _iterate(self, iteration: int, images: Tensor, labels: Tensor) -> None:
        trainer, settings = self.trainer, self.settings
        draws_of = linear_draws if trainer.linear else gaussian_draws
        draws = to_device(draws_of(settings["seed"], iteration, settings["batch_size"]), trainer.device)
        images, labels = images.to(trainer.device), labels.to(trainer.device)
        if iteration < settings["classes_first"]:
            self._note("discriminator", trainer.class_step(images, labels))
            return
        regularize = iteration % settings["regularization_every"] == 0
        self._note("discriminator", trainer.discriminator_step(images, labels, draws, regularize=regularize))
        if (iteration + 1) % settings["critic_steps"] == 0:
            self._note("generator", trainer.generator_step(images, labels, draws))

    def _note(self, player: str, terms: Mapping[str, Tensor]) -> None:
        # Summed on the device: reading a value would make the CPU wait for the GPU.
        for name, term in terms.items():
            key = f"{player}_{name}"
            self.sums[key] = self.sums[key] + term if key in self.sums else term.clone()
            self.counts[key] += 1

    def _add_row(self) -> None:
        means = {key: (value / self.counts[key]).item() for key, value in self.sums.items()}
        self.rows.append({"iteration": self.done, **means})
        self.sums, self.counts = {}, defaultdict(int)

    def _save(self) -> None:
        position = {"done": self.done, "rows": self.rows, "sums": self.sums, "counts": dict(self.counts)}
        save_state(self.path, self.identity, {**position, "trainer": self.trainer.state()})

    def _restore(self) -> None:
        state = load_state(self.path, self.identity)
        if state is None:
            return
        self.trainer.restore(state["trainer"])
        self.done, self.rows = state["done"], state["rows"]
        self.sums = {key: value.to(self.trainer.device) for key, value in state["sums"].items()}
        self.counts = defaultdict(int, state["counts"])
        logger.info("going on after iteration %d of %d", self.done, self.settings["iterations"])
