"""Where the computing happens: the GPU that the scheduler gave, else a free one, else the CPU.

Several jobs on one machine would otherwise all land on ``cuda:0``. SLURM sets CUDA_VISIBLE_DEVICES; elsewhere each
job leases one device with `flock`, which the kernel releases when the process ends, however it ends.
"""

import fcntl
import logging
import os
import tempfile
from pathlib import Path

import torch

logger = logging.getLogger(__name__)
_leases: list[object] = []  # open lock files; closed, and so released, at exit


def choose_device(threads: int = 1) -> torch.device:
    """Return the device for this job and limit PyTorch to ``threads`` CPU threads."""
    torch.set_num_threads(threads)
    if not torch.cuda.is_available():
        logger.info("no GPU found: computing on the CPU with %d threads", threads)
        return torch.device("cpu")
    index = 0 if "CUDA_VISIBLE_DEVICES" in os.environ else _lease(torch.cuda.device_count())
    logger.info("computing on %s", torch.cuda.get_device_name(index))
    return torch.device("cuda", index)


def _lease(count: int) -> int:
    """Lock the first free of ``count`` devices; when all are taken, share one by process id."""
    for index in range(count):
        lock = (Path(tempfile.gettempdir()) / f"synface-gpu-{os.getuid()}-{index}.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        _leases.append(lock)
        return index
    return os.getpid() % count
