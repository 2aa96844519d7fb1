"""A whole training of the image network on one folder: read, train, write; resumed where it was stopped."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from synface.action_units.data import load_faces, read_listing
from synface.action_units.trainer import Trainer
from synface.compute.machine import decisive, machine_facts
from synface.compute.precision import computing_on
from synface.landmarks.data import hold_out
from synface.landmarks.loop import Batches
from synface.poster.loading import save_ir50
from synface.settings.action_units import ActionUnitTraining
from synface.settings.keys import plain
from synface.settings.reading import complete
from synface.training.history import conclude
from synface.training.state import content_of
from synface.training.steps import train_to_the_end

logger = logging.getLogger(__name__)


def train_action_units(
    *,
    folder: Path | str,
    network: Path | str,
    history: Path | str,
    state: Path | str,
    settings: Mapping[str, Any],
    code: str = "",
    threads: int = 1,
    device: torch.device | str | None = None,
) -> None:
    """Train IR50 to tell the strengths of the action units of the faces in ``folder``; no emotion is told to it.

    The result depends on the folder and the settings; on the CPU bit for bit, interrupted or not, for one number of
    threads and one kind of machine. A state that was made of anything else is not used. SIGTERM stops after the current
    batch with exit status 143 and the state saved; the same call goes on from there.

    Args:
        folder: images and the table of the settings; see `data.read_listing`.
        network: output, safetensors, which POSTER takes as ``pretrained.ir50``.
        history: output, CSV with one row per epoch: epoch, lr, train_loss (before each step, with augmentation) and
            validation_error, the mean squared error of the strengths over their variance: 1 is knowing nothing.
        state: where the training keeps its state; removed at the end.
        settings: keys of `ActionUnitTraining`; those left out have its defaults.
        code: the fingerprint of the code, for the state; equal weights of another code are an equal file.
        threads: CPU threads, where the settings do not say.
        device: where to train; by default the GPU if there is one.

    Raises:
        InputError: settings or a folder that do not fit.
        SystemExit: stopped by SIGTERM.
    """
    full = complete(ActionUnitTraining, settings, "settings")
    table = Path(folder) / full.table
    listing = read_listing(table)
    held = hold_out(listing.identities, fraction=full.validation_fraction, seed=full.seed, where=str(table))
    threads = full.threads or threads
    with computing_on(device, threads, full.deterministic) as place:
        faces = load_faces(listing, folder=folder, size=full.input_size, threads=threads, device=place)
        learned, held_out = faces.of(~held), faces.of(held)
        logger.info("%s in %d faces to learn from, %d held out", ", ".join(listing.units), len(learned), len(held_out))
        trainer = Trainer(full, learned, place)
        machine = machine_facts(place, threads)
        made_of = {"listing_sha256": listing.digest(), "images_sha256": content_of(faces.images, faces.strengths)}
        known = {"settings": plain(full), "code": code} | decisive(machine) | made_of
        rows = train_to_the_end(Batches(trainer, learned, held_out), state=state, history=history, facts=known)
    facts = {
        "settings": plain(full),
        "trained_on": Path(folder).name,
        "units": listing.units,
        "training_images": len(learned),
        "validation_images": len(held_out),
        "validation_error": rows[-1]["validation_error"],
        "machine": machine,
        **made_of,
    }
    save_ir50(trainer.network["body"], network, facts)
    conclude(rows, state=state, history=history)
