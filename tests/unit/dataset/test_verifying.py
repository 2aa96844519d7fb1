"""What is noticed when results are changed behind the workflow's back."""

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from synface.core.errors import InputError
from synface.core.files import digest
from synface.core.images import encode_png
from synface.core.shards import write_shard
from synface.dataset.verifying import verify_results
from synface.dataset.writing import write_images, write_tables


@pytest.fixture
def study(tmp_path):
    """A study with one dataset of four images and one shard of crops with its table."""
    dataset = tmp_path / "results/datasets/D"
    names = [f"images/{split}/1_fear/{number}.png" for split in ("train", "test") for number in (1, 2)]
    pixels = (np.full((4, 4, 3), number, np.uint8) for number in range(4))
    sums = write_images(zip(names, map(encode_png, pixels), strict=True), dataset / "images")
    rows = pd.DataFrame({"file_name": names, "label": "fear", "split": ["train"] * 2 + ["test"] * 2})
    metadata = dataset / "metadata.csv"
    write_tables(rows, sums, images=dataset / "images", metadata=metadata, counts=dataset / "counts.csv")
    (dataset / "digest.txt").write_text(f"{digest(metadata)}\n")
    shard = tmp_path / "results/synthetic/D/crops/0.tar"
    with write_shard(shard) as write:
        for name in ("a", "b"):
            write(name, np.zeros((4, 4, 3), np.uint8))
    table = pd.DataFrame({"source_id": ["a", "b", "c"], "reason": ["", "", "no face found"]})
    table.to_csv(shard.with_suffix(".csv"), index=False)
    return tmp_path


def test_what_was_made_is_as_it_was_made(study):
    assert verify_results(study) == []


def cut(path, size):
    path.write_bytes(path.read_bytes()[:size])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda root: shutil.rmtree(root / "datasets/D/images/train/1_fear"), "2 missing: images/train/1_fear/1.png"),
        (lambda root: (root / "datasets/D/images/test/1_fear/2.png").unlink(), "1 missing: images/test/1_fear/2.png"),
        (lambda root: (root / "datasets/D/images/test/1_fear/2.png").write_bytes(b"x"), "1 changed or damaged"),
        (lambda root: (root / "datasets/D/images/test/1_fear/9.png").write_bytes(b"x"), "1 not of this dataset"),
        (lambda root: (root / "datasets/D/counts.csv").unlink(), "No such file or directory"),
        (lambda root: (root / "datasets/D/counts.csv").write_text("split,label,count\ntrain,fear,1\n"), "not those of"),
        (lambda root: (root / "datasets/D/metadata.csv").open("a").write("\n"), "not the table that digest.txt"),
        (lambda root: (root / "datasets/D/counts.csv").write_text(""), "not those of metadata.csv"),
        (lambda root: (root / "datasets/D/metadata.csv").write_text(""), "a table of it cannot be read"),
        (lambda root: cut(root / "datasets/D/images/test/metadata.csv", 40), "its rows are not those of metadata.csv"),
        (lambda root: cut(root / "synthetic/D/crops/0.tar", 2048), "without its end"),
        (lambda root: cut(root / "synthetic/D/crops/0.tar", 700), "without its end"),
        (
            lambda root: (root / "synthetic/D/crops/0.csv").write_text("source_id,reason\na,\n"),
            "1 in it and not of 0.csv: b",
        ),
        (lambda root: (root / "synthetic/D/crops/0.csv").write_text("source_id,reason\na,\nb,\nd,\n"), "not in it: d"),
    ],
)
def test_what_was_changed_is_told_with_the_command_that_makes_it_again(study, change, told):
    change(study / "results")
    problems = verify_results(study)
    assert any(told in problem for problem in problems), problems
    assert all("snakemake --cores all --force results/" in problem for problem in problems)


@pytest.mark.parametrize(
    ("learned_from", "told"),
    [(None, None), ("0123", "was trained on another dataset"), ("", "no record of a training")],
)
def test_a_model_is_compared_with_the_dataset_that_it_was_trained_on(study, learned_from, told):
    record = study / "results/models/m/D/seed1/provenance.json"
    record.parent.mkdir(parents=True)
    known = digest(study / "results/datasets/D/metadata.csv") if learned_from is None else learned_from
    record.write_text(json.dumps({"metadata_sha256": known}) if known else "")
    problems = verify_results(study)
    assert len(problems) == (told is not None)
    assert told is None or told in problems[0]


def test_a_folder_without_results_is_told(tmp_path):
    with pytest.raises(InputError, match="found no results"):
        verify_results(tmp_path)
