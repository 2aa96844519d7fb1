"""Snakemake itself is interrupted, or lost while its jobs run, and started again."""

import signal

import pytest
from cluster import (
    SMALL_STUDY,
    Run,
    copy_study,
    is_training,
    job,
    job_of_model,
    jobs_of,
    model_of,
    slurm,
    training_log,
    wait_until,
    with_models,
    write_cluster_study,
)
from workflow_study import planned_jobs
from workflow_study import run as run_here


@pytest.fixture
def started(prepared, epochs, tmp_path):
    """Return the folder of a study and a run that is in the middle of a training."""
    folder = copy_study(prepared, tmp_path / "study")
    write_cluster_study(folder, with_models(SMALL_STUDY, {"interrupted": epochs["short"]}))
    run = Run(folder, model_of("interrupted"))
    wait_until(lambda: is_training(folder, "interrupted"), "training")
    return folder, run


def check_the_end(folder, undisturbed) -> None:
    assert (folder / model_of("interrupted")).read_bytes() == undisturbed["short"]
    assert planned_jobs(run_here(folder, "--dry-run", model_of("interrupted"))) == {}


def trainings(folder) -> list[str]:
    return [number for number, facts in jobs_of(folder).items() if "_interrupted_" in facts["rule"]]


def test_sigint_cancels_and_the_next_run_resumes(started, undisturbed, tell):
    folder, run = started
    run.send(signal.SIGINT)
    assert run.wait() != 0
    (first,) = trainings(folder)
    wait_until(lambda: job(first)["JobState"] == "CANCELLED", "cancelled job")
    again = Run(folder, model_of("interrupted"))
    assert again.wait() == 0, again.output()[-6000:]
    check_the_end(folder, undisturbed)
    assert "going on after" in training_log(folder, "interrupted")
    tell("Faults", "SIGINT     job cancelled; run again: resumed, equal weights")


def test_sigterm_waits_for_what_runs(started, undisturbed, tell):
    folder, run = started
    run.send(signal.SIGTERM)
    run.wait()
    assert len(trainings(folder)) == 1
    assert job(trainings(folder)[0])["JobState"] == "COMPLETED"
    check_the_end(folder, undisturbed)
    tell("Faults", "SIGTERM    waited for the running job; nothing left to do, equal weights")


def test_a_twin_waits_for_the_job_of_a_lost_snakemake(started, undisturbed, tell):
    folder, run = started
    run.send(signal.SIGKILL)
    run.wait()
    lost = job_of_model(folder, "interrupted")
    run_here(folder, "--unlock", model_of("interrupted"))
    again = Run(folder, model_of("interrupted"))
    twin = wait_until(lambda: next((n for n in trainings(folder) if n != lost), None), "the twin")
    assert again.wait() == 0, again.output()[-6000:]
    slurm_log = next((folder / "logs/slurm").rglob(f"{twin}.log")).read_text()
    assert f"is being computed by SLURM job {lost}" in slurm_log
    assert f"was finished by SLURM job {lost}" in slurm_log
    # The log is the lost job's still: the twin computed nothing.
    assert f"SLURM job {lost} on" in training_log(folder, "interrupted")
    assert job(lost)["JobState"] == job(twin)["JobState"] == "COMPLETED"
    check_the_end(folder, undisturbed)
    tell("Faults", "SIGKILL    twin waited for the lost run's job and kept its result, equal weights")


def test_a_twin_that_starts_later_keeps_what_was_finished_meanwhile(started, undisturbed, tell):
    folder, run = started
    run.send(signal.SIGKILL)
    run.wait()
    lost = job_of_model(folder, "interrupted")
    run_here(folder, "--unlock", model_of("interrupted"))
    # No GPU is free for the twin before the lost run's job has ended. Snakemake would then remove the result.
    blocker = slurm("sbatch", "--parsable", "--partition=urgent", "--gpus=3", "--output=/dev/null", "--wrap=sleep 300")
    again = Run(folder, model_of("interrupted"))
    twin = wait_until(lambda: next((n for n in trainings(folder) if n != lost), None), "the twin")
    assert job(twin)["JobState"] == "PENDING"
    assert again.wait() == 0, again.output()[-6000:]
    slurm("scancel", blocker.strip())
    slurm_log = next((folder / "logs/slurm").rglob(f"{twin}.log")).read_text()
    assert "is being computed" not in slurm_log
    assert f"was finished by SLURM job {lost}" in slurm_log
    assert f"SLURM job {lost} on" in training_log(folder, "interrupted")
    check_the_end(folder, undisturbed)
    tell("Faults", "SIGKILL    twin started after the lost run's job had ended and kept its result, equal weights")
