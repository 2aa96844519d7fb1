import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from synface.core import processes
from synface.study import claim as module
from synface.study.claim import Claim, is_computing, is_finished, take_claim

LOST = Claim(job="7", host="node-1", process=100, started="1", content="abc")
TWIN = replace(LOST, job="8", host="node-2", process=200)


def never(claim: Claim) -> bool:
    return False


@pytest.fixture
def squeue(tmp_path, monkeypatch):
    """Return a function that puts a squeue on the PATH which answers with this."""

    def answer(states: str, errors: str = "", status: int = 0) -> None:
        script = tmp_path / "squeue"
        script.write_text(f"#!/bin/sh\nprintf '{states}'\nprintf '{errors}' >&2\nexit {status}\n")
        script.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    return answer


def test_the_first_job_takes_over_from_nobody_and_the_next_from_it(tmp_path):
    assert take_claim(tmp_path, "train", LOST, computes=never) is None
    assert take_claim(tmp_path, "train", TWIN, computes=never) == LOST
    assert take_claim(tmp_path, "another", TWIN, computes=never) is None
    # One small file for each, none left from the takeover.
    assert len(list(tmp_path.iterdir())) == 2


def test_a_job_waits_as_long_as_the_holder_computes(tmp_path):
    take_claim(tmp_path, "train", LOST)
    answers = iter([True, True, False])
    waits = []
    before = take_claim(
        tmp_path, "train", TWIN, computes=lambda claim: next(answers), wait=lambda claim: waits.append(1)
    )
    assert before == LOST
    assert len(waits) == 2


def test_a_job_that_is_overtaken_in_taking_over_waits_for_the_faster_one(tmp_path):
    take_claim(tmp_path, "train", LOST)
    faster = replace(LOST, job="9")
    asked = []

    def computes(claim: Claim) -> bool:
        asked.append(claim.job)
        if len(asked) == 1:  # the lost job is found dead, and at this moment another takes its claim over
            take_claim(tmp_path, "train", faster, computes=never)
        return asked.count("9") == 1

    assert take_claim(tmp_path, "train", TWIN, computes=computes, wait=lambda claim: None) == faster
    assert asked == ["7", "9", "9"]


def test_a_job_that_sleeps_through_two_takeovers_looks_again(tmp_path):
    take_claim(tmp_path, "train", LOST)
    second, third = replace(LOST, job="9"), replace(LOST, job="10")
    asked = []

    def computes(claim: Claim) -> bool:
        asked.append(claim.job)
        if len(asked) == 1:
            for other in (second, third):  # the number after the lost job's is used, and free again
                take_claim(tmp_path, "train", other, computes=never)
        return False

    assert take_claim(tmp_path, "train", TWIN, computes=computes) == third
    assert asked == ["7", "10"]
    assert len(list(tmp_path.iterdir())) == 1


def test_of_many_jobs_that_take_over_at_once_one_at_a_time_holds_the_claim(tmp_path):
    take_claim(tmp_path, "train", LOST)
    holding: list[str] = []
    most = []
    done: set[str] = {LOST.job}

    def work(number: int) -> None:
        mine = replace(TWIN, job=str(number))
        take_claim(tmp_path, "train", mine, computes=lambda c: c.job not in done, wait=lambda claim: time.sleep(0.001))
        holding.append(mine.job)
        most.append(len(holding))
        time.sleep(0.005)
        holding.remove(mine.job)
        done.add(mine.job)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(10, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 20


@pytest.mark.parametrize(
    ("states", "computes"),
    [
        ("RUNNING", True),
        ("COMPLETING", True),
        ("SUSPENDED", True),
        ("PENDING", False),
        ("COMPLETED", False),
        ("", False),
    ],
)
def test_a_job_on_another_host_computes_when_slurm_says_so(squeue, states, computes):
    squeue(states)
    assert is_computing(LOST) is computes


def test_a_job_that_slurm_has_forgotten_is_over_but_a_silent_slurm_says_nothing(squeue):
    squeue("", "slurm_load_jobs error: Invalid job id specified", 1)
    assert not is_computing(LOST)
    squeue("", "slurm_load_jobs error: Unable to contact slurm controller", 1)
    assert is_computing(LOST)


def test_without_a_squeue_no_job_waits_for_ever(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not is_computing(LOST)


def test_a_process_that_lives_computes_even_when_slurm_has_given_it_up(squeue, monkeypatch):
    squeue("COMPLETED")
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    here = replace(LOST, host=Claim.of_this_job("").host, process=child.pid)
    started = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]
    assert is_computing(replace(here, started=started))
    assert not is_computing(replace(here, started="1"))  # another process had the number before
    child.communicate(b"\n")
    assert not is_computing(replace(here, started=started))


def test_a_requeued_job_does_not_wait_for_itself(squeue, monkeypatch):
    squeue("RUNNING")
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    assert not is_computing(LOST)


def test_outputs_are_finished_when_all_are_there_and_new(tmp_path):
    files = [tmp_path / "model", tmp_path / "history"]
    assert not is_finished(files, since=0)
    files[0].write_text("")
    assert not is_finished(files, since=0)
    files[1].write_text("")
    os.utime(files[0], (1000, 1000))
    os.utime(files[1], (2000, 2000))
    assert is_finished(files, since=999)
    assert not is_finished(files, since=1500)


def test_a_claim_names_this_process(monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    mine = Claim.of_this_job("abc")
    assert (mine.job, mine.process, mine.content) == ("12", os.getpid(), "abc")
    assert module.is_computing(mine)


def test_where_no_start_of_a_process_can_be_read_only_slurm_is_asked(monkeypatch, squeue):
    """Without /proc, as on macOS, nothing tells a dead holder from a living one: a claim must not be held for ever."""
    monkeypatch.setattr(processes, "start_of", lambda process: "")
    holder = replace(LOST, host=processes.socket.gethostname(), started="")
    squeue("")
    assert not is_computing(holder)
    squeue("RUNNING\\n")
    assert is_computing(holder)
