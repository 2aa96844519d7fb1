"""A whole training of POSTER on one dataset: read, train, select, write; resumed where it was stopped."""

import json
import logging
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from synface.compute.device import choose_device
from synface.compute.precision import computing_on
from synface.core.draws import keyed_integer
from synface.core.files import atomic_path, digest
from synface.core.tables import write_table
from synface.dataset.split import read_split
from synface.poster.data import hold_out, load_images
from synface.poster.loading import load_pretrained, save_poster
from synface.poster.loop import Loop
from synface.poster.model import Poster
from synface.poster.settings import complete
from synface.poster.trainer import Trainer
from synface.training.state import Termination, identify

logger = logging.getLogger(__name__)

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
    frame = read_split(metadata, "train", columns=("source", "source_id"))
    held = None
    if settings["selection"] == "best-on-validation":
        held = hold_out(frame, fraction=settings["validation_fraction"], seed=seed)
    reading = {"folder": folder, "size": settings["input_size"], "threads": threads, "device": device}
    training_images = load_images(frame if held is None else frame[~held], **reading)
    held_out = None if held is None else load_images(frame[held], **reading)
    logger.info("%d training images, %d held out", len(training_images), 0 if held_out is None else len(held_out))

    contents = {
        "metadata_sha256": digest(metadata),
        "pretrained_sha256": {part: path and digest(path) for part, path in settings["pretrained"].items()},
    }
    identity = identify({"settings": settings, "seed": seed, "device": device.type} | contents)
    with computing_on(device), Termination() as termination:
        network = build_network(settings, seed)
        trainer = Trainer.build(network, settings, device)
        loop = Loop(trainer, training_images, held_out, seed, Path(state), identity, termination)
        rows, selected = loop.to_the_end()
    if device.type == "cuda":
        logger.info("peak GPU memory %.1f GB", torch.cuda.max_memory_allocated(device) / 1e9)

    facts = {
        "settings": settings,
        "seed": seed,
        "dataset": Path(folder).name,
        **contents,
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
    if settings["freeze_landmarks"] and settings["pretrained"]["mobilefacenet"] is None:
        logger.warning("the landmark network is frozen at random weights: give pretrained.mobilefacenet or unfreeze it")
    return network
