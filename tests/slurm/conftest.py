"""A SLURM for these tests, a study finished on it, and what was seen, told at the end."""

import os
import re
import signal
import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster import POSTER, SMALL_STUDY, Run, copy_study, job, model_of, with_models, write_cluster_study
from workflow_study import run

from synface.poster.training import train_poster

SCRIPT = Path(__file__).with_name("single_node.sh")
SECTIONS: dict[str, list[str]] = {"Submitted": [], "A GPU job": [], "Faults": []}


def pytest_configure() -> None:
    # Stopped by SIGTERM, pytest would end without stopping the SLURM.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def tell():
    """Return a function: a line for the section of the summary with this name."""
    return lambda section, text: SECTIONS[section].append(text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for title, lines in SECTIONS.items():
        terminalreporter.section(title)
        terminalreporter.write("\n".join([*lines, ""]))


@pytest.fixture(scope="session", autouse=True)
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    folder = tmp_path_factory.mktemp("cluster")
    possible = subprocess.run([SCRIPT, "possible"], capture_output=True, text=True, check=False)
    if possible.returncode != 0:
        pytest.exit(possible.stderr, returncode=1)
    try:
        subprocess.run([SCRIPT, "start", folder / "slurm"], check=True)
        yield
    finally:
        subprocess.run([SCRIPT, "stop", folder / "slurm"], check=True)
        end_orphans(tmp_path_factory.getbasetemp())


def end_orphans(root: Path) -> None:
    """End what still works below ``root``: without cgroups, a lost node forgets the batch steps of its jobs."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(root):
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            continue  # it ended meanwhile


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, tell) -> Path:
    """The folder of a small study that SLURM has run; tests copy it and change nothing in it."""
    folder = tmp_path_factory.mktemp("study") / "finished"
    folder.mkdir()
    write_cluster_study(folder, SMALL_STUDY)
    start = time.monotonic()
    submitting = Run(folder)
    assert submitting.wait() == 0, submitting.output()[-6000:]
    for number, log in re.findall(r"SLURM jobid (\d+) \(log: .*/logs/slurm/(.*)/\d+\.log", submitting.output()):
        tell("Submitted", f"{number:>4} {log}")
    tell("Submitted", f"{len(submitting.submitted())} jobs, {time.monotonic() - start:.0f} s")
    seconds = overheads(folder)
    tell("Submitted", f"a job takes {statistics.median(seconds):.1f} s longer than its script (median)")
    return folder


def overheads(folder: Path) -> list[float]:
    """Return the seconds that every timed SLURM job ran beyond its script: Snakemake twice, and the twin's claim."""
    found = []
    for log in (folder / "logs").rglob("*.log"):
        timing = folder / "results/timings" / log.relative_to(folder / "logs").with_suffix(".tsv")
        number = re.search(r"SLURM job (\d+) on", log.read_text())
        if number and timing.exists():
            hours, minutes, seconds = job(number[1])["RunTime"].split(":")
            script = float(timing.read_text().splitlines()[1].split("\t")[0])
            found.append(3600 * int(hours) + 60 * int(minutes) + int(seconds) - script)
    return found


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study of which there is a dataset to train on; tests copy it and change nothing in it."""
    folder = tmp_path_factory.mktemp("prepared") / "study"
    folder.mkdir()
    write_cluster_study(folder, SMALL_STUDY)
    run(folder, "results/datasets/Raf/metadata.csv")
    return folder


@pytest.fixture(scope="session")
def epochs(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Epochs that take about 8 and 38 s of a CPU: time enough to be disturbed in, also by a time limit."""
    folder, seconds = tmp_path_factory.mktemp("pace"), []
    for number in (1, 41):
        start = time.process_time()
        train_poster(
            metadata=prepared / "results/datasets/Raf/metadata.csv",
            folder=prepared / "results/datasets/Raf",
            **{name: folder / name for name in ("history", "provenance", "state")},
            model=folder / "model.safetensors",
            pretrained={},
            settings={**POSTER, "epochs": number},
            seed=1,
            device="cpu",
        )
        seconds.append(time.process_time() - start)
    each = (seconds[1] - seconds[0]) / 40
    return {"short": int(8 / each), "long": int(38 / each)}


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, epochs, prepared) -> dict[str, bytes]:
    """The weights of trainings that nothing disturbed, by length; made by the same two commands, on this machine."""
    folder = copy_study(prepared, tmp_path_factory.mktemp("undisturbed") / "study")
    write_cluster_study(folder, with_models(SMALL_STUDY, epochs))
    run(folder, *(model_of(name) for name in epochs), "--set-threads", "train_poster=1")
    return {name: (folder / model_of(name)).read_bytes() for name in epochs}
