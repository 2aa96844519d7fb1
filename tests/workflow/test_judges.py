"""Outside judges in a study that is finished: what they add, and what they leave alone."""

import shutil

import pandas as pd
import pytest
import torch
import yaml
from workflow_study import STUDY, changed, planned_jobs, run, snakemake

from synface.poster.loading import save_poster
from synface.poster.model import Poster

CHOSEN = {"match_distribution", "assemble_dataset"}


@pytest.fixture
def judged_study(tmp_path):
    """A study with a POSTER as its judge."""
    torch.manual_seed(5)
    save_poster(Poster(width=0.125, depth=1, input_size=32), tmp_path / "outside.safetensors")
    judge = {"network": "poster", "file": str(tmp_path / "outside.safetensors")}
    return changed(STUDY, "judges", {"outside": judge})


@pytest.fixture
def judged(judged_study, tmp_path):
    """The file of that study."""
    return written(tmp_path / "judged.yaml", judged_study)


def written(file, study):
    file.write_text(yaml.safe_dump(study, sort_keys=False))
    return file


def test_a_judge_is_asked_about_every_set_and_nothing_else_is_done_again(finished, judged):
    jobs = planned_jobs(run(finished, "--dry-run", "--configfile", str(judged)))
    page = {"gather_timings", "write_report", "write_provenance", "all"}
    assert set(jobs) == {"judge_set", "judge_edits", "measure_judged", "draw_gamut", *page}
    assert {job["dataset"] for job in jobs["judge_set"]} == {"Raf", "Affect", "Mine", "Unedited"}
    assert {job["dataset"] for job in jobs["judge_edits"]} == {"Fixed", "Varied"}


def test_an_atlas_is_written_for_who_asks_and_read_by_the_judge(finished, judged, tmp_path):
    folder = tmp_path / "a copy"
    shutil.copytree(finished, folder, symlinks=True)
    assert set(planned_jobs(run(folder, "atlas", "--configfile", str(judged)))) == {"write_atlas", "atlas"}
    text = (folder / "results/generators/passthrough/atlas.html").read_text()
    assert "Nobody reads these faces" not in text
    assert '"judge": "outside"' in text
    assert not planned_jobs(run(folder, "atlas", "--configfile", str(judged)))


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


def test_a_judge_that_chooses_leaves_faces_out_and_another_probability_only_matches_again(
    finished, judged_study, judged, tmp_path
):
    folder = tmp_path / "a copy"
    shutil.copytree(finished, folder, symlinks=True)
    run(folder, "results/judges/outside/Varied.csv", "--configfile", str(judged))
    read = pd.read_csv(folder / "results/judges/outside/Varied.csv").sort_values("intended", ignore_index=True)
    # The first two whose class and split has a spare face; a probability between theirs and the next ones'.
    needed = pd.read_csv(folder / "results/datasets/Raf/counts.csv").set_index(["split", "label"])["count"]
    spares = read.groupby(["split", "label"]).size() - needed[needed > 0]
    assert all(spares[row.split, row.label] > 0 for row in read[:2].itertuples())
    assert len(set(read["label"][:2])) == 2
    limits = [(read["intended"][place] + read["intended"][place + 1]) / 2 for place in (0, 1)]

    def keeping(number):
        keep = {"judge": "outside", "at_least": float(limits[number])}
        study = changed(judged_study, "datasets/Varied/synthetic/keep", keep)
        return "--configfile", str(written(tmp_path / f"keep-{number}.yaml", study))

    target = "results/datasets/Varied/digest.txt"
    output = run(folder, target, *keeping(0))
    assert set(planned_jobs(output)) == CHOSEN
    rejects = pd.read_csv(folder / "results/synthetic/Varied/rejects.csv")
    left_out = rejects[rejects["reason"].str.startswith("outside does not read its label")]
    assert list(left_out["source_id"]) == [read["source_id"][0]]
    counts = pd.read_csv(folder / "results/datasets/Varied/counts.csv").set_index(["split", "label"])["count"]
    assert counts.equals(needed)

    jobs = planned_jobs(run(folder, target, "--dry-run", *keeping(1)))
    assert set(jobs) == CHOSEN
    run(folder, target, *keeping(1))
    rejects = pd.read_csv(folder / "results/synthetic/Varied/rejects.csv")
    left_out = rejects[rejects["reason"].str.startswith("outside does not read its label")]
    assert set(left_out["source_id"]) == set(read["source_id"][:2])


def test_a_judge_whose_file_is_missing_is_asked_for_only_where_it_chooses(finished, judged_study, tmp_path):
    study = changed(judged_study, "judges/outside/file", "nowhere/outside.safetensors")
    target = ("results/synthetic/Varied/selection.csv", "--dry-run", "--configfile")
    assert planned_jobs(run(finished, *target, str(written(tmp_path / "a.yaml", study)))) == {}
    study = changed(study, "datasets/Varied/synthetic/keep", {"judge": "outside", "at_least": 0.1})
    done = snakemake(finished, *target, str(written(tmp_path / "b.yaml", study)))
    assert done.returncode != 0
    assert "nowhere/outside.safetensors   (judges.outside.file)" in done.stdout
