"""A job that waits in a queue while configuration or code change: started as an executor does, without a cluster."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from workflow_study import ROOT, STUDY, changed, run, snakemake, write_study

from synface.study.fingerprint import fingerprint
from synface.study.run import FROZEN, freeze
from synface.study.study import Study

AS_EXECUTORS_DO = ("--mode", "remote", "--executor", "local", "--force", "--nolock")
JOB = ("--target-jobs", "draw_faces:drawing=affectnet")
CODE = fingerprint(ROOT / "workflow/scripts/draw_faces.py")


@pytest.mark.parametrize(
    ("configuration", "code", "refused"),
    [(STUDY, CODE, ""), (changed(STUDY, "models/poster/lr", 0.5), CODE, "configuration"), (STUDY, "0123", "code")],
    ids=["neither", "configuration", "code"],
)
def test_a_job_keeps_to_what_its_run_began_with(tmp_path, monkeypatch, configuration, code, refused):
    write_study(tmp_path, STUDY)
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    monkeypatch.setenv(FROZEN, "{}")
    freeze("results", Study.of(configuration).configuration, {"draw_faces": code})
    done = snakemake(tmp_path, *AS_EXECUTORS_DO, *JOB)
    made = (tmp_path / "results/drawings/affectnet").exists()
    said = (tmp_path / "logs/drawing/affectnet.log").read_text()
    if refused:
        assert done.returncode != 0
        assert f"The {refused} was changed after this run had begun" in done.stdout
        assert f"ERROR The {refused} was changed" in said
        assert not made
    else:
        assert done.returncode == 0, done.stdout
        assert made


# Of a key that the job's result depends on, and of a text with spaces.
OVERRIDES = ("drawings={affectnet: {seed: 5}}", "report={title: Other faces}")
DRAWN = "results/drawings/affectnet"


def queued(folder: Path, *arguments: str, meanwhile: str = ":") -> subprocess.CompletedProcess:
    """Run the workflow on the queue that stands beside this file."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder]
    path = os.pathsep.join(map(str, (ROOT / "workflow/scripts", Path(__file__).parent)))
    return subprocess.run(
        [*map(str, command), "--executor", "queue", "--jobs", "1", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path, "QUEUE_MEANWHILE": meanwhile},
        check=False,
    )


def images(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / DRAWN).rglob("*.jpg"))}


def test_overrides_on_the_command_line_reach_jobs_with_the_frozen_configuration(tmp_path):
    write_study(tmp_path / "overridden", STUDY)
    write_study(tmp_path / "written", changed(STUDY, "drawings/affectnet/seed", 5))
    done = queued(tmp_path / "overridden", DRAWN, "--config", *OVERRIDES)
    assert done.returncode == 0, done.stdout + done.stderr
    run(tmp_path / "written", DRAWN)
    assert images(tmp_path / "overridden") == images(tmp_path / "written")
    assert len(images(tmp_path / "written")) == 7


def test_a_file_that_is_edited_while_overridden_jobs_wait_is_refused(tmp_path):
    write_study(tmp_path, STUDY)
    edit = "sed -i 's/margin: 0.02/margin: 0.03/' config/config.yaml"
    done = queued(tmp_path, DRAWN, "--config", *OVERRIDES, meanwhile=edit)
    assert done.returncode != 0
    assert "The configuration was changed after this run had begun" in done.stdout + done.stderr
    assert not (tmp_path / DRAWN).exists()
