"""Times of files tell nothing here: a clock that was wrong, a copy or a backup reruns nothing and fails nothing."""

import os
import shutil
import time
from pathlib import Path

import pytest
from workflow_study import planned_jobs, run

PAST, FUTURE = 631_152_000, 4_102_444_800  # the years 1990 and 2100


@pytest.fixture
def study(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished study that a test may change."""
    return shutil.copytree(finished, tmp_path / "study", symlinks=True)


def set_times(folder: Path, seconds: float, pattern: str = "*") -> None:
    for path in folder.rglob(pattern):
        os.utime(path, (seconds, seconds))


@pytest.mark.parametrize("seconds", [PAST, FUTURE], ids=["past", "future"])
@pytest.mark.parametrize("of", ["resources", "config", "results"])
def test_times_in_the_past_or_future_rerun_nothing(study, of, seconds):
    set_times(study / of, seconds)
    assert planned_jobs(run(study, "--dry-run")) == {}
    assert "Nothing to be done" in run(study)


def test_what_is_made_of_results_from_the_future_is_made(study):
    set_times(study / "results", FUTURE)
    (study / "results/tables/accuracy.csv").unlink()
    (study / "results/datasets/Hybrid/digest.txt").unlink()
    run(study)
    assert planned_jobs(run(study, "--dry-run")) == {}
    files = [path for path in (study / "results").rglob("*") if "images" not in path.parts and path.is_file()]
    assert max(path.stat().st_mtime for path in files if "drawings" not in path.parts) <= time.time()
