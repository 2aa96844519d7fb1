"""What a user without the inputs, with the inputs, or with a slip in the configuration gets to see."""

import shutil
from pathlib import Path

import pytest
import yaml
from workflow_study import ROOT, STUDY, changed, planned_jobs, put_inputs_in_place, run, snakemake, write_study

from synface.study.study import Study

DEFAULT = yaml.safe_load((ROOT / "config/config.yaml").read_text())


@pytest.fixture
def default_study(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    shutil.copy(ROOT / "config/config.yaml", tmp_path / "config/config.yaml")
    return tmp_path


def test_all_missing_inputs_are_named_in_one_message(default_study):
    done = snakemake(default_study, "--dry-run")
    assert done.returncode != 0
    expected = {path for _, path, _ in Study.of(DEFAULT).external_inputs}
    assert len(expected) == 7
    for path in expected:
        assert done.stdout.count(f"  {path}   (") == 1
    assert done.stdout.rstrip().splitlines()[-1].startswith("Nothing at hand? `make demo`")
    for license_part in ("CC BY-NC-SA 4.0", "no redistribution", "not for commercial use"):
        assert license_part in done.stdout


def test_with_the_inputs_in_place_the_reports_experiment_is_planned(default_study):
    put_inputs_in_place(default_study)
    jobs = planned_jobs(run(default_study, "--dry-run"))
    counts = {rule: len(found) for rule, found in jobs.items()}
    assert counts["train_poster"] == 4 * 5
    assert counts["evaluate_model"] == 4 * 5
    # 30 portraits need one shard.
    assert counts["edit_faces"] == 2
    assert counts["transfer_color"] == 1
    assert counts["tabulate_published"] == 1
    assert {job["dataset"] for job in jobs["import_dataset"]} == {"RAF-DB", "AffectNet-Val"}


def test_published_weights_in_official_layout_are_imported(default_study):
    put_inputs_in_place(default_study)
    run(default_study, "results/generators/ganmut-linear/gamut.json", "results/edits/fixed/plan.csv", "-n")
    run(default_study, "results/generators/ganmut-linear/gamut.json", "results/generators/ganmut-gaussian/gamut.json")


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        (
            "datasets/Varied/synthetic/blend/boder",
            0.2,
            "datasets.Varied.synthetic.blend.boder: unknown key; did",
        ),
        (
            "experiments/tiny/train_on",
            ["Raff"],
            "experiments.tiny.train_on: no 'Raff' in `datasets`; did you mean",
        ),
        ("experiments/tiny/train_on", 5, "experiments.tiny.train_on: found 5; expected a list of names"),
        (
            "edits/fixed/rho",
            None,
            "edits.fixed.rho: missing; expected a number or [low, high], its",
        ),
        (
            "edits/varied/shards",
            1000000,
            "edits.varied.shards: found 1000000; expected a whole number",
        ),
        ("models/poster/lr", float("nan"), "models.poster.lr: found nan; expected a number above 0"),
        (
            "generators/passthrough/iterations",
            5,
            "generators.passthrough.iterations: belongs to an entry with",
        ),
        ("generators/ganmut/learning_rate", 1, "generators.ganmut.learning_rate: is called 'lr'; rename it"),
        ("experiments", {2024: {}}, "experiments: found the name 2024, which is no text in YAML; put it in quotes"),
    ],
)
def test_a_mistake_in_the_configuration_is_told_in_few_lines(tmp_path, key, value, message):
    write_study(tmp_path, changed(STUDY, key, value))
    done = snakemake(tmp_path, "--dry-run")
    assert done.returncode != 0
    assert message in done.stdout
    assert len(done.stdout.splitlines()) <= 10


def test_a_key_given_twice_is_told(tmp_path):
    write_study(tmp_path, STUDY)
    with (tmp_path / "config/config.yaml").open("a") as file:
        file.write("models: {}\n")
    done = snakemake(tmp_path, "--dry-run")
    assert "models: given twice in" in done.stdout
    assert len(done.stdout.splitlines()) <= 10


def test_the_command_line_gives_numbers_as_text(finished):
    jobs = planned_jobs(run(finished, "--dry-run", "--config", "models={poster: {epochs: 2}}"))
    assert len(jobs["train_poster"]) == len(STUDY["experiments"]["tiny"]["train_on"])
    assert planned_jobs(run(finished, "--dry-run", "--config", "models={poster: {epochs: 1}}")) == {}


@pytest.mark.parametrize(
    ("key", "value", "missing"),
    [
        ("landmarks/narrow/images", "resources/marked", "resources/marked   (landmarks.narrow.images)"),
        (
            "models/poster/pretrained/mobilefacenet",
            "results/landmarks/wide/mobilefacenet.safetensors",
            "results/landmarks/wide/mobilefacenet.safetensors   (models.poster.pretrained.mobilefacenet)",
        ),
    ],
)
def test_a_missing_input_is_named_with_its_key(tmp_path, key, value, missing):
    write_study(tmp_path, changed(STUDY, key, value))
    done = snakemake(tmp_path, "--dry-run")
    assert done.returncode != 0
    assert missing in done.stdout


def test_too_few_portraits_are_told_last_and_before_any_training(tmp_path):
    study = changed(STUDY, "drawings/portraits/count", 20)
    study["edits"]["fixed"] = {**study["edits"]["fixed"], "generator": "ganmut"}
    write_study(tmp_path, study)
    done = snakemake(tmp_path, "results/edits/fixed/plan.csv")
    assert done.returncode != 0
    *_, first, second = done.stdout.rstrip().splitlines()
    assert first.startswith("deal_portraits failed: edits.fixed: not enough portraits in sources.portraits, spares")
    assert second == "  (logs/deal/fixed.log)"
    assert not (tmp_path / "logs/ganmut").exists()
    assert not (tmp_path / "results/edits/fixed").exists() or not list((tmp_path / "results/edits/fixed").iterdir())
