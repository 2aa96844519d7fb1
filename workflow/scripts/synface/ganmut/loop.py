"""The iterations of GANmut's training, in the frame of `synface.training.steps`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from torch import Tensor

from synface.ganmut.data import TrainingFaces
from synface.ganmut.sampling import gaussian_draws, linear_draws, to_device
from synface.ganmut.trainer import Trainer
from synface.training.history import Row


class Iterations:
    """All iterations of one training; a row of the history is the mean of each term since the row before."""

    what = "iterations"
    name = "GANmut"

    def __init__(self, trainer: Trainer, faces: TrainingFaces) -> None:
        self.trainer, self.faces, self.settings = trainer, faces, trainer.settings
        self.steps = self.settings.iterations
        self.sums: dict[str, Tensor] = {}  # of each term since the last row
        self.counts: dict[str, int] = defaultdict(int)
        self._batches: Iterator[tuple[Tensor, Tensor]] | None = None

    def step(self, number: int) -> Row | None:
        """Update the discriminator, and every so often the generator."""
        if self._batches is None:
            self._batches = self._batches_from(number)
        images, labels = next(self._batches)
        self._iterate(number, images, labels)
        done = number + 1
        if done % self.settings.history_every and done != self.steps:
            return None
        means = {key: (value / self.counts[key]).item() for key, value in self.sums.items()}
        self.sums, self.counts = {}, defaultdict(int)
        return {"iteration": done, **means}

    def state(self) -> dict[str, Any]:
        """Return the players and the sums of the row to come."""
        return {"sums": self.sums, "counts": dict(self.counts), "trainer": self.trainer.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to what `state` returned."""
        self.trainer.restore(state["trainer"])
        self.sums = {key: value.to(self.trainer.device) for key, value in state["sums"].items()}
        self.counts = defaultdict(int, state["counts"])

    def _batches_from(self, number: int) -> Iterator[tuple[Tensor, Tensor]]:
        # The next batch is made while the networks work on this one.
        with ThreadPoolExecutor(max_workers=1) as ahead:
            batch = ahead.submit(self._batch, number)
            for following in range(number + 1, self.steps):
                ready, batch = batch.result(), ahead.submit(self._batch, following)
                yield ready
            yield batch.result()

    def _batch(self, number: int) -> tuple[Tensor, Tensor]:
        settings = self.settings
        return self.faces.batch(
            seed=settings.seed, iteration=number, size=settings.batch_size, balanced=settings.balanced
        )

    def _iterate(self, number: int, images: Tensor, labels: Tensor) -> None:
        trainer, settings = self.trainer, self.settings
        draws_of = linear_draws if trainer.linear else gaussian_draws
        draws = to_device(draws_of(settings.seed, number, settings.batch_size), trainer.device)
        images, labels = images.to(trainer.device), labels.to(trainer.device)
        if number < settings.classes_first:
            self._note("discriminator", trainer.class_step(images, labels))
            return
        regularize = number % settings.regularization_every == 0
        self._note("discriminator", trainer.discriminator_step(images, labels, draws, regularize=regularize))
        if (number + 1) % settings.critic_steps == 0:
            self._note("generator", trainer.generator_step(images, labels, draws))

    def _note(self, player: str, terms: Mapping[str, Tensor]) -> None:
        # Summed on the device: reading a value would make the CPU wait for the GPU.
        for name, term in terms.items():
            key = f"{player}_{name}"
            self.sums[key] = self.sums[key] + term if key in self.sums else term.clone()
            self.counts[key] += 1
