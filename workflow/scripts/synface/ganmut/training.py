"""A whole training of GANmut on one dataset: read, train, write; resumed where it was stopped."""

import hashlib
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import torch

from synface.compute.device import choose_device
from synface.core.tables import write_table
from synface.ganmut.checkpoint import save_generator
from synface.ganmut.data import TrainingFaces
from synface.ganmut.gamut import write_gamut
from synface.ganmut.loop import Loop
from synface.ganmut.settings import complete
from synface.ganmut.trainer import Trainer
from synface.training.state import Termination, identify

logger = logging.getLogger(__name__)


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
        rows = Loop(trainer, faces, Path(state), identity, termination).to_the_end()
    save_generator(trainer.result(), generator, {"settings": settings, "dataset": Path(folder).name})
    write_gamut(trainer.result(), gamut)
    write_table(pd.DataFrame(rows), history)
    Path(state).unlink(missing_ok=True)
