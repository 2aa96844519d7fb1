"""A small study on a SLURM of the tests' own: how it is run, watched and disturbed."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from workflow_study import ROOT, STUDY, changed, write_study

# What a site adds to profiles/slurm, and what spares the tests waiting.
GPU_RULES = ("train_poster", "detect_faces", "edit_faces", "crop_faces", "evaluate_model")
# One thread: the weights are the same to the last bit for one number of threads, and the cores are few.
IN_A_HURRY = {
    "set-threads": {"train_poster": 1},
    "latency-wait": 5,
    "slurm-init-seconds-before-status-checks": 1,
    "slurm-keep-successful-logs": True,
}

POSTER = {key: value for key, value in STUDY["models"]["poster"].items() if key != "pretrained"}
SMALL_STUDY: dict[str, Any] = {
    **{table: STUDY[table] for table in ("sources", "statistics")},
    "models": {"poster": POSTER},
    "drawings": {name: STUDY["drawings"][name] for name in ("portraits", "raf")},
    "generators": {"passthrough": STUDY["generators"]["passthrough"]},
    "edits": {"varied": STUDY["edits"]["varied"]},
    "datasets": {name: STUDY["datasets"][name] for name in ("Raf", "Varied")},
    "experiments": {"tiny": {"models": ["poster"], "seeds": [1], "train_on": ["Raf", "Varied"], "test_on": ["Raf"]}},
}


def with_models(study: Mapping[str, Any], epochs: Mapping[str, int]) -> dict[str, Any]:
    """Return the study with further models that differ in nothing but their names and epochs."""
    for name, number in epochs.items():
        study = changed(study, f"models/{name}", {**POSTER, "epochs": number})
    return dict(study)


def model_of(name: str) -> str:
    return f"results/models/{name}/Raf/seed1/model.safetensors"


def write_cluster_study(
    folder: Path, study: Mapping[str, Any], resources: Mapping[str, Mapping[str, Any]] | None = None
) -> None:
    """Write the study, and the project's profile with what a site adds: partitions and other ``resources`` of rules."""
    write_study(folder, study)
    profile = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text()) | IN_A_HURRY
    profile["default-resources"]["slurm_partition"] = "cpu"
    for rule in GPU_RULES:
        profile["set-resources"].setdefault(rule, {})["slurm_partition"] = "gpu"
    for rule, changes in (resources or {}).items():
        profile["set-resources"][rule] |= changes
    (folder / "profile").mkdir(exist_ok=True)
    (folder / "profile/profile.yaml").write_text(yaml.safe_dump(profile))


def copy_study(finished: Path, folder: Path) -> Path:
    """Copy a study with its files' times, so that nothing of it has to be made again."""
    return shutil.copytree(finished, folder, symlinks=True)


class Run:
    """One snakemake that submits to SLURM, in the background; its output goes to a file in the study's folder."""

    def __init__(self, folder: Path, *arguments: str, snakefile: Path = ROOT / "Snakefile") -> None:
        self.folder = folder
        self.log = folder / f"snakemake-{len(list(folder.glob('snakemake-*.txt')))}.txt"
        command = [sys.executable, "-m", "snakemake", "--snakefile", snakefile, "--directory", folder]
        command += ["--workflow-profile", folder / "profile", *arguments]
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [*map(str, command)],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=ROOT,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                # A shell lets what it runs in the background ignore SIGINT, and that would be inherited.
                preexec_fn=partial(signal.signal, signal.SIGINT, signal.default_int_handler),
            )

    def wait(self, seconds: float = 900) -> int:
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"no end after {seconds} s:\n{self.output()[-6000:]}\n{slurm('squeue')}") from None

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def output(self) -> str:
        return self.log.read_text()

    def submitted(self) -> list[str]:
        """The ids of the SLURM jobs that it submitted."""
        return re.findall(r"has been submitted with SLURM jobid (\d+)", self.output())


def slurm(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def job(number: str) -> dict[str, str]:
    """What SLURM knows of a job, by the names that `scontrol show job` gives."""
    return dict(field.split("=", 1) for field in slurm("scontrol", "show", "job", number).split() if "=" in field)


def jobs_of(folder: Path) -> dict[str, dict[str, str]]:
    """All SLURM jobs of a study, by id."""
    table = slurm("squeue", "--noheader", "--states=all", "--sort=i", "--format=%i|%T|%k|%Z")
    rows = [line.strip().split("|") for line in table.splitlines()]
    return {row[0]: {"state": row[1], "rule": row[2]} for row in rows if row[3] == str(folder)}


def job_of_model(folder: Path, name: str) -> str | None:
    """The newest SLURM job that trains ``name``."""
    found = [number for number, facts in jobs_of(folder).items() if f"_{name}_" in facts["rule"]]
    return max(found, key=int, default=None)


def training_log(folder: Path, name: str) -> str:
    path = folder / f"logs/train/{name}/Raf/seed1.log"
    return path.read_text() if path.exists() else ""


def is_training(folder: Path, name: str) -> bool:
    """Whether the training of ``name`` has epochs behind it and before it, in this attempt."""
    return "INFO epoch " in training_log(folder, name) and not (folder / model_of(name)).exists()


def hurry_requeued_jobs() -> None:
    """Spare requeued jobs the two minutes that SLURM lets them wait."""
    for number in slurm("squeue", "--noheader", "--states=PENDING", "--format=%i %r").splitlines():
        if number.endswith("BeginTime"):
            slurm("scontrol", "update", f"JobId={number.split()[0]}", "StartTime=now")


def wait_until(condition: Callable[[], Any], what: str, seconds: float = 600) -> Any:
    """Return what ``condition`` returns as soon as it is true."""
    for _ in ticks(seconds):
        if value := condition():
            return value
    raise AssertionError(f"waited {seconds} s in vain for this: {what}\n{slurm('squeue')}")


def ticks(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.5)
