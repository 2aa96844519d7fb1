"""One finished study for all tests of the workflow."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from workflow_study import STUDY, planned_jobs, run, write_study


@pytest.fixture(scope="session")
def finished(told_run: tuple[Path, str]) -> Path:
    """The folder of a finished study; tests read it and make dry runs in it, but change nothing."""
    return told_run[0]


@pytest.fixture(scope="session")
def told_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a finished study, and what its run printed as `make demo` has it."""
    folder = tmp_path_factory.mktemp("a study")
    write_study(folder, STUDY)
    return folder, run(folder, "--logger", "synface")


@pytest.fixture(scope="session")
def would_rerun(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Mapping[str, Any]], dict]:
    """Return a function: the jobs that the finished study would run again under another configuration."""
    folder = tmp_path_factory.mktemp("configurations")

    def dry_run(study: Mapping[str, Any]) -> dict[str, list[dict[str, str]]]:
        file = folder / "changed.yaml"
        file.write_text(yaml.safe_dump(dict(study), sort_keys=False))
        return planned_jobs(run(finished, "--dry-run", "--configfile", str(file)))

    return dry_run
