"""A whole training of GANmut on one dataset: read, train, write; resumed where it was stopped."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from synface.compute.machine import decisive, machine_facts
from synface.compute.precision import choose_precision, computing_on
from synface.core.files import digest
from synface.ganmut.checkpoint import load_start, save_generator
from synface.ganmut.data import TrainingFaces
from synface.ganmut.gamut import write_gamut
from synface.ganmut.loop import Iterations
from synface.ganmut.pairs import Pairs
from synface.ganmut.trainer import Trainer
from synface.settings.generator import GanmutTraining
from synface.settings.keys import plain
from synface.settings.reading import complete
from synface.training.history import conclude
from synface.training.state import content_of
from synface.training.steps import train_to_the_end

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
    start: Path | str | None = None,
    pairs: Path | str | None = None,
    code: str = "",
    threads: int = 1,
    device: torch.device | str | None = None,
) -> None:
    """Train GANmut on the training split of a dataset.

    The result depends on the dataset and the settings; on the CPU bit for bit, interrupted or not, for one number of
    threads and one kind of machine. A state that was made of anything else is not used. SIGTERM, SIGINT and SIGHUP stop
    after the current iteration with exit status 128 + their number and the state saved; the same call goes on from
    there.

    Args:
        metadata: the dataset's metadata.csv.
        folder: what its file names are relative to.
        generator: output, safetensors.
        gamut: output, JSON: where each emotion lies in the code space.
        history: output, CSV: iteration and every unweighted term of both losses, averaged since the row before.
        state: where the training keeps its state; removed at the end.
        settings: keys of `GanmutTraining`; those left out have its defaults.
        start: the generator whose weights the training starts from, for `load_generator`; its hash is recorded.
        pairs: a folder of `Pairs` that the generator learns from too.
        code: the fingerprint of the code, for the state; equal weights of another code are an equal file.
        threads: CPU threads, where the settings do not say.
        device: where to train; chosen when not given.

    Raises:
        InputError: settings, a start or a dataset that do not fit.
        SystemExit: stopped by a signal.
    """
    full = complete(GanmutTraining, settings, "settings")
    threads = full.threads or threads
    with computing_on(device, threads, full.deterministic) as place:
        full = replace(full, precision=choose_precision(full.precision, place))
        trainer = Trainer(full, place, None if start is None else load_start(start, full))
        faces = TrainingFaces(metadata, folder, full.image_size, full.augmentation, full.framing)
        logger.info("%d faces to train on", len(faces.labels))
        machine = machine_facts(place, threads, full.precision)
        made_of = {"metadata_sha256": digest(metadata), "images_sha256": content_of(faces.images, faces.labels)}
        known = None if pairs is None else Pairs(pairs, full.image_size, full.augmentation)
        if known is not None:
            made_of["pairs_sha256"] = content_of(known.pictures, known.before, known.after, known.labels, known.rho)
        if start is not None:
            made_of["start_sha256"] = digest(start)
            logger.info("starts from %s (SHA-256 %s)", start, made_of["start_sha256"])
        facts = {"settings": plain(full), "code": code} | decisive(machine) | made_of
        rows = train_to_the_end(Iterations(trainer, faces, known), state=state, history=history, facts=facts)
    told = {"settings": plain(full), "dataset": Path(folder).name, "framing": full.framing, "machine": machine}
    save_generator(trainer.result(), generator, told | made_of)
    write_gamut(trainer.result(), gamut)
    conclude(rows, state=state, history=history)
