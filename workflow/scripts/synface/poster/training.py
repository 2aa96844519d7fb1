"""A whole training of POSTER on one dataset: read, train, select, write; resumed where it was stopped."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from synface.compute.machine import decisive, machine_facts
from synface.compute.precision import choose_precision, computing_on
from synface.core.draws import keyed_integer
from synface.core.files import atomic_path, digest
from synface.dataset.audit import dropped_by
from synface.dataset.split import read_split
from synface.poster.data import hold_out, load_images
from synface.poster.loading import load_pretrained, save_poster
from synface.poster.loop import Batches
from synface.poster.model import Poster
from synface.poster.trainer import Trainer
from synface.settings.keys import plain
from synface.settings.model import PosterTraining
from synface.settings.reading import complete
from synface.training.history import conclude
from synface.training.state import content_of
from synface.training.steps import train_to_the_end

logger = logging.getLogger(__name__)

PARTS = ("ir50", "mobilefacenet")


def train_poster(
    *,
    metadata: Path | str,
    folder: Path | str,
    model: Path | str,
    history: Path | str,
    provenance: Path | str,
    state: Path | str,
    pretrained: Mapping[str, Path | str | None],
    settings: Mapping[str, Any],
    seed: int,
    copies: Path | str | None = None,
    where: str = "settings",
    code: str = "",
    threads: int = 1,
    device: torch.device | str | None = None,
) -> None:
    """Train POSTER on the train split of a dataset.

    The result depends on the dataset, the settings and the seed; on the CPU bit for bit, interrupted or not, for what
    ``provenance`` says of the machine. A state that was made of anything else is not used. SIGTERM, SIGINT and SIGHUP
    stop after the current batch with exit status 128 + their number and the state saved; the same call goes on from
    there.

    Args:
        metadata: the dataset's metadata.csv.
        folder: what its file names are relative to.
        model: output, safetensors.
        history: output, CSV with one row per epoch: epoch, lr, train_loss, train_accuracy (both before each step, with
            augmentation) and, if images were held out, validation_loss, validation_accuracy, validation_macro_f1.
        provenance: output, JSON: what the model was made of.
        state: where the training keeps its state; removed at the end.
        pretrained: weights that ``ir50`` and ``mobilefacenet`` start from; without them, they start from nothing.
        settings: keys of `PosterTraining`; those left out have its defaults.
        seed: of every draw.
        copies: the audit of the dataset, whose dropped images are left out; None for no audit.
        where: path of the settings in the configuration, for messages.
        code: the fingerprint of the code, for provenance and state.
        threads: CPU threads, where the settings do not say.
        device: where to train; by default the GPU if there is one.

    Raises:
        InputError: settings, dataset or pretrained weights that do not fit.
        SystemExit: stopped by a signal.
    """
    full = complete(PosterTraining, settings, where)
    pretrained = {part: pretrained.get(part) for part in PARTS}
    frame = read_split(metadata, "train", columns=("source", "source_id"))
    left_out = dropped_by(copies) if copies is not None else set()
    frame = frame[~frame["file_name"].isin(left_out)].reset_index(drop=True)
    held = np.zeros(len(frame), dtype=bool)
    if full.validation_fraction:
        held = hold_out(frame, fraction=full.validation_fraction, seed=seed, where=where)
    contents = {
        "code": code,
        "metadata_sha256": digest(metadata),
        "left_out": sorted(left_out),
        "pretrained_sha256": {part: path and digest(path) for part, path in pretrained.items()},
    }
    threads = full.threads or threads
    with computing_on(device, threads, full.deterministic) as place:
        full = replace(full, precision=choose_precision(full.precision, place))
        reading = {"folder": folder, "size": full.input_size, "threads": threads, "device": place}
        reading["packed_in"] = Path(state).parent
        learned = load_images(frame[~held], **reading)
        held_out = load_images(frame[held], **reading) if held.any() else None
        logger.info("%d training images, %d held out, %d left out as copies", len(learned), held.sum(), len(left_out))
        network = build_network(full, pretrained, seed)
        batches = Batches(Trainer.build(network, full, place), learned, held_out, seed)
        contents["images_sha256"] = content_of(
            *(part for images in (learned, held_out) if images is not None for part in (images.images, images.labels))
        )
        machine = machine_facts(place, threads, full.precision)
        known = {"settings": plain(full), "seed": seed} | decisive(machine) | contents
        rows = train_to_the_end(batches, state=state, history=history, facts=known)
        batches.select()
    if place.type == "cuda":
        logger.info("peak GPU memory %.1f GB", torch.cuda.max_memory_allocated(place) / 1e9)

    facts = {
        "settings": plain(full),
        "seed": seed,
        "dataset": Path(folder).name,
        "pretrained": {part: path and str(path) for part, path in pretrained.items()},
        **contents,
        "training_images": len(learned),
        "validation_images": int(held.sum()),
        "selected_epoch": batches.selected_epoch,
        "parameters": sum(p.numel() for p in network.parameters()),
        "trained_parameters": sum(p.numel() for p in network.parameters() if p.requires_grad),
        **machine,
    }
    save_poster(network, model, {"seed": seed, "selected_epoch": batches.selected_epoch})
    with atomic_path(provenance) as temporary:
        temporary.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    conclude(rows, state=state, history=history)


def build_network(settings: PosterTraining, pretrained: Mapping[str, Path | str | None], seed: int) -> Poster:
    """Build the network of ``settings``: initial weights by ``seed``, then the ``pretrained`` parts."""
    torch.manual_seed(keyed_integer(seed, "initial weights"))
    network = Poster(
        size=settings.size,
        token_mixing=settings.token_mixing,
        width=settings.width,
        depth=settings.depth,
        input_size=settings.input_size,
        drop_path=settings.drop_path,
        freeze_landmarks=settings.freeze_landmarks,
        landmark_batch_statistics=settings.landmark_batch_statistics,
    )
    network.color_order = settings.color_order
    load_pretrained(network, **pretrained)
    if settings.freeze_landmarks and pretrained["mobilefacenet"] is None:
        logger.warning("the landmark network is frozen at random weights: give pretrained.mobilefacenet or unfreeze it")
    return network
