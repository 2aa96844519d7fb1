import os
from dataclasses import replace

import pytest

from synface.study import claim, cluster
from synface.study.claim import Claim

JOBS = {"train": (["model"], {"epochs": 3})}


@pytest.fixture
def slurm_job(tmp_path, monkeypatch):
    """Be SLURM job 8, which no other job stands in the way of."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLURM_JOB_ID", "8")
    monkeypatch.setenv("SYNFACE_RUN_START", "1000")
    monkeypatch.setattr(claim, "is_computing", lambda claim: False)
    return tmp_path


def another_job_computed(monkeypatch, jobs=JOBS) -> None:
    """Leave the claim and the output of another job."""
    mine = Claim.of_this_job
    monkeypatch.setattr(Claim, "of_this_job", lambda content: replace(mine(content), job="7"))
    cluster.are_finished_by_others(jobs)
    monkeypatch.setattr(Claim, "of_this_job", mine)


def write(path, time: float) -> None:
    path.write_text("")
    os.utime(path, (time, time))


def test_a_first_job_computes(slurm_job):
    write(slurm_job / "model", 2000)  # by whom, nobody knows
    assert not cluster.are_finished_by_others(JOBS)


def test_what_another_job_finished_since_the_run_began_is_kept(slurm_job, monkeypatch):
    another_job_computed(monkeypatch)
    write(slurm_job / "model", 2000)
    assert cluster.are_finished_by_others(JOBS)


def test_what_is_older_than_the_run_is_computed_again_since_snakemake_wants_it(slurm_job, monkeypatch):
    another_job_computed(monkeypatch)
    write(slurm_job / "model", 500)
    assert not cluster.are_finished_by_others(JOBS)


def test_what_was_made_from_something_else_is_computed_again(slurm_job, monkeypatch):
    another_job_computed(monkeypatch, {"train": (["model"], {"epochs": 2})})
    write(slurm_job / "model", 2000)
    assert not cluster.are_finished_by_others(JOBS)


def test_a_group_is_finished_when_all_its_jobs_are(slurm_job, monkeypatch):
    jobs = JOBS | {"score": (["metrics"], {})}
    another_job_computed(monkeypatch, jobs)
    write(slurm_job / "model", 2000)
    assert not cluster.are_finished_by_others(jobs)
    another_job_computed(monkeypatch, jobs)
    write(slurm_job / "metrics", 2000)
    assert cluster.are_finished_by_others(jobs)


def test_of_a_jobs_two_snakemakes_the_inner_one_computes(monkeypatch):
    inner = ["snakemake", "--target-jobs", "train:a=1", "--mode", "remote"]
    monkeypatch.setenv("SLURM_JOB_ID", "8")
    assert cluster.is_computing_part(inner)
    assert not cluster.is_computing_part([*inner, "--executor", "slurm-jobstep"])
    monkeypatch.delenv("SLURM_JOB_ID")
    assert not cluster.is_computing_part(inner)


def test_libraries_use_the_cpus_of_the_job(monkeypatch):
    for name in cluster.THREAD_LIMITS:
        monkeypatch.setenv(name, "64")
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "3")
    cluster.limit_threads()
    assert {os.environ[name] for name in cluster.THREAD_LIMITS} == {"3"}


def test_arguments_of_an_option_end_at_the_next():
    command = ["snakemake", "--target-jobs", "train:a=1", "score:a=1", "--cores", "all"]
    assert cluster.arguments_of("--target-jobs", command) == ["train:a=1", "score:a=1"]
    assert cluster.arguments_of("--jobs", command) == []
