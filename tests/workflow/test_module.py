"""The workflow inside another one: as a module with a prefix on the user's own data, and from a hosted source."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from own_workflow import LOCAL, write_own_workflow
from workflow_study import ROOT, planned_jobs

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
HOSTED = 'github("owner/synface", path="workflow/Snakefile", tag="v0.1.0")'
# Where Snakemake keeps bare clones of what `github` names, so that a test needs no network.
CACHE = "snakemake/snakemake/source-cache/snakemake-git-cache/github.com/owner/synface"


def snakemake(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", *arguments],
        cwd=folder,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_two_modules_with_prefixes_share_the_users_data_and_nothing_else(tmp_path):
    write_own_workflow(tmp_path / "own", LOCAL, prefixes=("first", "second"))
    done = snakemake(tmp_path / "own")
    assert done.returncode == 0, done.stdout[-3000:]
    made = {path.relative_to(tmp_path / "own").parts[0] for path in (tmp_path / "own").rglob("*") if path.is_file()}
    assert made == {"Snakefile", "config", "resources", ".snakemake", "first", "second"}
    first, second = (tmp_path / "own" / name / "results/tables/accuracy.csv" for name in ("first", "second"))
    assert first.read_text() == second.read_text()
    timings = list((tmp_path / "own/first/results/timings/train").rglob("*.tsv"))
    timings[0].unlink()
    again = planned_jobs(snakemake(tmp_path / "own", "--dry-run").stdout)
    assert "first_train_poster" not in again


def test_missing_data_of_a_module_is_asked_for_where_the_user_has_it(tmp_path):
    write_own_workflow(tmp_path / "own", LOCAL, prefixes=("inner",))
    shutil.rmtree(tmp_path / "own/resources/own")
    done = snakemake(tmp_path / "own", "--dry-run")
    assert done.returncode != 0
    assert "resources/own" in done.stdout
    assert "inner/resources" not in done.stdout


@pytest.fixture(scope="module")
def hosted(tmp_path_factory) -> Path:
    """A cache of Snakemake's that holds the working tree as a tagged repository."""
    folder = tmp_path_factory.mktemp("hosted")
    git = ["git", "-c", "user.name=test", "-c", "user.email=test@example.org"]
    tree = folder / "tree"
    ignored = shutil.ignore_patterns(".git", ".venv", ".snakemake", "results", "logs", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, tree, ignore=ignored, symlinks=True)
    for command in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["commit", "--quiet", "--message", "all"],
        ["tag", "v0.1.0"],
    ):
        subprocess.run([*git, *command], cwd=tree, check=True)
    subprocess.run(["git", "clone", "--quiet", "--bare", tree, folder / "cache" / CACHE], check=True)
    return folder / "cache"


def install(folder: Path, version: str) -> Path:
    """Lay the package out as pip does; return the folder to import it from."""
    shutil.copytree(ROOT / "workflow/scripts/synface", folder / "synface", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "workflow/scripts/drawn", folder / "drawn", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / f"synface-{version}.dist-info").mkdir()
    metadata = f"Metadata-Version: 2.1\nName: synface\nVersion: {version}\n"
    (folder / f"synface-{version}.dist-info/METADATA").write_text(metadata)
    return folder


def test_a_hosted_workflow_runs_with_the_installed_package(tmp_path, hosted):
    write_own_workflow(tmp_path / "own", HOSTED)
    places = {"XDG_CACHE_HOME": str(hosted), "PYTHONPATH": str(install(tmp_path / "site-packages", VERSION))}
    done = snakemake(tmp_path / "own", **places)
    assert done.returncode == 0, done.stdout[-3000:]
    assert (tmp_path / "own/results/tables/accuracy.csv").is_file()
    again = snakemake(tmp_path / "own", "--dry-run", **places)
    assert planned_jobs(again.stdout) == {}


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        (None, "needs the package synface of its version, here and in the environments of its jobs; found none"),
        ("0.0.9", f"the workflow is version {VERSION}, the installed package synface 0.0.9; expected the same"),
    ],
    ids=["none", "another"],
)
def test_a_hosted_workflow_says_which_package_it_needs(tmp_path, hosted, version, sentence):
    write_own_workflow(tmp_path / "own", HOSTED)
    path = str(install(tmp_path / "site-packages", version)) if version else ""
    done = snakemake(tmp_path / "own", "--dry-run", XDG_CACHE_HOME=str(hosted), PYTHONPATH=path)
    assert done.returncode != 0
    assert sentence in done.stdout
    assert len(done.stdout.splitlines()) <= 10
