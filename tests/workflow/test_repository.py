"""What is tracked and what is not: a clone holds no folder of a developer, no command of the Makefile litters it."""

import re
import shutil
from pathlib import Path

import pytest
from workflow_study import ROOT, git, make_clone, tracked

pytestmark = pytest.mark.skipif(
    not (ROOT / ".git").exists() or shutil.which("git") is None, reason="not a git checkout: nothing is tracked"
)

# A home or work folder, as an absolute path: not $HOME/faces, not at-home/work.
FOLDER_OF_SOMEBODY = re.compile(rb"(?<![\w.~$})-])/(?:home|Users|root|work)/[\w.]")
SETUP = [".venv/installed-1", ".venv/torch-index"]
LINT = [".ruff_cache/CACHEDIR.TAG", ".snakemake/log/1.log", "workflow/scripts/synface/__pycache__/a.cpython-311.pyc"]
RUN = [".snakemake/log/1.log", "logs/plan/1.log", "results/report/index.html"]
# What each target of the Makefile writes in the checkout.
WRITES = {
    "help": [],
    "setup": SETUP,
    "demo": [f"examples/drawn-faces/{path}" for path in RUN],
    "photographs": [f"examples/photographs/{path}" for path in RUN],
    "verify": ["workflow/scripts/synface/__pycache__/a.cpython-311.pyc"],
    "fetch": [".snakemake/log/1.log", "logs/fetch/weights.log", "resources/weights/a.pth.part"],
    "predict": ["results/photographs/faces.png", "workflow/scripts/synface/__pycache__/a.cpython-311.pyc"],
    "test": [*LINT, ".pytest_cache/README.md", ".hypothesis/constants/a", "tests/unit/__pycache__/a.cpython-311.pyc"],
    "test-browser": [".pytest_cache/README.md", "tests/browser/__pycache__/a.cpython-311.pyc"],
    "test-slurm": [".pytest_cache/README.md", "tests/slurm/__pycache__/a.cpython-311.pyc"],
    "chaos": ["tests/workflow/__pycache__/chaos.cpython-311.pyc"],
    "lint": LINT,
    "format": LINT,
    "ablation": ["results/ablation/drawn/table.csv", "results/ablation/portraits/cast.png"],
    "bench": ["benchmarks/__pycache__/a.cpython-311.pyc"],
    "schema": ["workflow/scripts/synface/__pycache__/a.cpython-311.pyc"],
    "report": ["examples/drawn-faces/results/report/snakemake.html"],
    "lock": [".venv/requirements.lock"],
    # Not of the Makefile: the study itself, the example without a target, images, and pip.
    "snakemake": [*RUN, "resources/ffhq/00000.png", "resources/raf-db.zip"],
    "demo-networks": [f"examples/demo-networks/{path}" for path in RUN],
    "another-generator": [f"examples/another-generator/{path}" for path in (*RUN, "resources/edited/fear/00000.png")],
    "containers": ["build/image/Makefile", "build/synface.tar", "build/synface.sif"],
    "pip install .": ["build/lib/a.py", "dist/a.whl", "a.egg-info/PKG-INFO", "workflow/scripts/a.egg-info/PKG-INFO"],
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clone(tmp_path_factory.mktemp("clone"))


def status(folder: Path) -> str:
    return git(folder, "status", "--porcelain")


def test_no_link_is_tracked():
    entries = git(ROOT, "ls-files", "--stage").splitlines()
    assert len(entries) > 100
    assert [entry for entry in entries if entry.startswith("120000")] == []


def test_no_tracked_file_names_a_folder_of_somebody():
    found = {}
    for path in tracked():
        if (ROOT / path).is_file():
            hit = FOLDER_OF_SOMEBODY.search((ROOT / path).read_bytes())
            if hit:
                found[path] = hit[0]
    assert found == {}


@pytest.mark.parametrize(
    ("text", "names_one"),
    [
        ('images: "@home/ann/faces"', True),
        ("@Users/ann", True),
        ("-> @root/.cache", True),
        ("$HOME/faces", False),
        ("put it in $WORK or @tmp", False),
        ("at-home@work/a", False),
    ],
)
def test_what_counts_as_a_folder_of_somebody(text, names_one):
    """An @ stands for the slash: this file is looked at too."""
    assert bool(FOLDER_OF_SOMEBODY.search(text.replace("@", "/").encode())) is names_one


def test_every_target_of_the_makefile_is_looked_at():
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert set(targets) <= set(WRITES)


@pytest.mark.parametrize("target", WRITES)
def test_git_status_stays_empty(clone, target):
    for path in WRITES[target]:
        (clone / path).parent.mkdir(parents=True, exist_ok=True)
        (clone / path).touch()
    assert status(clone) == ""


def test_links_are_ignored_like_folders(clone, tmp_path):
    """The environment shared by several checkouts, and what `make photographs` links."""
    shutil.rmtree(clone / ".venv", ignore_errors=True)
    resources = clone / "examples/photographs/resources"
    resources.mkdir(parents=True, exist_ok=True)
    for link in (clone / ".venv", resources / "portraits", resources / "labelled", clone / "resources/ffhq-link"):
        link.symlink_to(tmp_path)
    assert status(clone) == ""


def test_what_is_not_ignored_is_seen(clone):
    stray = clone / "workflow/stray.py"
    stray.touch()
    try:
        assert status(clone) == "?? workflow/stray.py\n"
    finally:
        stray.unlink()
