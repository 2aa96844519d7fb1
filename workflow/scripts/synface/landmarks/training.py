"""A whole training of the landmark network on one folder: read, train, write; resumed where it was stopped."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from synface.compute.machine import decisive, machine_facts
from synface.compute.precision import computing_on
from synface.landmarks.data import hold_out, load_faces, read_listing
from synface.landmarks.loop import Batches
from synface.landmarks.measures import normalized_mean_errors
from synface.landmarks.trainer import Trainer
from synface.poster.loading import save_mobilefacenet
from synface.settings.keys import plain
from synface.settings.landmarks import LandmarkTraining
from synface.settings.reading import complete
from synface.training.history import conclude
from synface.training.state import content_of
from synface.training.steps import train_to_the_end

logger = logging.getLogger(__name__)


def train_landmarks(
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
    """Train MobileFaceNet to find the 68 landmarks of the faces in ``folder``.

    The result depends on the folder and the settings; on the CPU bit for bit, interrupted or not, for one number of
    threads and one kind of machine. A state that was made of anything else is not used. SIGTERM, SIGINT and SIGHUP stop
    after the current batch with exit status 128 + their number and the state saved; the same call goes on from there.

    Args:
        folder: images and a landmarks.npz, as `draw_faces` writes them; see `data.read_listing`.
        network: output, safetensors, which POSTER takes as ``pretrained.mobilefacenet``.
        history: output, CSV with one row per epoch: epoch, lr, train_loss (wing, before each step, with augmentation)
            and validation_nme, the held-out faces' error as a fraction of the distance of the outer eye corners.
        state: where the training keeps its state; removed at the end.
        settings: keys of `LandmarkTraining`; those left out have its defaults.
        code: the fingerprint of the code, for the state; equal weights of another code are an equal file.
        threads: CPU threads, where the settings do not say.
        device: where to train; by default the GPU if there is one.

    Raises:
        InputError: settings or a folder that do not fit.
        SystemExit: stopped by a signal.
    """
    full = complete(LandmarkTraining, settings, "settings")
    listing = read_listing(folder)
    held = hold_out(listing.identities, fraction=full.validation_fraction, seed=full.seed)
    threads = full.threads or threads
    with computing_on(device, threads, full.deterministic) as place:
        faces = load_faces(listing, folder=folder, size=full.input_size, threads=threads, device=place)
        learned, held_out = faces.of(~held), faces.of(held)
        mean = normalized_mean_errors(learned.landmarks.mean(dim=0, keepdim=True), held_out.landmarks).mean().item()
        logger.info(
            "%d faces to learn from, %d held out, where the mean face has NME %.4f", len(learned), len(held_out), mean
        )
        trainer = Trainer(full, place)
        trainer.start_from(learned.landmarks)
        machine = machine_facts(place, threads)
        made_of = {"listing_sha256": listing.digest(), "images_sha256": content_of(faces.images, faces.landmarks)}
        known = {"settings": plain(full), "code": code} | decisive(machine) | made_of
        rows = train_to_the_end(Batches(trainer, learned, held_out), state=state, history=history, facts=known)
    facts = {
        "settings": plain(full),
        "trained_on": Path(folder).name,
        "training_images": len(learned),
        "validation_images": len(held_out),
        "validation_nme": rows[-1]["validation_nme"],
        "mean_face_nme": mean,
        "machine": machine,
        **made_of,
    }
    save_mobilefacenet(trainer.network, network, facts)
    conclude(rows, state=state, history=history)
