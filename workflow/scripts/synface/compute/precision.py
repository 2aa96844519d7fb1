"""How PyTorch computes in a training: reproducibly on the CPU, fast on a GPU."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from synface.compute.device import choose_device


@contextmanager
def computing_on(
    device: torch.device | str | None, threads: int, deterministic: bool = False
) -> Iterator[torch.device]:
    """Return ``device``, or the one to choose where it is None, and switch PyTorch to what fits it.

    On the CPU the same bits come out every time for one number of ``threads``; on a GPU, TF32, and kernels that are
    tuned or, where it shall be ``deterministic``, that give the same bits every time.
    """
    if deterministic:
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when cuBLAS begins
    device = choose_device(threads) if device is None else torch.device(device)
    torch.set_num_threads(threads)
    cudnn, precision = torch.backends.cudnn.benchmark, torch.get_float32_matmul_precision()
    before = torch.are_deterministic_algorithms_enabled(), torch.utils.deterministic.fill_uninitialized_memory
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = not deterministic
        torch.use_deterministic_algorithms(deterministic)
        torch.set_float32_matmul_precision("high")
    else:
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # would cost a pass over all memory
    try:
        yield device
    finally:
        torch.backends.cudnn.benchmark = cudnn
        torch.set_float32_matmul_precision(precision)
        torch.use_deterministic_algorithms(before[0])
        torch.utils.deterministic.fill_uninitialized_memory = before[1]
