"""Where the computing happens: the GPU that the scheduler gave, else a free one, else the CPU.

Several jobs on one machine would otherwise all land on ``cuda:0``. SLURM sets CUDA_VISIBLE_DEVICES; elsewhere each
job leases one device with a file lock, which the operating system releases when the process ends, however it ends.

Only jobs that asked for a GPU come here. One that cannot have the GPU of its machine is hours slower, so that is said
where the user looks: on stderr, and in the log.
"""

import logging
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import torch
from filelock import FileLock, Timeout

logger = logging.getLogger(__name__)
_leases: list[FileLock] = []  # held until the process ends

# The oldest driver for a PyTorch that was built with CUDA 11, 12 or 13: NVIDIA's table of minor version compatibility.
OLDEST_DRIVER = {11: 450, 12: 525, 13: 580}
DRIVER_FILE = Path("/proc/driver/nvidia/version")  # Linux, where the driver is loaded
# "... Kernel Module  550.54.14  Thu Feb 22 ...", "... Open Kernel Module for x86_64  580.65.06  Release Build ..."
DRIVER_VERSION = re.compile(r"\b\d{3,4}\.\d+(?:\.\d+)?\b")


def choose_device(threads: int = 1) -> torch.device:
    """Return the device for this job and limit PyTorch to ``threads`` CPU threads.

    Where there is an NVIDIA driver but PyTorch cannot use a GPU, one sentence on stderr and in the log says why.
    """
    torch.set_num_threads(threads)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        available = torch.cuda.is_available()
    for warning in warned:
        logger.warning("%s", warning.message)
    if available:
        index = 0 if "CUDA_VISIBLE_DEVICES" in os.environ else _lease(torch.cuda.device_count())
        logger.info("computing on %s", torch.cuda.get_device_name(index))
        return torch.device("cuda", index)
    obstacle = _obstacle([str(warning.message) for warning in warned])
    if obstacle is not None:
        logger.warning("%s", obstacle)
        print(obstacle, file=sys.stderr)
    logger.info("computing on the CPU with %d threads", threads)
    return torch.device("cpu")


def nvidia_driver() -> str | None:
    """Return the version of this machine's NVIDIA driver, '' when it cannot be read, or None without a driver."""
    if DRIVER_FILE.exists():
        found = DRIVER_VERSION.search(DRIVER_FILE.read_text(encoding="utf-8", errors="replace"))
        return found[0] if found else ""
    if shutil.which("nvidia-smi") is None:
        return None
    command = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = DRIVER_VERSION.search(done.stdout)
    return found[0] if found and done.returncode == 0 else ""


def _obstacle(warned: list[str]) -> str | None:
    """Return in one sentence why this machine's GPU is not used, or None where there is none to be used.

    Args:
        warned: what PyTorch warned of when it looked for a GPU.
    """
    if os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1", "NoDevFiles"):
        return None  # no GPU was wanted, or the scheduler gave none
    driver = nvidia_driver()
    if driver is None:
        return None
    found = f"the NVIDIA driver {driver}" if driver else "an NVIDIA driver of unknown version"
    build = f"PyTorch {torch.__version__}"
    if torch.version.cuda is None:
        return (
            f"Computing on the CPU: this machine has {found}, but the installed {build} was built without CUDA. "
            "For the GPU, install PyTorch's CUDA build (make setup TORCH_INDEX=)."
        )
    oldest = OLDEST_DRIVER.get(int(torch.version.cuda.split(".")[0]))
    too_old = any("driver on your system is too old" in warning for warning in warned)
    if too_old or (driver and oldest is not None and int(driver.split(".")[0]) < oldest):
        needed = f"{oldest} or newer" if oldest is not None else "a newer one"
        return (
            f"Computing on the CPU: {found} is too old for the installed {build}, whose CUDA {torch.version.cuda} "
            f"needs {needed}. Update the driver, or install PyTorch for an older CUDA (make setup TORCH_INDEX=...)."
        )
    reason = warned[0].splitlines()[0] if warned else "none was given to this job"
    return (
        f"Computing on the CPU: this machine has {found}, but {build} with CUDA {torch.version.cuda} finds no GPU "
        f"({reason}). Look at nvidia-smi, and at what the scheduler or the container gives."
    )


def _lease(count: int) -> int:
    """Lock the first free of ``count`` devices; when all are taken, share one by process id."""
    # On Windows, without user ids, the folder is the user's own.
    user = os.getuid() if hasattr(os, "getuid") else "user"
    for index in range(count):
        lock = FileLock(Path(tempfile.gettempdir()) / f"synface-gpu-{user}-{index}.lock")
        try:
            lock.acquire(blocking=False)
        except Timeout:
            continue
        _leases.append(lock)
        return index
    return os.getpid() % count
