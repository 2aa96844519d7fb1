"""The command behind `make predict`, on the finished study and on what is no model."""

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
from PIL import Image
from workflow_study import ROOT, STUDY

from synface.predicting import crop_of

MODEL = "results/models/poster/{}/seed1"


def predict(*arguments: Path | str, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "synface.predicting", *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT / "workflow/scripts"), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_model_of_a_study_is_given_faces_as_it_learned_from(finished, tmp_path):
    portraits = finished / "results/drawings/portraits"
    done = predict(finished / MODEL.format("Hybrid"), portraits, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(tmp_path / "results/photographs/predictions.csv")
    left_out = pd.read_csv(tmp_path / "results/photographs/left_out.csv")
    files = {str(path.relative_to(portraits)) for path in portraits.rglob("*") if path.is_file()}
    assert {*table["file"], *left_out["file"]} == {file for file in files if not file.startswith(".")}
    assert len(table) > 0.9 * STUDY["drawings"]["portraits"]["count"]
    assert "Crop: mtcnn, margin 0, 100 pixels\n" in done.stdout
    assert f"{len(table)} faces." in done.stdout
    with Image.open(tmp_path / "results/photographs/faces.png") as sheet:
        assert sheet.width > 800


def test_the_crop_is_that_of_the_training_set_where_the_study_tells(finished):
    assert crop_of(finished / MODEL.format("Fixed")) == {"method": "mtcnn", "margin": 0.0, "size": 100}
    assert crop_of(finished / MODEL.format("Raf")) == {}  # imported as it is
    assert crop_of(finished / "resources/passthrough.safetensors") == {}


def test_what_is_no_model_is_told_in_a_sentence(finished, tmp_path):
    for model, sentence in (
        ("nothing.pth", "nothing.pth: no such weights file"),
        (finished / "resources/passthrough.safetensors", "no POSTER checkpoint: 0 pyramid blocks"),
    ):
        done = predict(model, finished / "resources/mine", folder=tmp_path)
        assert done.returncode == 1
        assert sentence in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "results").exists()
