"""Outside judges in a study that is finished: what they add, and what they leave alone."""

import shutil

import pandas as pd
import pytest
import yaml
from workflow_study import STUDY, changed, planned_jobs, run

from synface.poster.loading import save_poster
from synface.poster.model import Poster


@pytest.fixture
def judged(tmp_path):
    """The file of a study with a POSTER as its judge."""
    save_poster(Poster(width=0.125, depth=1, input_size=32), tmp_path / "outside.safetensors")
    judge = {"network": "poster", "file": str(tmp_path / "outside.safetensors")}
    file = tmp_path / "judged.yaml"
    file.write_text(yaml.safe_dump(changed(STUDY, "judges", {"outside": judge}), sort_keys=False))
    return file


def test_a_judge_is_asked_about_every_set_and_nothing_else_is_done_again(finished, judged):
    jobs = planned_jobs(run(finished, "--dry-run", "--configfile", str(judged)))
    page = {"gather_timings", "write_report", "write_provenance", "all"}
    assert set(jobs) == {"judge_set", "judge_edits", "measure_judged", *page}
    assert {job["dataset"] for job in jobs["judge_set"]} == {"Raf", "Affect", "Mine", "Unedited"}
    assert {job["dataset"] for job in jobs["judge_edits"]} == {"Fixed", "Varied"}


def test_a_judge_reads_edits_beside_the_set_that_they_imitate(finished, judged, tmp_path):
    folder = tmp_path / "a copy"
    shutil.copytree(finished, folder, symlinks=True)
    output = run(folder, "results/judges/outside/Varied.csv", "--configfile", str(judged))
    assert set(planned_jobs(output)) == {"judge_set", "judge_edits"}
    table = pd.read_csv(folder / "results/judges/outside/Varied.csv")
    crops = pd.concat(pd.read_csv(path) for path in folder.glob("results/synthetic/Varied/crops/*.csv"))
    assert set(table["source_id"]) == set(crops.loc[crops["reason"].isna(), "source_id"])
    plan = pd.read_csv(folder / "results/edits/varied/plan.csv").set_index("source_id")
    assert (plan.loc[table["source_id"], "label"].to_numpy() == table["label"]).all()
    assert len(pd.read_csv(folder / "results/judges/outside/Raf.csv")) == 20
