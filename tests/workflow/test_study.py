"""The whole workflow from drawn portraits to the report page, run for real."""

import hashlib
import json
import re
import sys
from pathlib import Path

import pandas as pd
import pytest
from workflow_study import STUDY, changed, planned_jobs, run, snakemake, write_study

from synface.core.emotions import LABELS
from synface.dataset.verifying import verify_results

DATASETS = ("Raf", "Affect", "Mine", "Fixed", "Varied", "Hybrid")


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of every dataset."""
    root = folder / "results/datasets"
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_run_is_told_in_lines_for_people(told_run):
    folder, printed = told_run
    lines = [line for line in printed.splitlines() if re.match(r" *\d+ %", line)]
    assert len(lines) < 70
    assert [line for line in lines if "train poster: poster on Hybrid, seed 1 (" in line]
    assert [line for line in lines if re.search(r"edit faces +\d jobs, [\d,]+ faces +\d+ (s|min) ", line)]
    percents = [int(line.split("%")[0]) for line in lines]
    assert percents[-1] == 100
    assert not re.search(r"jobid|Select jobs|Finished job|\d steps", printed)
    last = printed.strip().splitlines()[-4:]
    assert last[0].startswith("Can synthetic faces replace the real training set? ")
    assert last[1].startswith("Does adding synthetic faces to the real training set help? ")
    # The tests' generator gives faces back with another contrast, which no change of an expression does.
    assert last[2].startswith("The generator passthrough is unfinished, or these faces are foreign to it: ")
    assert last[3] == f"The whole study on one page: {folder / 'results/report/index.html'}"


def test_a_second_run_has_nothing_to_do(finished):
    assert planned_jobs(run(finished, "--dry-run")) == {}


def test_python_may_lie_in_a_folder_with_a_space(tmp_path):
    (tmp_path / "my python").symlink_to(sys.prefix)
    write_study(tmp_path / "study", STUDY)
    python = tmp_path / "my python/bin/python"
    done = snakemake(tmp_path / "study", "results/drawings/affectnet", python=python)
    assert done.returncode == 0, done.stdout[-3000:]


def test_touched_inputs_rerun_nothing(finished):
    for path in [finished / "results/drawings/raf/EmoLabel/list_patition_label.txt", finished / "config/config.yaml"]:
        path.touch()
    assert planned_jobs(run(finished, "--dry-run")) == {}


def test_a_deleted_timing_does_not_begin_a_training_again(finished):
    timing = finished / "results/timings/train/poster/Raf/seed1.tsv"
    kept = timing.rename(timing.with_suffix(".kept"))
    try:
        page = {"gather_timings", "write_report", "write_provenance", "all"}
        assert set(planned_jobs(run(finished, "--dry-run"))) <= page
    finally:
        kept.rename(timing)


def test_the_record_names_every_dataset_model_table_and_the_page(finished):
    results = finished / "results"
    facts = json.loads((results / "provenance.json").read_text())
    patterns = ("datasets/*/*.*", "models/*/*/*/*", "tables/*", "generators/*/*.safetensors", "report/index.html")
    there = {path for pattern in patterns for path in results.glob(pattern) if path.is_file()}
    known = facts["results"]
    assert {str(path.relative_to(results)) for path in there if path.name != "history.csv"} <= known.keys()
    assert known["tables/accuracy.csv"] == hashlib.sha256((results / "tables/accuracy.csv").read_bytes()).hexdigest()
    weights = (finished / "resources/passthrough.safetensors").read_bytes()
    given = facts["inputs"]["generators.passthrough.checkpoint"]
    assert given == {"path": "resources/passthrough.safetensors", "sha256": hashlib.sha256(weights).hexdigest()}
    assert facts["inputs"]["datasets.Mine.natural.path"] == {"files": "datasets/Mine/files.csv"}
    assert facts["seeds"]["experiments.tiny.seeds"] == [1]
    assert verify_results(finished) == []


def test_synthetic_sets_have_exactly_the_counts_of_the_set_they_imitate(finished):
    wanted = STUDY["drawings"]["raf"]["counts"]
    for dataset in ("Fixed", "Varied"):
        metadata = pd.read_csv(finished / f"results/datasets/{dataset}/metadata.csv")
        found = metadata.groupby(["split", "label"]).size()
        assert {split: {label: found[split, label] for label in LABELS} for split in wanted} == wanted
        assert all((finished / f"results/datasets/{dataset}" / name).is_file() for name in metadata["file_name"])


def test_no_portrait_is_on_both_sides_of_the_split(finished):
    for dataset in ("Fixed", "Varied", "Hybrid"):
        metadata = pd.read_csv(finished / f"results/datasets/{dataset}/metadata.csv", dtype={"source_id": str})
        assert (metadata.groupby(["source", "source_id"])["split"].nunique() == 1).all()
    both = [pd.read_csv(finished / f"results/datasets/{name}/metadata.csv", dtype=str) for name in ("Fixed", "Varied")]
    merged = both[0].merge(both[1], on=["source", "source_id"])
    assert len(merged) > 0
    assert (merged["split_x"] == merged["split_y"]).all()


def test_every_planned_portrait_is_selected_or_listed_with_a_reason(finished):
    plan = pd.read_csv(finished / "results/edits/varied/plan.csv", dtype={"source_id": str})
    selection = pd.read_csv(finished / "results/synthetic/Varied/selection.csv", dtype={"source_id": str})
    rejects = pd.read_csv(finished / "results/synthetic/Varied/rejects.csv", dtype={"source_id": str})
    assert sorted([*selection["source_id"], *rejects["source_id"]]) == sorted(plan["source_id"])
    assert rejects["reason"].str.len().min() > 0


def test_the_accuracy_table_has_a_row_for_every_model_and_test_set(finished):
    table = pd.read_csv(finished / "results/tables/accuracy.csv")
    columns = ["model", "train_set", "dataset", "test_set", "seed", "n", "accuracy", "macro_f1", "ci_low", "ci_high"]
    assert list(table.columns) == columns
    experiment = STUDY["experiments"]["tiny"]
    assert len(table) == len(experiment["train_on"]) * len(experiment["test_on"])
    for row in table.to_dict("records"):
        predictions = pd.read_csv(finished / f"results/evaluations/poster/{row['train_set']}/seed1/predictions.csv")
        predictions = predictions[predictions["test_set"] == row["test_set"]]
        assert len(predictions) == row["n"]
        assert (predictions["label"] == predictions["predicted"]).mean() == pytest.approx(row["accuracy"], abs=1e-6)


def test_datasets_open_with_torchvision_and_with_hugging_face(finished, tmp_path, monkeypatch):
    from torchvision.datasets import ImageFolder

    monkeypatch.setenv("HF_HOME", str(tmp_path / "hugging face"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    folder = finished / "results/datasets/Hybrid"
    rows = pd.read_csv(folder / "metadata.csv")
    opened = load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    for split, expected in rows.groupby("split"):
        images = ImageFolder(folder / "images" / split, allow_empty=True)
        assert [name.split("_", 1)[1] for name in images.classes] == list(LABELS)
        assert len(images) == len(opened[split]) == len(expected)
        assert {LABELS[row["label"]] for row in opened[split]} == set(expected["label"])


def test_the_report_page_needs_nothing_beside_it(finished):
    page = (finished / "results/report/index.html").read_text()
    assert not re.findall(r'(?:src|href)="(?!data:|#)', page)
    for name in DATASETS:
        assert name in page


def test_snakemakes_report_holds_tables_figures_and_captions(finished, tmp_path):
    report = tmp_path / "report.html"
    run(finished, "--report", str(report))
    text = report.read_text()
    for name in ("comparisons.csv", "contact_sheet", "confusion", "timings.csv"):
        assert name in text
    assert "What every stage of Varied does to a face" in text


def test_other_numbers_of_cores_and_shards_give_identical_datasets(finished, tmp_path):
    study = changed(changed(STUDY, "edits/fixed/shards", 3), "edits/varied/shards", 1)
    write_study(tmp_path, study | {"lean": True})
    run(tmp_path, "datasets", "results/datasets/Varied/metadata.csv", cores=1)
    other = {name: digest for name, digest in digests(finished).items() if name in digests(tmp_path)}
    assert any(name.startswith("Varied/images/") for name in other)
    assert digests(tmp_path) == digests(finished)
    # And what a lean study removes on the way is missed by nothing.
    assert list((finished / "results").rglob("*.tar"))
    assert not list((tmp_path / "results").rglob("*.tar"))
    assert planned_jobs(run(tmp_path, "--dry-run", "datasets", "results/datasets/Varied/metadata.csv")) == {}
    assert verify_results(tmp_path) == []


def test_predictions_do_not_depend_on_the_folder_name(finished):
    provenance = json.loads((finished / "results/models/poster/Raf/seed1/provenance.json").read_text())
    assert str(finished) not in json.dumps(provenance)
