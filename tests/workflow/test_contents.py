"""What a change of the user's own files runs again: exactly what depends on it."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import yaml
from workflow_study import planned_jobs, run

from synface.core.images import encode_png

# Behind a test set of photographs.
BEHIND = {
    *(
        "import_dataset",
        "measure_geometry",
        "draw_distributions",
        "audit_copies",
        "evaluate_model",
        "draw_confusion",
        "compare",
        "draw_accuracy",
    ),
    *("draw_differences", "gather_timings", "write_report", "write_provenance", "all"),
}


@pytest.fixture
def study(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished study that a test may change."""
    return shutil.copytree(finished, tmp_path / "study", symlinks=True)


def picture(seed: int) -> bytes:
    return encode_png(np.random.default_rng(seed).integers(0, 256, (40, 40, 3), np.uint8))


def planned(folder: Path) -> set[str]:
    return set(planned_jobs(run(folder, "--dry-run")))


@pytest.mark.parametrize(
    "change",
    [
        lambda mine: [path.touch() for path in mine.rglob("*")],
        lambda mine: (mine / "test/fear/.DS_Store").write_text("x"),
        lambda mine: (mine.parent.parent / "config/config.yaml").touch(),
    ],
)
def test_what_changes_no_content_reruns_nothing(study, change):
    change(study / "resources/mine")
    assert planned(study) == set()


def test_the_same_files_elsewhere_rerun_nothing_but_the_page(study):
    shutil.copytree(study / "resources/mine", study / "elsewhere", copy_function=shutil.copyfile)
    config = yaml.safe_load((study / "config/config.yaml").read_text())
    config["datasets"]["Mine"]["natural"]["path"] = "elsewhere"
    (study / "config/config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    assert planned(study) == {"write_report", "write_provenance", "all"}


@pytest.mark.parametrize(
    "change",
    [
        lambda mine: (mine / "test/fear/a.png").write_bytes(picture(9)),
        lambda mine: (mine / "test/fear/b.png").write_bytes(picture(9)),
        lambda mine: (mine / "test/fear/a.png").rename(mine / "test/anger/b.png"),
    ],
)
def test_another_content_reruns_what_depends_on_it(study, change):
    change(study / "resources/mine")
    assert planned(study) == BEHIND


def test_an_import_that_gives_the_same_bytes_ends_there(study):
    (study / "resources/mine/test/fear/notes.pdf").write_text("not an image")
    assert planned(study) == BEHIND
    run(study, "results/datasets/Mine/digest.txt")
    assert planned(study) <= {"gather_timings", "write_report", "write_provenance", "all"}
    rejects = (study / "results/datasets/Mine/rejects.csv").read_text()
    assert "test/fear/notes.pdf" in rejects


def test_other_weights_rerun_what_they_edit(study):
    weights = study / "resources/passthrough.safetensors"
    os.utime(weights)
    assert planned(study) == set()
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert {"import_generator", "edit_faces", "crop_faces", "train_poster"} <= planned(study)


def test_a_generator_of_another_kind_is_made_again(study):
    config = yaml.safe_load((study / "config/config.yaml").read_text())
    config["generators"]["passthrough"] = {**config["generators"]["ganmut"], "parametrization": "linear"}
    (study / "config/config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    assert {"train_ganmut", "plan_edit", "edit_faces"} <= planned(study)
