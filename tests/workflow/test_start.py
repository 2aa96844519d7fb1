"""A generator that starts from another's weights, through the workflow: recorded, trained again from another file."""

from pathlib import Path

import numpy as np
import pytest
import torch
from workflow_study import planned_jobs, run, snakemake, write_study

from synface.core.emotions import LABELS
from synface.core.images import encode_png
from synface.ganmut.checkpoint import load_generator, save_generator
from synface.ganmut.generator import LinearGenerator

TARGET = "results/generators/mine/generator.safetensors"
STUDY = {
    "datasets": {"Few": {"natural": {"layout": "class-folders", "path": "resources/few"}}},
    "generators": {
        "mine": {
            "train_on": "Few",
            # The discriminator's alone: the generator stays what it started from.
            "iterations": 1,
            "classes_first": 1,
            "batch_size": 7,
            "image_size": 32,
            "channels": 4,
            "blocks": 1,
            "discriminator_channels": 4,
            "discriminator_depth": 3,
            "start_from": {"checkpoint": "resources/start.safetensors", "trained_on": ["AffectNet"]},
        }
    },
    "models": {},
    "experiments": {},
}


def write_start(folder: Path, seed: int, *, channels: int = 4) -> None:
    torch.manual_seed(seed)
    generator = LinearGenerator(channels=channels, blocks=1, image_size=32)
    save_generator(generator, folder / "resources/start.safetensors")


@pytest.fixture
def study(tmp_path: Path) -> Path:
    write_study(tmp_path, STUDY)
    for number, label in enumerate(LABELS):
        place = tmp_path / f"resources/few/train/{label}/a.png"
        place.parent.mkdir(parents=True)
        place.write_bytes(encode_png(np.random.default_rng(number).integers(0, 256, (32, 32, 3), np.uint8)))
    write_start(tmp_path, 1)
    return tmp_path


def test_it_starts_from_the_file_and_is_trained_again_from_another(study):
    run(study, TARGET, cores=1)
    made, given = (load_generator(study / path).state_dict() for path in (TARGET, "resources/start.safetensors"))
    assert all(torch.equal(made[name], given[name]) for name in given)
    assert "starts from resources/start.safetensors (SHA-256 " in (study / "logs/ganmut/mine.log").read_text()
    (study / "resources/start.safetensors").touch()
    assert planned_jobs(run(study, TARGET, "--dry-run")) == {}
    write_start(study, 2)
    assert set(planned_jobs(run(study, TARGET, "--dry-run"))) == {"train_ganmut"}


def test_what_is_not_there_or_does_not_fit_is_told_before_any_job(study):
    write_start(study, 1, channels=8)
    done = snakemake(study, TARGET, "--dry-run")
    assert done.returncode != 0
    assert (
        "generators.mine.start_from.checkpoint: found channels: 8 in resources/start.safetensors; expected "
        in done.stdout
    )
    (study / "resources/start.safetensors").unlink()
    done = snakemake(study, TARGET, "--dry-run")
    assert "  resources/start.safetensors   (generators.mine.start_from.checkpoint)" in done.stdout
