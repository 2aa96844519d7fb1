"""Our own weights files: safetensors that describe themselves in one metadata entry."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from synface.errors import InputError
from synface.files import atomic_path


def write_described(module: nn.Module, path: Path | str, key: str, facts: Mapping[str, Any]) -> None:
    """Write the state of ``module`` with ``facts`` (any JSON) under the metadata entry ``key``."""
    tensors = {name: value.detach().cpu().contiguous() for name, value in module.state_dict().items()}
    # One metadata entry only: safetensors writes several in changing order, and equal models are to be equal files.
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, metadata={key: json.dumps(facts, sort_keys=True)})


def read_described(path: Path | str, key: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read a safetensors file: its tensors, and the facts under ``key``, empty when it has no such entry."""
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {}).get(key, "{}"))
            return {name: file.get_tensor(name) for name in file.keys()}, facts  # noqa: SIM118 (safe_open is no mapping)
    except FileNotFoundError:
        raise InputError(f"{path}: no such model file") from None
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise InputError(f"{path}: not a readable safetensors file ({error})") from error
