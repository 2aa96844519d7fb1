"""Snakemake itself is interrupted, or lost while its jobs run, and started again."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cluster import (
    SMALL_STUDY,
    Run,
    copy_study,
    is_training,
    job,
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

MODEL = "interrupted"
LONG = ("lost", "lost-late")  # must outlive the start of a second Snakemake, four at the same time


def trainings(folder: Path) -> list[str]:
    """The SLURM jobs of the training, in the order of their submission."""
    return [number for number, facts in jobs_of(folder).items() if f"_{MODEL}_" in facts["rule"]]


def length(name: str) -> str:
    return "long" if name in LONG else "short"


def is_over(number: str) -> bool:
    return job(number)["JobState"] not in ("RUNNING", "COMPLETING")


def start_again(folder: Path) -> Run:
    """What a user does after Snakemake was killed."""
    run_here(folder, "--unlock", model_of(MODEL))
    return Run(folder, model_of(MODEL))


def interrupt(folder: Path, run: Run) -> None:
    """SIGINT, as by Ctrl-C; then the same command again."""
    run.send(signal.SIGINT)
    run.wait()
    wait_until(lambda: is_over(trainings(folder)[0]), "the cancelled job's end")
    Run(folder, model_of(MODEL)).wait()


def terminate(folder: Path, run: Run) -> None:
    """SIGTERM, as when a login node is shut down in good order."""
    run.send(signal.SIGTERM)
    run.wait()


def lose(folder: Path, run: Run) -> None:
    """SIGKILL; a second Snakemake submits the twin of a job that runs."""
    run.send(signal.SIGKILL)
    run.wait()
    start_again(folder).wait()


def lose_until_later(folder: Path, run: Run) -> None:
    """SIGKILL; the twin waits in the queue until the lost run's job has ended, as on a busy cluster."""
    run.send(signal.SIGKILL)
    run.wait()
    slurm("scontrol", "update", "PartitionName=late", "State=DOWN")
    again = start_again(folder)
    wait_until(lambda: len(trainings(folder)) == 2, "the twin")
    wait_until(lambda: is_over(trainings(folder)[0]), "the lost run's job's end")
    assert job(trainings(folder)[1])["JobState"] == "PENDING"
    slurm("scontrol", "update", "PartitionName=late", "State=UP")
    again.wait()


CASES: dict[str, Callable[[Path, Run], None]] = {
    "interrupted": interrupt,
    "terminated": terminate,
    "lost": lose,
    "lost-late": lose_until_later,
}


@pytest.fixture(scope="module")
def ended(prepared, epochs, tmp_path_factory) -> dict[str, Path]:
    """The folders of four studies, each with a training in which Snakemake was disturbed; all at the same time."""
    root = tmp_path_factory.mktemp("interruptions")

    def play(name: str) -> Path:
        folder = copy_study(prepared, root / name)
        partition = {"train_poster": {"slurm_partition": "late" if name == "lost-late" else "gpu"}}
        write_cluster_study(folder, with_models(SMALL_STUDY, {MODEL: epochs[length(name)]}), partition)
        run = Run(folder, model_of(MODEL))
        wait_until(lambda: is_training(folder, MODEL), "training")
        CASES[name](folder, run)
        return folder

    with ThreadPoolExecutor(len(CASES)) as together:
        return dict(zip(CASES, together.map(play, CASES), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_all_is_complete_and_equal_to_an_undisturbed_training(ended, undisturbed, name):
    folder = ended[name]
    assert (folder / model_of(MODEL)).read_bytes() == undisturbed[length(name)]
    assert planned_jobs(run_here(folder, "--dry-run", model_of(MODEL))) == {}


def test_after_sigint_the_next_run_resumes(ended, tell):
    folder = ended["interrupted"]
    assert [job(number)["JobState"] for number in trainings(folder)] == ["CANCELLED", "COMPLETED"]
    assert "going on after" in training_log(folder, MODEL)
    tell("Faults", "SIGINT     job cancelled; started again: resumed, equal weights")


def test_sigterm_waits_for_what_runs(ended, tell):
    folder = ended["terminated"]
    assert [job(number)["JobState"] for number in trainings(folder)] == ["COMPLETED"]
    tell("Faults", "SIGTERM    Snakemake waited for the running job; nothing left to do, equal weights")


def test_a_twin_waits_for_the_job_of_a_lost_snakemake(ended, tell):
    folder = ended["lost"]
    lost, twin = trainings(folder)
    said = next((folder / "logs/slurm").rglob(f"{twin}.log")).read_text()
    assert f"is being computed by SLURM job {lost}" in said
    assert f"was finished by SLURM job {lost}" in said
    # The log is the lost job's still: the twin computed nothing.
    assert f"SLURM job {lost} on" in training_log(folder, MODEL)
    tell("Faults", f"SIGKILL    twin (job {twin}) waited for job {lost} and kept its result, equal weights")


def test_a_twin_that_starts_later_keeps_what_was_finished_meanwhile(ended, tell):
    folder = ended["lost-late"]
    lost, twin = trainings(folder)
    said = next((folder / "logs/slurm").rglob(f"{twin}.log")).read_text()
    assert "is being computed" not in said
    assert f"was finished by SLURM job {lost}" in said
    assert f"SLURM job {lost} on" in training_log(folder, MODEL)
    tell("Faults", f"SIGKILL    twin (job {twin}) started after job {lost} had ended, kept its result, equal weights")
