"""Runs in one folder: one at a time, and the next after one that was killed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synface.core.errors import InputError
from synface.core.processes import Process
from synface.study.run import FROZEN, LOCKS, LOOKS, begin_run, folders_of, freeze, what_has_changed

SCRIPTS = Path(__file__).resolve().parents[3] / "workflow/scripts"
# A run as far as this module goes: it takes the folder, and with it Snakemake's lock, and waits.
RUN = f"""
import sys
sys.path.insert(0, {str(SCRIPTS)!r})
from synface.study.run import LOCKS, begin_run
begin_run([], "results")
LOCKS.mkdir(parents=True, exist_ok=True)
(LOCKS / "0.output.lock").write_text("results/a")
print("begun", flush=True)
input()
(LOCKS / "0.output.lock").unlink()
"""


@pytest.fixture
def other(tmp_path, monkeypatch):
    """Another run, at work in this folder."""
    monkeypatch.chdir(tmp_path)
    child = subprocess.Popen([sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "begun\n"
    yield child
    child.kill()
    child.communicate()


def locked() -> bool:
    return any(LOCKS.iterdir())


def test_beside_a_run_another_is_refused_in_one_sentence(other):
    with pytest.raises(InputError, match=rf"another run works here, process {other.pid} of .*; wait for its end$"):
        begin_run(["--cores", "2"], "results")
    assert locked()


@pytest.mark.parametrize("option", ["-n", "-np", "--dry-run", "--lint", "--report=a.html", "--list-target-rules"])
def test_looking_is_allowed(other, option):
    assert LOOKS.fullmatch(option.partition("=")[0])
    assert begin_run(["--cores", "2", option], "results") is None


@pytest.mark.parametrize(
    "option", ["-c2", "--cores", "all", "--config", "-Rtrain_poster", "--keep-going", "-j", "models"]
)
def test_making_is_not_looking(option):
    assert not LOOKS.fullmatch(option)


def test_after_one_that_was_killed_the_lock_and_what_it_left_are_cleared(other):
    results = Path("results/models/a/b/seed1")
    results.mkdir(parents=True)
    theirs = results / f".state-{Process.here(other.pid)}-abcdefgh.pt"
    mine = results / f".state-{Process.here()}-abcdefgh.pt"
    theirs.write_text("half")
    mine.write_text("being written")
    other.kill()
    other.wait()
    assert "was killed: what it had not finished is made now" in begin_run([], "results")
    assert not locked()
    assert list(results.iterdir()) == [mine]


def test_a_run_that_ended_in_good_order_is_not_told_of(other):
    other.communicate("\n")
    # The lock of something else than this workflow, in the same folder.
    (LOCKS / "0.output.lock").write_text("theirs")
    assert begin_run([], "results") is None
    assert locked()


def test_a_run_on_another_host_is_believed_while_its_lock_stands(other):
    other.communicate("\n")
    (claim,) = Path(".snakemake/synface-claims/run").glob("*.[0-9]*")
    claim.write_text(claim.read_text().replace(f'"host": "{Process.here().host}"', '"host": "elsewhere"'))
    (LOCKS / "0.output.lock").write_text("theirs")
    with pytest.raises(InputError, match=r"of elsewhere.*; if it is known to have ended, run snakemake --unlock first"):
        begin_run([], "results")
    begin_run(["--unlock"], "results")
    (LOCKS / "0.output.lock").unlink()
    assert begin_run([], "results") is None


def test_two_modules_of_one_workflow_are_one_run(other):
    theirs = Path(f"second/results/models/.state-{Process.here(other.pid)}-abcdefgh.pt")
    theirs.parent.mkdir(parents=True)
    theirs.write_text("half")
    other.communicate("\n")
    assert begin_run([], "first/results") is None
    assert begin_run([], "second/results") is None
    assert not theirs.exists()


def test_of_two_that_begin_at_once_one_works(tmp_path):
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", RUN],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(4)
    ]
    deadline = time.monotonic() + 30
    while sum(run.poll() is None for run in runs) > 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    said = [run.communicate("\n")[0] for run in runs]
    assert sorted(said) == ["", "", "", "begun\n"]


def test_where_results_are_written_without_the_folders_of_images(tmp_path):
    for folder in ("datasets/A/images/train/0_surprise", "drawings/raf/Image/aligned", "models/a/B/seed1", ".hidden/x"):
        (tmp_path / folder).mkdir(parents=True)
    found = {str(folder.relative_to(tmp_path)) for folder in folders_of(tmp_path)}
    assert {"datasets/A/images", "datasets/A/images/train", "drawings", "models/a/B/seed1"} <= found
    assert not any("surprise" in name or "raf" in name or "hidden" in name for name in found)


class TestFrozen:
    CONFIG, CODE = {"models": {"a": {"lr": 0.1}}}, {"train_poster": "abc", "edit_faces": "def"}

    @pytest.fixture(autouse=True)
    def begun(self, monkeypatch):
        monkeypatch.setenv(FROZEN, "{}")
        freeze("results", self.CONFIG, self.CODE)
        freeze("inner/results", {"other": 1}, self.CODE)

    def test_what_is_as_it_was_has_not_changed(self):
        assert what_has_changed("results", {"models": {"a": {"lr": 0.1}}}, {"train_poster": "abc"}) is None
        assert what_has_changed("inner/results", {"other": 1}, self.CODE) is None

    def test_configuration_and_code_are_told(self):
        assert what_has_changed("results", {"models": {"a": {"lr": 0.2}}}, {}) == "configuration"
        assert what_has_changed("results", self.CONFIG, {"train_poster": "xyz"}) == "code"

    def test_another_rules_code_is_not_this_jobs(self):
        assert what_has_changed("results", self.CONFIG, {"edit_faces": "def"}) is None

    def test_without_an_environment_nothing_is_known(self, monkeypatch):
        monkeypatch.delenv(FROZEN)
        assert what_has_changed("results", {}, {"train_poster": "xyz"}) is None
        assert FROZEN not in os.environ
