"""Another generator's faces through the workflow: those that are the portraits' own give the portraits back."""

import csv
from pathlib import Path

import numpy as np
import pytest
from imaging import portrait, read_images
from workflow_study import planned_jobs, run, write_study

from synface.core.emotions import LABELS
from synface.core.images import encode_png
from synface.faces.table import read_faces

NUMBER = 18  # portraits: one for each class and split, and some more
STUDY = {
    "sources": {"portraits": {"images": "resources/portraits", "test_fraction": 0.5}},
    "edits": {
        "outside": {
            "source": "portraits",
            "patches": "resources/edited",
            "made_by": "StarGAN",
            "trained_on": ["CelebA"],
            "spares": 0,
        }
    },
    "datasets": {
        "Few": {"natural": {"layout": "class-folders", "path": "resources/few"}},
        "Outside": {"synthetic": {"edit": "outside", "like": "Few", "color": "none"}},
    },
    "models": {"poster": {}},
    "experiments": {"asked": {"models": ["poster"], "train_on": ["Few", "Outside"], "test_on": ["Few"]}},
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("outside")
    write_study(folder, STUDY)
    for number in range(NUMBER):
        write(folder / f"resources/portraits/{number:05d}.png", portrait(str(number), 128))
        for label in LABELS:
            write(folder / f"resources/edited/{label}/{number:05d}.png", portrait(str(number), 128))
    for number, label in enumerate(LABELS):
        for place, split in enumerate(("train", "test")):
            pixels = np.random.default_rng(2 * number + place).integers(0, 256, (30, 30, 3), np.uint8)
            write(folder / f"resources/few/{split}/{label}/a.png", pixels)
    run(folder, "results/datasets/Outside/digest.txt")
    return folder


def write(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_png(image))


def test_faces_that_are_the_original_ones_give_back_the_portraits(study):
    blended = read_images(study / "results/synthetic/Outside/blended/0.tar")
    found, _ = read_faces(study / "results/edits/outside/faces/0.csv")
    assert len(blended) == 14
    for name, face in blended.items():
        left, top, right, bottom = found[name].box
        np.testing.assert_array_equal(face, portrait(str(int(name)), 128)[top:bottom, left:right])


def test_their_dataset_says_where_they_are_from_and_has_no_codes(study):
    with (study / "results/datasets/Outside/metadata.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["label"] for row in rows) == sorted([*LABELS, *LABELS])
    assert {row["generator"] for row in rows} == {"StarGAN"}
    assert {row[code] for row in rows for code in ("theta", "rho", "code_x", "code_y")} == {""}
    card = (study / "results/datasets/Outside/README.md").read_text()
    assert "edited with `StarGAN`" in card
    assert "GANmut" not in card


def test_another_content_of_the_folder_is_seen(study):
    target = "results/datasets/Outside/digest.txt"
    (study / "resources/edited/fear/00003.png").touch()
    assert planned_jobs(run(study, "--dry-run", target)) == {}
    write(study / "resources/edited/fear/00003.png", portrait("3", 64))
    assert {"index_patches", "take_patches", "assemble_dataset"} <= set(planned_jobs(run(study, "--dry-run", target)))
