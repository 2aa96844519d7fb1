"""The iterations of GANmut's training, in the frame of `synface.training.steps`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from torch import Tensor

from synface.ganmut.data import TrainingFaces
from synface.ganmut.pairs import PairBatch, Pairs
from synface.ganmut.sampling import gaussian_draws, linear_draws, to_device
from synface.ganmut.trainer import Trainer
from synface.training.history import Row

# Faces, their labels and, where there are some, pairs; while pairs are all that is learned from, they alone.
Batch = tuple[Tensor | None, Tensor | None, PairBatch | None]


class Iterations:
    """All iterations of one training; a row of the history is the mean of each term since the row before."""

    what = "iterations"
    name = "GANmut"

    def __init__(self, trainer: Trainer, faces: TrainingFaces, pairs: Pairs | None = None) -> None:
        self.trainer, self.faces, self.pairs, self.settings = trainer, faces, pairs, trainer.settings
        self.steps = self.settings.iterations
        self.sums: dict[str, Tensor] = {}  # of each term since the last row
        self.counts: dict[str, int] = defaultdict(int)
        self._batches: Iterator[Batch] | None = None

    def step(self, number: int) -> Row | None:
        """Update the discriminator, and every so often the generator."""
        if self._batches is None:
            self._batches = self._batches_from(number)
        self._iterate(number, *next(self._batches))
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

    def _batches_from(self, number: int) -> Iterator[Batch]:
        # The next batch is made while the networks work on this one.
        with ThreadPoolExecutor(max_workers=1) as ahead:
            batch = ahead.submit(self._batch, number)
            for following in range(number + 1, self.steps):
                ready, batch = batch.result(), ahead.submit(self._batch, following)
                yield ready
            yield batch.result()

    def _batch(self, number: int) -> Batch:
        settings = self.settings
        drawn = {"seed": settings.seed, "iteration": number, "size": settings.batch_size}
        pairs = self.pairs.batch(**drawn) if self.pairs else None
        if number < settings.pairs_first:
            return None, None, pairs
        return *self.faces.batch(**drawn, balanced=settings.balanced), pairs

    def _iterate(self, number: int, images: Tensor | None, labels: Tensor | None, pairs: PairBatch | None) -> None:
        trainer, settings = self.trainer, self.settings
        if pairs is not None:
            pairs = pairs.to(trainer.device)
        if number < settings.pairs_first:
            self._note("generator", trainer.pair_step(pairs))
            return
        draws_of = linear_draws if trainer.linear else gaussian_draws
        draws = to_device(draws_of(settings.seed, number, settings.batch_size), trainer.device)
        images, labels = images.to(trainer.device), labels.to(trainer.device)
        if number < settings.pairs_first + settings.classes_first:
            self._note("discriminator", trainer.class_step(images, labels))
            return
        regularize = number % settings.regularization_every == 0
        self._note("discriminator", trainer.discriminator_step(images, labels, draws, regularize=regularize))
        if (number + 1) % settings.critic_steps == 0:
            self._note("generator", trainer.generator_step(images, labels, draws, pairs))

    def _note(self, player: str, terms: Mapping[str, Tensor]) -> None:
        # Summed on the device: reading a value would make the CPU wait for the GPU.
        for name, term in terms.items():
            key = f"{player}_{name}"
            self.sums[key] = self.sums[key] + term if key in self.sums else term.clone()
            self.counts[key] += 1
