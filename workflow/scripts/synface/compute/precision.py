"""How PyTorch computes: in which precision, and in a training reproducibly on the CPU, fast on a GPU."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import torch

from synface.compute.device import choose_device

logger = logging.getLogger(__name__)

PROCESSOR_FILE = Path("/proc/cpuinfo")  # Linux
FEATURES = ("amx_bf16", "avx512_bf16", "avx512f", "avx2")  # that decide how fast matrices are multiplied, best first


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
    cudnn, precision = torch.backends.cudnn.benchmark, torch.get_float32_matmul_precision()
    before = torch.are_deterministic_algorithms_enabled(), torch.utils.deterministic.fill_uninitialized_memory
    device = choose_device(threads, device, shapes_repeat=not deterministic)
    if device.type == "cuda":
        torch.use_deterministic_algorithms(deterministic)
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


def choose_precision(wanted: str, device: torch.device) -> str:
    """Return ``wanted``, or for "auto" what is faster on ``device``: "float32" or "bfloat16"; log it.

    By what the device is, not by a measurement, which would come out otherwise on a busy machine. A choice that is
    slower than the other is warned of.
    """
    pays, reason = bfloat16_pays(device)
    if wanted == "auto":
        chosen = "bfloat16" if pays else "float32"
        logger.info("precision: %s, chosen since %s", chosen, reason)
        return chosen
    if wanted == "bfloat16" and not pays:
        logger.warning("precision: bfloat16 is slower here than float32, since %s; auto takes what is faster", reason)
    return wanted


def bfloat16_pays(device: torch.device) -> tuple[bool, str]:
    """Return whether bfloat16 is faster than float32 on ``device``, and in words why.

    Measured with the networks of synface, as a ratio of CPU time: with AMX 2.5, on an AMD EPYC with avx512_bf16 1.3 and
    more, on an Intel Xeon with avx512_bf16 but without AMX 0.7, without either much less.
    """
    if device.type == "cuda":
        pays = torch.cuda.is_bf16_supported(including_emulation=False)
        return pays, f"the GPU has {'' if pays else 'no '}bfloat16"
    vendor, feature = processor()
    pays = feature == "amx_bf16" or (feature == "avx512_bf16" and vendor == "AuthenticAMD")
    return pays, f"the processor is {vendor or 'unknown'} with {feature or 'none of ' + ', '.join(FEATURES)}"


@lru_cache
def processor() -> tuple[str, str]:
    """Return this machine's processor: its vendor and the best of `FEATURES`, each '' where that is not known."""
    if not PROCESSOR_FILE.exists():
        return "", ""
    lines = PROCESSOR_FILE.read_text(encoding="utf-8", errors="replace").splitlines()
    facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    flags = facts.get("flags", "").split()
    return facts.get("vendor_id", ""), next((feature for feature in FEATURES if feature in flags), "")
