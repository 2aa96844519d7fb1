"""How PyTorch computes in a training: reproducibly on the CPU, fast on a GPU."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def computing_on(device: torch.device) -> Iterator[None]:
    """Switch PyTorch to what fits: on the CPU the same bits every time, on a GPU TF32 and tuned kernels."""
    cudnn, precision = torch.backends.cudnn.benchmark, torch.get_float32_matmul_precision()
    before = torch.are_deterministic_algorithms_enabled(), torch.utils.deterministic.fill_uninitialized_memory
    if device.type == "cuda":
        torch.backends.cudnn.benchmark = True
        torch.set_float32_matmul_precision("high")
    else:
        torch.use_deterministic_algorithms(True, warn_only=True)
        torch.utils.deterministic.fill_uninitialized_memory = False  # would cost a pass over all memory
    try:
        yield
    finally:
        torch.backends.cudnn.benchmark = cudnn
        torch.set_float32_matmul_precision(precision)
        torch.use_deterministic_algorithms(before[0])
        torch.utils.deterministic.fill_uninitialized_memory = before[1]
