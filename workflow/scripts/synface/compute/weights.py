"""Files of network weights: PyTorch's, as published, and our own safetensors, which describe themselves.

Untrusted files stay data: safetensors, or ``torch.load(weights_only=True)``, which builds nothing but tensors.
"""

import json
import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from synface.core.errors import InputError
from synface.core.files import atomic_path

PREFERRED_WRAPPERS = ("model_state_dict", "state_dict")
NAMED_PROBLEMS = 5


def write_weights(module: nn.Module, path: Path | str, key: str, facts: Mapping[str, Any]) -> None:
    """Write the state of ``module`` as safetensors, atomically, with ``facts`` (any JSON) under the entry ``key``.

    The facts are one entry of the file's metadata: safetensors writes several in an order that changes from run to run,
    and equal networks shall be equal files.
    """
    tensors = {name: value.detach().cpu().contiguous() for name, value in module.state_dict().items()}
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, metadata={key: json.dumps(facts, sort_keys=True)})


def read_weights(path: Path | str, key: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read a safetensors file: its tensors, and the facts under ``key``, empty when it has no such entry.

    Raises `InputError` when there is no such file, or it cannot be read.
    """
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {}).get(key, "{}"))
            return {name: file.get_tensor(name) for name in file.keys()}, facts  # noqa: SIM118 (safe_open is no mapping)
    except FileNotFoundError:
        raise InputError(f"{path}: no such weights file") from None
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise InputError(f"{path}: not a readable safetensors file ({error})") from error


def read_state(path: Path | str, *, marks: tuple[str, ...] = ()) -> dict[str, Tensor]:
    """Read a PyTorch file of tensors and return its state dict, unwrapped and without DataParallel's ``module.``.

    A state may stand alone or in a dictionary. Of several, the one under ``model_state_dict`` or ``state_dict`` is
    meant, or else the one with a key that ends in one of ``marks``.

    Raises `InputError` when there is no such file, it cannot be read, or it has no such state.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise InputError(f"{path}: no such weights file; see resources/README.md for where it comes from") from None
    except pickle.UnpicklingError as error:
        raise InputError(
            f"{path}: not a plain PyTorch file of tensors, and pickled code is not run ({_reason(error)}); "
            "save its state dict alone with torch.save, or as safetensors"
        ) from error
    except Exception as error:  # a damaged file makes the unpickler fail in any of a dozen ways
        raise InputError(f"{path}: not a readable PyTorch file ({_reason(error)}); download it again") from error
    state = _find_state(content, marks)
    if state is None:
        raise InputError(
            f"{path}: expected the state dict of one network, alone or under {' or '.join(PREFERRED_WRAPPERS)}"
        )
    if all(key.startswith("module.") for key in state):
        return {key.removeprefix("module."): value for key, value in state.items()}
    return dict(state)


def load_strictly(module: nn.Module, state: Mapping[str, Tensor], name: str, *, optional: tuple[str, ...] = ()) -> None:
    """Load ``state`` into ``module``.

    Args:
        module: what is loaded into.
        state: its tensors by key.
        name: of the file, for the message.
        optional: endings of keys that may be missing, and keep their values then, or surplus.

    Raises:
        InputError: naming the first keys that are missing, surplus or of another shape.
    """
    expected = module.state_dict()

    def differing(keys: Mapping[str, Tensor], others: Mapping[str, Tensor]) -> list[str]:
        return [key for key in keys if key not in others and not key.endswith(optional)]

    problems = [f"missing {key}" for key in differing(expected, state)]
    problems += [f"surplus {key}" for key in differing(state, expected)]
    problems += [
        f"{key} has shape {list(state[key].shape)} instead of {list(value.shape)}"
        for key, value in expected.items()
        if key in state and state[key].shape != value.shape
    ]
    if problems:
        more = f" and {len(problems) - NAMED_PROBLEMS} more" if len(problems) > NAMED_PROBLEMS else ""
        raise InputError(
            f"{name}: does not fit {type(module).__name__}: {', '.join(problems[:NAMED_PROBLEMS])}{more}; "
            "it is of another network, or of another width, depth, input size or number of classes"
        )
    module.load_state_dict({key: state.get(key, value) for key, value in expected.items()}, strict=True)


def _find_state(content: object, marks: tuple[str, ...]) -> Mapping[str, Tensor] | None:
    if _is_state(content):
        return content
    if not isinstance(content, Mapping):
        return None
    states = {wrapper: value for wrapper, value in content.items() if _is_state(value)}
    for wrapper in PREFERRED_WRAPPERS:
        if wrapper in states:
            return states[wrapper]
    found = list(states.values())
    if len(found) > 1:
        found = [state for state in found if any(key.endswith(marks) for key in state)]
    return found[0] if len(found) == 1 else None


def _is_state(value: object) -> TypeGuard[Mapping[str, Tensor]]:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(key, str) and isinstance(item, Tensor) for key, item in value.items())
    )


def _reason(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
