"""A job that waits in a queue while configuration or code change: started as an executor does, without a cluster."""

import pytest
from workflow_study import ROOT, STUDY, changed, snakemake, write_study

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
