"""What a training's result depends on beside its data, settings and code: the machine, and what computes on it."""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch

PACKAGES = ("torch", "torchvision", "numpy", "pillow", "opencv-python-headless", "safetensors")
# oneDNN and PyTorch compute otherwise where the processor has these, beyond what `get_cpu_capability` tells.
_UNITS = ("amx_tile", "avx512_bf16", "vnni")


def machine_facts(device: torch.device, threads: int, precision: str = "float32") -> dict[str, Any]:
    """Return device, threads for arithmetic, precision, instruction set and versions, as JSON takes them."""
    return {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "threads": threads,
        "precision": precision,
        "instruction_set": instruction_set(),
        "python": platform.python_version(),
        "packages": {package: found for package in PACKAGES if (found := _version(package)) is not None},
    }


def decisive(facts: dict[str, Any]) -> dict[str, Any]:
    """Return those of `machine_facts` that decide a result: on a GPU, the processor beside it does not."""
    on_gpu = facts["device"] != "cpu"
    return {name: value for name, value in facts.items() if not (on_gpu and name in ("threads", "instruction_set"))}


def instruction_set() -> str:
    """Return what PyTorch's kernels are chosen by on this processor, such as ``AVX512 amx_tile vnni``."""
    units = [unit for unit in _UNITS if getattr(torch.cpu, f"_is_{unit}_supported", bool)()]
    return " ".join([torch.backends.cpu.get_cpu_capability(), *units])


def _version(package: str) -> str | None:
    if package == "torch":
        return torch.__version__  # with the build, such as +cpu
    try:
        return version(package)
    except PackageNotFoundError:
        return None
