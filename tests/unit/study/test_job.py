"""How a job begins and ends: by real processes."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from synface.core.processes import Process
from synface.study.claim import Claim, take_claim
from synface.study.cluster import CLAIMS
from synface.study.fingerprint import fingerprint

SCRIPTS = Path(__file__).resolve().parents[3] / "workflow/scripts"
JOB = f"""
import signal, sys, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)  # as from a terminal
sys.path.insert(0, {str(SCRIPTS)!r})
from synface.core.files import atomic_path
from synface.study.job import begin_job
begin_job("job.log", "")
try:
    with atomic_path("result.csv") as temporary:
        print("begun", flush=True)
        if sys.argv[1] == "wait":
            time.sleep(60)
        temporary.write_text("made")
        if sys.argv[1] == "input":
            input()
finally:
    print("finally", flush=True)
"""


@pytest.fixture
def begin(tmp_path, monkeypatch):
    """Return a function that begins a job in an empty folder."""
    monkeypatch.chdir(tmp_path)
    begun = []

    def begin(what: str, **environment: str) -> subprocess.Popen:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        begun.append(subprocess.Popen([sys.executable, "-c", JOB, what], text=True, **pipes))
        return begun[-1]

    yield begin
    for job in begun:
        job.kill()
        job.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_it_with_one_line_after_its_finally(begin, number):
    job = begin("wait")
    assert job.stdout.readline() == "begun\n"
    job.send_signal(number)
    said, errors = job.communicate(timeout=20)
    assert job.returncode == 128 + number
    assert said == "finally\n"
    assert errors == f"stopped by {number.name}; the same command makes it again\n"
    assert f"ERROR {errors.strip()}" in Path("job.log").read_text()
    assert {path.name for path in Path().iterdir()} == {".snakemake", "job.log"}


def test_it_ends_with_its_snakemake(begin):
    snakemake = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    job = begin("wait", SYNFACE_SNAKEMAKE=str(Process.here(snakemake.pid)))
    assert job.stdout.readline() == "begun\n"
    snakemake.kill()
    snakemake.communicate()
    assert job.wait(20) == 128 + signal.SIGTERM
    assert not Path("result.csv").exists()


def test_it_waits_for_the_orphan_of_a_run_before(begin):
    orphan = begin("input")
    assert orphan.stdout.readline() == "begun\n"
    job = begin("at once")
    with pytest.raises(subprocess.TimeoutExpired):
        job.wait(2)
    orphan.communicate("\n")
    said, errors = job.communicate(timeout=20)
    assert said == "begun\nfinally\n"
    assert "is being computed by process" in errors


def test_what_was_taken_over_is_not_written(begin):
    job = begin("input")
    assert job.stdout.readline() == "begun\n"
    take_claim(CLAIMS, "job job.log", Claim.of_this_job(""), computes=lambda claim: False)
    _, errors = job.communicate("\n", timeout=20)
    assert job.returncode == 1
    assert errors.splitlines()[-1].startswith("job job.log: another run has taken this job over")
    assert not Path("result.csv").exists()


def test_another_code_than_the_run_began_with_is_refused(tmp_path):
    # A job is told by where its script lies: beside the library.
    program = f"""
import sys
sys.path.insert(0, {str(SCRIPTS)!r})
from synface.study.job import begin_job
sys.modules["__main__"].__file__ = {str(SCRIPTS / "plan_edit.py")!r}
begin_job("job.log", sys.argv[1])
"""
    for code, status in ((fingerprint(SCRIPTS / "plan_edit.py"), 0), ("0123456789ab", 1)):
        command = [sys.executable, "-c", program, code]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
    assert done.stderr.startswith("plan_edit.py: the code was changed after this run had begun")
    assert len(done.stderr.splitlines()) == 1


def test_ctrl_c_while_a_script_imports_is_no_traceback():
    program = f"""
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # as from a terminal
sys.path.insert(0, {str(SCRIPTS)!r})
__real_file__ = "as Snakemake marks its scripts"
import synface
os.kill(os.getpid(), signal.SIGINT)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, "")


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.py")), ids=lambda path: path.stem)
def test_every_script_begins_so(script):
    assert "\nbegin_job(snakemake.log[0], snakemake.params.code)\n" in script.read_text()
