"""Where the computing happens: the GPU that the scheduler gave, else a free one, else the CPU.

Several jobs on one machine would otherwise all land on the first. A SLURM job has its GPU to itself; elsewhere each job
leases one of those that it sees with a file lock, which the operating system releases when the process ends, however it
ends. With more jobs than GPUs, each GPU gets a second one before any gets a third.

Only jobs that asked for a GPU come here. One that cannot have the GPU of its machine is hours slower, so that is said
where the user looks: on stderr, and in the log.
"""

import atexit
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

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

logger = logging.getLogger(__name__)
_leases: list[FileLock | int] = []  # held until the process ends
MOST_SHARING = 64  # jobs on one GPU
TOLD = Path(".snakemake/synface/told-of-no-gpu")

# The oldest driver for a PyTorch that was built with CUDA 11, 12 or 13: NVIDIA's table of minor version compatibility.
OLDEST_DRIVER = {11: 450, 12: 525, 13: 580}
DRIVER_FILE = Path("/proc/driver/nvidia/version")  # Linux, where the driver is loaded
# "... Kernel Module  550.54.14  Thu Feb 22 ...", "... Open Kernel Module for x86_64  580.65.06  Release Build ..."
DRIVER_VERSION = re.compile(r"\b\d{3,4}\.\d+(?:\.\d+)?\b")


def choose_device(
    threads: int = 1, device: torch.device | str | None = None, *, shapes_repeat: bool = True
) -> torch.device:
    """Return the device for this job, or ``device`` if it is given, and set PyTorch up for it.

    Where PyTorch cannot use a GPU, one sentence on stderr and in the log says so, and why where there is an NVIDIA
    driver; without one, a run of the workflow says it once.

    Args:
        threads: CPU threads that PyTorch may use.
        device: where the caller wants to compute.
        shapes_repeat: whether batches are of few shapes, so that trying kernels out on a GPU pays.
    """
    place = _find_device(threads) if device is None else torch.device(device)
    torch.set_num_threads(threads)
    if place.type == "cuda":
        atexit.register(_tell_memory, place)
        torch.set_float32_matmul_precision("high")  # TF32, as cuDNN's convolutions have it by default
        torch.backends.cudnn.benchmark = shapes_repeat
    return place


def _tell_memory(place: torch.device) -> None:
    logger.info("greatest GPU memory %.0f MB", torch.cuda.max_memory_allocated(place) / 1e6)


def _find_device(threads: int) -> torch.device:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        available = torch.cuda.is_available()
    for warning in warned:
        logger.warning("%s", warning.message)
    if available:
        index = 0 if "SLURM_JOB_ID" in os.environ else _lease(_names_of(torch.cuda.device_count()))
        logger.info("computing on %s", torch.cuda.get_device_name(index))
        return torch.device("cuda", index)
    obstacle = _obstacle([str(warning.message) for warning in warned])
    if obstacle is None and _is_first_in_run():
        obstacle = "Computing on the CPU: this job asked for a GPU, and there is none."
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


def _is_first_in_run() -> bool:
    """Return whether no other job of this run of the workflow was here; False outside of one."""
    run = os.environ.get("SYNFACE_SNAKEMAKE")
    if run is None or (TOLD.is_file() and TOLD.read_text() == run):
        return False
    TOLD.parent.mkdir(parents=True, exist_ok=True)
    TOLD.write_text(run)
    return True


def _names_of(count: int) -> list[str]:
    """Return what tells the visible devices apart whoever looks: CUDA_VISIBLE_DEVICES numbers them anew."""
    visible = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    names = []
    for index in range(count):
        try:
            names.append(str(torch.cuda.get_device_properties(index).uuid))
        except (AssertionError, AttributeError, RuntimeError):
            names.append(visible[index] if index < len(visible) else str(index))
    return names


def _lease(names: list[str]) -> int:
    """Lock the first device with the fewest jobs on it; return its index in ``names``."""
    for level in range(MOST_SHARING):
        for index, name in enumerate(names):
            lock = _lock(
                Path(tempfile.gettempdir()) / f"synface-gpu-{re.sub(r'[^A-Za-z0-9-]', '-', name)}-{level}.lock"
            )
            if lock is not None:
                _leases.append(lock)
                if level:
                    logger.info("%d other jobs compute on this GPU", level)
                return index
    return os.getpid() % len(names)


def _lock(path: Path) -> FileLock | int | None:
    """Lock ``path``, which other users of the machine lock too; None where another process does."""
    if fcntl is None:
        lock = FileLock(path)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return None
        return lock
    # To be opened for reading is all that a lock needs, and all that another user's file allows; what exists in /tmp
    # may not be opened with O_CREAT by others where the kernel protects it.
    for flags in (os.O_RDONLY, os.O_RDONLY | os.O_CREAT | os.O_EXCL, os.O_RDONLY):
        try:
            handle = os.open(path, flags | os.O_NOFOLLOW, 0o644)
            break
        except (FileNotFoundError, FileExistsError):
            continue
    else:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
