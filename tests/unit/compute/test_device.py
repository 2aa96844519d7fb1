import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from synface.compute import device as module
from synface.compute.device import choose_device, nvidia_driver

SCRIPTS = str(Path(module.__file__).parents[len(module.__name__.split(".")) - 1])
# What PyTorch 2.12 warns of, as its source says it: 12040 is CUDA 12.4, which came with the driver 550.
TOO_OLD = (
    "CUDA initialization: The NVIDIA driver on your system is too old (found version 12040). Please update your GPU "
    "driver by downloading and installing a new version."
)
PROC_OPEN = """NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build  (dvs-builder@U22-I3)
GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)
"""
PROC_CLOSED = """NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb 22 01:44:30 UTC 2024
GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)
"""


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that gives this machine another driver and another PyTorch, none of which finds a GPU."""

    def pretend(*, driver: str | None, cuda: str | None, warning: str = "", visible: str | None = None) -> None:
        monkeypatch.setattr(module, "DRIVER_FILE", tmp_path / "version")
        monkeypatch.setenv("PATH", str(tmp_path))  # no nvidia-smi
        if driver is not None:
            (tmp_path / "version").write_text(driver)
        monkeypatch.setattr(torch.version, "cuda", cuda)

        def is_available() -> bool:
            if warning:
                warnings.warn(warning, stacklevel=2)
            return False

        monkeypatch.setattr(torch.cuda, "is_available", is_available)
        monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
        if visible is not None:
            monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)

    return pretend


def told(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> str:
    """Return what stderr got, after a look that it is at most one line and that the log has it too."""
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") <= 1
    assert not err or err.strip() in [record.getMessage() for record in caplog.records]
    return err.strip()


def test_without_nvidia_there_is_nothing_to_tell(machine, capsys, caplog):
    machine(driver=None, cuda="13.0")
    assert choose_device(threads=3) == torch.device("cpu")
    assert torch.get_num_threads() == 3
    assert told(capsys, caplog) == ""


def test_in_a_run_a_machine_without_gpus_is_told_of_once(machine, capsys, caplog, tmp_path, monkeypatch):
    machine(driver=None, cuda="13.0")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SYNFACE_SNAKEMAKE", "12:345:node")
    choose_device()
    assert told(capsys, caplog) == "Computing on the CPU: this job asked for a GPU, and there is none."
    choose_device()
    assert told(capsys, caplog) == ""
    monkeypatch.setenv("SYNFACE_SNAKEMAKE", "13:456:node")
    choose_device()
    assert told(capsys, caplog) != ""


def test_a_driver_that_is_too_old_is_told_with_what_is_needed(machine, capsys, caplog):
    machine(driver=PROC_CLOSED, cuda="13.0", warning=TOO_OLD)
    assert choose_device() == torch.device("cpu")
    sentence = told(capsys, caplog)
    for part in ("on the CPU", "driver 550.54.14 is too old", torch.__version__, "CUDA 13.0", "580", "TORCH_INDEX"):
        assert part in sentence


def test_the_driver_file_is_enough_where_pytorch_warned_before(machine, capsys, caplog):
    machine(driver=PROC_CLOSED, cuda="13.0")
    choose_device()
    assert "driver 550.54.14 is too old" in told(capsys, caplog)


def test_pytorchs_word_is_enough_where_the_version_cannot_be_read(machine, capsys, caplog):
    machine(driver="nothing of use", cuda="13.0", warning=TOO_OLD)
    choose_device()
    assert "unknown version is too old" in told(capsys, caplog)


@pytest.mark.parametrize(("cuda", "old"), [("12.8", False), ("13.2", True), ("11.8", False)])
def test_the_driver_must_fit_the_cuda_of_the_build(machine, capsys, caplog, cuda, old):
    machine(driver=PROC_CLOSED, cuda=cuda)
    choose_device()
    assert ("too old" in told(capsys, caplog)) is old


def test_a_build_without_cuda_beside_a_driver_is_told(machine, capsys, caplog):
    machine(driver=PROC_OPEN, cuda=None)
    choose_device()
    sentence = told(capsys, caplog)
    assert "driver 580.65.06" in sentence
    assert "built without CUDA" in sentence


def test_a_good_driver_without_a_gpu_is_told(machine, capsys, caplog):
    machine(driver=PROC_OPEN, cuda="13.0", warning="CUDA initialization: CUDA unknown error\nmore")
    choose_device()
    sentence = told(capsys, caplog)
    assert "finds no GPU (CUDA initialization: CUDA unknown error)" in sentence
    assert "too old" not in sentence


@pytest.mark.parametrize("visible", ["", "-1"])
def test_whoever_hides_the_gpus_is_told_nothing(machine, capsys, caplog, visible):
    machine(driver=PROC_CLOSED, cuda="13.0", visible=visible)
    choose_device()
    assert told(capsys, caplog) == ""


@pytest.mark.parametrize(
    ("script", "version"),
    [("echo 581.15", "581.15"), ("echo 'has failed because 123.45'; exit 9", ""), ("echo nonsense", "")],
)
def test_nvidia_smi_is_asked_where_linux_has_no_driver_file(tmp_path, monkeypatch, script, version):
    monkeypatch.setattr(module, "DRIVER_FILE", tmp_path / "none")
    (tmp_path / "nvidia-smi").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert nvidia_driver() == version


def test_the_schedulers_gpu_is_taken_and_not_leased(monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: f"GPU {index}")
    monkeypatch.setattr(module, "_lease", lambda names: pytest.fail("leased"))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    monkeypatch.setenv("SLURM_JOB_ID", "12")
    assert choose_device() == torch.device("cuda", 0)  # the only one that this process sees
    assert "computing on GPU 0" in caplog.text


JOB = """
import os, sys
{before}
import torch
torch.cuda.is_available = lambda: True
torch.cuda.device_count = lambda: 2
torch.cuda.get_device_name = str
from {module} import choose_device
print(choose_device().index, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def job(tmp_path: Path) -> Iterator[Callable[..., tuple[subprocess.Popen[str], int]]]:
    """Return a function that starts a job on a machine with two GPUs; it gives its GPU, as it numbers them."""
    running = []
    environment = {name: value for name, value in os.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
    environment |= {"PYTHONPATH": SCRIPTS, "TMPDIR": str(tmp_path), "OMP_NUM_THREADS": "1"}

    def start(before: str = "", visible: str | None = None) -> tuple[subprocess.Popen[str], int]:
        process = subprocess.Popen(
            [sys.executable, "-c", JOB.format(before=before, module=module.__name__)],
            env=environment | ({} if visible is None else {"CUDA_VISIBLE_DEVICES": visible}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process, int(process.stdout.readline())

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_jobs_on_one_machine_get_different_gpus_and_a_freed_one_is_given_again(job):
    first, index_of_first = job()
    assert (index_of_first, job()[1]) == (0, 1)
    first.kill()  # not even a chance to tidy up
    first.wait()
    assert job()[1] == 0


def test_more_jobs_than_gpus_are_spread(job):
    assert [job()[1] for _ in range(4)] == [0, 1, 0, 1]


def test_the_lease_is_among_the_visible_gpus_whoever_numbers_them(job):
    """Two jobs that see 2 and 3 take one each; a third, which sees 3 and 4 as its 0 and 1, takes the free one."""
    assert [job(visible="2,3")[1] for _ in range(2)] == [0, 1]
    assert job(visible="3,4")[1] == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to be two users")
def test_users_of_a_machine_heed_each_others_leases(job, tmp_path):
    tmp_path.chmod(0o1777)
    for parent in tmp_path.parents[:3]:
        parent.chmod(0o755)
    assert job()[1] == 0
    # What is imported before, the other user need not be able to read.
    assert job(f"import {module.__name__}; os.setuid(65534)")[1] == 1


def test_a_system_without_fcntl_and_user_ids_leases_too(job):
    """As Windows is without, and some file systems."""
    absent = "sys.modules['fcntl'] = None; del os.getuid"
    assert job(absent)[1] == 0
    assert job(absent)[1] == 1


@pytest.mark.parametrize("repeat", [True, False])
def test_every_job_on_a_gpu_computes_with_the_same_switches(monkeypatch, repeat):
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", not repeat)
    before = torch.get_float32_matmul_precision()
    try:
        assert choose_device(2, "cuda:1", shapes_repeat=repeat) == torch.device("cuda", 1)
        assert torch.get_float32_matmul_precision() == "high"
    finally:
        torch.set_float32_matmul_precision(before)
    assert torch.backends.cudnn.benchmark is repeat
    assert torch.get_num_threads() == 2
