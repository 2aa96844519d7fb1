"""A whole training of GANmut on one dataset: read, train, write; resumed where it was stopped."""

import hashlib
import logging
import signal
import time
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from synface.device import choose_device
from synface.ganmut.checkpoint import save_generator
from synface.ganmut.code_space import write_gamut
from synface.ganmut.data import TrainingFaces
from synface.ganmut.sampling import gaussian_draws, linear_draws, to_device
from synface.ganmut.settings import complete
from synface.ganmut.trainer import Trainer
from synface.progress import progress
from synface.tables import write_table
from synface.training_state import Termination, identify, load_state, save_state

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOSSES = 60.0
# What a crash costs at most; a state of the published size is 600 MB.
SECONDS_BETWEEN_STATES = 300.0


def train_ganmut(
    *,
    metadata: Path | str,
    folder: Path | str,
    generator: Path | str,
    gamut: Path | str,
    history: Path | str,
    state: Path | str,
    settings: Mapping[str, Any],
    threads: int = 1,
    device: torch.device | None = None,
) -> None:
    """Train GANmut on the training split of a dataset.

    The result depends on the dataset and the settings; on the CPU bit for bit, interrupted or not, for one number of
    threads. SIGTERM stops after the current iteration with exit status 143 and the state saved; the same call goes on
    from there.

    Args:
        metadata: the dataset's metadata.csv.
        folder: what its file names are relative to.
        generator: output, safetensors.
        gamut: output, JSON: where each emotion lies in the code space.
        history: output, CSV: iteration and every unweighted term of both losses, averaged since the row before.
        state: where the training keeps its state; removed at the end.
        settings: see `settings.DEFAULTS`.
        threads: CPU threads.
        device: where to train; chosen when not given.

    Raises:
        InputError: settings or a dataset that do not fit.
        SystemExit: stopped by SIGTERM.
    """
    settings = complete(settings)
    device = device or choose_device(threads)
    torch.set_num_threads(threads)
    trainer = Trainer(settings, device)
    faces = TrainingFaces(metadata, folder, settings["image_size"], settings["augmentation"])
    logger.info("%d faces to train on", len(faces.labels))
    data = hashlib.sha256(Path(metadata).read_bytes()).hexdigest()
    identity = identify({"settings": settings, "data": data, "device": device.type})
    with Termination() as termination:
        rows = _Run(trainer, faces, Path(state), identity, termination).to_the_end()
    save_generator(trainer.result(), generator, {"settings": settings, "dataset": Path(folder).name})
    write_gamut(trainer.result(), gamut)
    write_table(pd.DataFrame(rows), history)
    Path(state).unlink(missing_ok=True)


class _Run:
    """The iterations of one training, with the position in them that is saved and restored."""

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
        total, told, saved = self.settings["iterations"], time.monotonic(), time.monotonic()
        with ThreadPoolExecutor(max_workers=1) as ahead:
            batch = ahead.submit(self._batch, self.done)
            for iteration in progress(range(self.done, total), what="iterations"):
                images, labels = batch.result()
                # The next batch is made while the networks work on this one.
                batch = ahead.submit(self._batch, iteration + 1)
                self._iterate(iteration, images, labels)
                self.done = iteration + 1
                if self.done % self.settings["history_every"] == 0 or self.done == total:
                    self._add_row()
                    if time.monotonic() - told >= SECONDS_BETWEEN_LOSSES:
                        told = time.monotonic()
                        logger.info("%s", ", ".join(f"{name} {value:.4g}" for name, value in self.rows[-1].items()))
                stopping = self.termination.requested and self.done < total
                if stopping or time.monotonic() - saved >= SECONDS_BETWEEN_STATES:
                    saved = time.monotonic()
                    self._save()
                if stopping:
                    logger.warning("stopped by SIGTERM after %d iterations; the same call goes on from here", self.done)
                    raise SystemExit(128 + signal.SIGTERM)
        return self.rows

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
