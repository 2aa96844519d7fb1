"""Dataset seeds in the workflow: each draw is a dataset of its own, with an edit of its own where it is synthetic."""

from workflow_study import STUDY, changed, planned_jobs, run, write_study


def test_every_draw_is_made_and_trained_and_natural_sets_once(tmp_path):
    study = changed(changed(STUDY, "experiments/tiny/dataset_seeds", [1, 2]), "experiments/tiny/seeds", [1, 2])
    write_study(tmp_path, study)
    jobs = planned_jobs(run(tmp_path, "--dry-run"))
    trained = {(job["train_set"], job["seed"]) for job in jobs["train_poster"]}
    drawn = ("Fixed", "Fixed~2", "Hybrid", "Hybrid~2", "Unedited", "Unedited~2")
    assert trained == {(name, seed) for name in ("Raf", *drawn) for seed in "12"}
    assert {job["edit"] for job in jobs["plan_edit"]} == {"fixed", "fixed~2", "varied", "varied~2"}
    # A figure shows one of them, or sums them up.
    assert {job["train_set"] for job in jobs["draw_confusion"]} == {"Raf", "Fixed", "Hybrid", "Unedited"}
    assert {job["dataset"] for job in jobs["draw_contact_sheet"]} == {"Fixed", "Varied", "Unedited"}
