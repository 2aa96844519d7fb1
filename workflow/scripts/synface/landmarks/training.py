"""A whole training of the landmark network on one folder: read, train, write; resumed where it was stopped."""

import logging
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch

from synface.computing import computing_on
from synface.device import choose_device
from synface.draws import keyed_generator
from synface.landmarks.augment import Plan, plan_epoch
from synface.landmarks.data import MarkedFaces, hold_out, load_faces, read_listing
from synface.landmarks.measures import normalized_mean_errors
from synface.landmarks.settings import complete
from synface.landmarks.trainer import Trainer
from synface.poster.loading import save_mobilefacenet
from synface.progress import progress
from synface.tables import write_table
from synface.training_state import Termination, identify, load_state, save_state

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_STATES = 120.0


def train_landmarks(
    *,
    folder: Path | str,
    network: Path | str,
    history: Path | str,
    state: Path | str,
    settings: Mapping[str, Any],
    threads: int = 1,
    device: torch.device | str | None = None,
) -> None:
    """Train MobileFaceNet to find the 68 landmarks of the faces in ``folder``.

    The result depends on the folder and the settings; on the CPU bit for bit, interrupted or not, for one number of
    threads. SIGTERM stops after the current batch with exit status 143 and the state saved; the same call goes on from
    there.

    Args:
        folder: images and a landmarks.npz, as `draw_faces` writes them; see `data.read_listing`.
        network: output, safetensors, which POSTER takes as ``pretrained.mobilefacenet``.
        history: output, CSV with one row per epoch: epoch, lr, train_loss (wing, before each step, with augmentation)
            and validation_nme, the held-out faces' error as a fraction of the distance of the outer eye corners.
        state: where the training keeps its state; removed at the end.
        settings: see `settings.DEFAULTS`.
        threads: CPU threads.
        device: where to train; by default the GPU if there is one.

    Raises:
        InputError: settings or a folder that do not fit.
        SystemExit: stopped by SIGTERM.
    """
    settings = complete(settings)
    device = choose_device(threads) if device is None else torch.device(device)
    torch.set_num_threads(threads)
    listing = read_listing(folder)
    held = hold_out(listing.identities, fraction=settings["validation_fraction"], seed=settings["seed"])
    faces = load_faces(listing, folder=folder, size=settings["input_size"], threads=threads, device=device)
    learned, held_out = faces.of(~held), faces.of(held)
    mean = normalized_mean_errors(learned.landmarks.mean(dim=0, keepdim=True), held_out.landmarks).mean().item()
    logger.info(
        "%d faces to learn from, %d held out, where the mean face has NME %.4f", len(learned), len(held_out), mean
    )
    identity = identify({"settings": settings, "data": listing.digest(), "device": device.type})
    with computing_on(device), Termination() as termination:
        trainer = Trainer(settings, device)
        trainer.start_from(learned.landmarks)
        rows = _Run(trainer, learned, held_out, Path(state), identity, termination).to_the_end()
    facts = {
        "settings": settings,
        "trained_on": Path(folder).name,
        "training_images": len(learned),
        "validation_images": len(held_out),
        "validation_nme": rows[-1]["validation_nme"],
        "mean_face_nme": mean,
    }
    save_mobilefacenet(trainer.network, network, facts)
    write_table(pd.DataFrame(rows), history)
    Path(state).unlink(missing_ok=True)


class _Run:
    """All batches of all epochs of one training, with the position in them that is saved and restored."""

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
        total, saved = self.trainer.settings["epochs"] * self.batches, time.monotonic()
        order, plan = self._plan(self.done // self.batches)
        for index in progress(range(self.done, total), what="batches"):
            epoch, batch = divmod(index, self.batches)
            if batch == 0:
                order, plan = self._plan(epoch)
            self._step(epoch, order[batch], plan)
            self.done = index + 1
            if batch == self.batches - 1:
                self._finish_epoch(epoch)
            stopping = self.termination.requested and self.done < total
            if stopping or time.monotonic() - saved >= SECONDS_BETWEEN_STATES:
                self._save()
                saved = time.monotonic()
            if stopping:
                logger.warning("stopped by SIGTERM in epoch %d; the same command goes on from here", epoch + 1)
                raise SystemExit(128 + signal.SIGTERM)
        return self.rows

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
