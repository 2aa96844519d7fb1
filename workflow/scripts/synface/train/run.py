"""A whole training of POSTER on one dataset: read, train, select, write; resumed where it was stopped."""

import json
import logging
import platform
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import torch
from torch import Tensor

from synface.device import choose_device
from synface.draws import keyed_integer
from synface.files import atomic_path
from synface.poster import Poster, load_pretrained, save_poster
from synface.progress import progress
from synface.tables import write_table
from synface.train.augment import Plan, epoch_order, plan_epoch
from synface.train.data import LabelledImages, digest, hold_out, load_images, read_split
from synface.train.settings import complete
from synface.train.state import Termination, identify, load_state, save_state
from synface.train.step import Trainer

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_STATES = 120.0
PACKAGES = ("numpy", "pillow", "safetensors")


def train_poster(
    *,
    metadata: Path | str,
    folder: Path | str,
    model: Path | str,
    history: Path | str,
    provenance: Path | str,
    state: Path | str,
    settings: Mapping[str, Any],
    seed: int,
    threads: int = 1,
    device: torch.device | str | None = None,
) -> None:
    """Train POSTER on the train split of a dataset.

    The result depends on the dataset, the settings and the seed; on the CPU bit for bit, interrupted or not, for one
    number of threads. SIGTERM stops after the current batch with exit status 143 and the state saved; the same call
    goes on from there.

    Args:
        metadata: the dataset's metadata.csv.
        folder: what its file names are relative to.
        model: output, safetensors.
        history: output, CSV with one row per epoch: epoch, lr, train_loss, train_accuracy (both before each step, with
            augmentation) and, if images were held out, validation_loss, validation_accuracy, validation_macro_f1.
        provenance: output, JSON: what the model was made of.
        state: where the training keeps its state; removed at the end.
        settings: see `settings.DEFAULTS`.
        seed: of every draw.
        threads: CPU threads.
        device: where to train; by default the GPU if there is one.

    Raises:
        InputError: settings, dataset or pretrained weights that do not fit.
        SystemExit: stopped by SIGTERM.
    """
    settings = complete(settings)
    device = choose_device(threads) if device is None else torch.device(device)
    torch.set_num_threads(threads)
    frame = read_split(metadata, "train")
    held = None
    if settings["selection"] == "best-on-validation":
        held = hold_out(frame, fraction=settings["validation_fraction"], seed=seed)
    reading = {"folder": folder, "size": settings["input_size"], "threads": threads, "device": device}
    training_images = load_images(frame if held is None else frame[~held], **reading)
    held_out = None if held is None else load_images(frame[held], **reading)
    logger.info("%d training images, %d held out", len(training_images), 0 if held_out is None else len(held_out))

    with deterministic(), Termination() as termination:
        network = build_network(settings, seed)
        trainer = Trainer.build(network, settings, device)
        identity = identify({"settings": settings, "seed": seed, "data": digest(metadata), "device": device.type})
        run = _Run(trainer, training_images, held_out, seed, Path(state), identity, termination)
        rows, selected = run.to_the_end()

    facts = {
        "settings": settings,
        "seed": seed,
        "dataset": Path(folder).name,
        "metadata_sha256": digest(metadata),
        "training_images": len(training_images),
        "validation_images": 0 if held_out is None else len(held_out),
        "selected_epoch": selected,
        "parameters": sum(p.numel() for p in network.parameters()),
        "trained_parameters": sum(p.numel() for p in network.parameters() if p.requires_grad),
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "python": platform.python_version(),
        "packages": {"torch": torch.__version__} | {package: version(package) for package in PACKAGES},
    }
    save_poster(network, model, {"seed": seed, "selected_epoch": selected})
    write_table(pd.DataFrame(rows), history)
    with atomic_path(provenance) as temporary:
        temporary.write_text(json.dumps(facts, indent=2) + "\n")
    Path(state).unlink(missing_ok=True)


def build_network(settings: Mapping[str, Any], seed: int) -> Poster:
    """Build the network of complete ``settings``: initial weights by ``seed``, then the pretrained parts."""
    torch.manual_seed(keyed_integer(seed, "initial weights"))
    names = ("size", "token_mixing", "width", "depth", "input_size", "drop_path")
    switches = ("freeze_landmarks", "landmark_batch_statistics")
    network = Poster(**{name: settings[name] for name in (*names, *switches)})
    network.color_order = settings["color_order"]
    load_pretrained(network, **settings["pretrained"])
    return network


@contextmanager
def deterministic() -> Iterator[None]:
    """Ask PyTorch for algorithms that give the same bits every time, where it has them."""
    before = torch.are_deterministic_algorithms_enabled(), torch.utils.deterministic.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # would cost a pass over all memory
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0])
        torch.utils.deterministic.fill_uninitialized_memory = before[1]


class _Run:
    """The epochs of one training, with the position in them that is saved and restored."""

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
        saved = time.monotonic()
        order, plan = self._plan(self.done // self.batches)
        for index in progress(range(self.done, self.epochs * self.batches), what="batches"):
            epoch, batch = divmod(index, self.batches)
            if batch == 0:
                order, plan = self._plan(epoch)
            self._step(epoch, batch, order, plan)
            self.done = index + 1
            if self.done % self.batches == 0:
                self._finish_epoch(epoch)
            stopping = self.termination.requested and self.done < self.epochs * self.batches
            if stopping or time.monotonic() - saved >= SECONDS_BETWEEN_STATES:
                self._save()
                saved = time.monotonic()
            if stopping:
                logger.warning("stopped by SIGTERM in epoch %d; the same command goes on from here", epoch + 1)
                raise SystemExit(128 + signal.SIGTERM)
        if self.best is not None:
            self.trainer.model.load_state_dict(self.best)
        return self.rows, self.best_epoch

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
