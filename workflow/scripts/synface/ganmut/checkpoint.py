"""Generator files: the published PyTorch checkpoints, and synface's own safetensors."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from synface.errors import InputError
from synface.files import atomic_path
from synface.ganmut.generator import GENERATORS, GaussianGenerator, Generator, LinearGenerator

METADATA_KEY = "ganmut"
_EMOTION_KEY = {"axes.weight": "linear", "mu.weight": "gaussian"}
_BLOCK = re.compile(r"main\.\d+\.main\.0\.weight")


def load_generator(path: Path | str) -> LinearGenerator | GaussianGenerator:
    """Load a generator in evaluation mode on the CPU; linear or Gaussian, width and depth are told from the file.

    Reads safetensors as `save_generator` writes them (suffix ``.safetensors``), else a PyTorch checkpoint holding a
    state or one wrapped in a dictionary, with or without the prefix ``module.`` of DataParallel. Nothing in a file is
    executed. Raises `InputError` when the file is unreadable, or naming the keys that are missing or surplus.
    """
    path = Path(path)
    state, metadata = _read(path)
    kinds = [kind for key, kind in _EMOTION_KEY.items() if key in state]
    if len(kinds) != 1 or "main.0.weight" not in state:
        raise InputError(
            f"{path}: no GANmut generator: expected main.0.weight and one of {', '.join(_EMOTION_KEY)}; "
            f"found {', '.join(sorted(state)[:4]) or 'nothing'} ..."
        )
    if state["main.0.weight"].ndim != 4 or state["main.0.weight"].shape[1] != 3 + 2:
        raise InputError(
            f"{path}: main.0.weight has shape {list(state['main.0.weight'].shape)}; expected 3 + 2 input channels, "
            "since only GANmut's two-dimensional models are supported"
        )
    generator = GENERATORS[kinds[0]](
        width=state["main.0.weight"].shape[0],
        blocks=sum(bool(_BLOCK.fullmatch(key)) for key in state),
        image_size=int(metadata.get("image_size", 128)),
        masked=bool(metadata.get("masked", False)),
    )
    load_strictly(generator, state, str(path))
    return generator.eval()


def load_strictly(module: torch.nn.Module, state: Mapping[str, Tensor], name: str) -> None:
    """Load ``state`` into ``module``; a key that is missing, surplus or misshapen is an `InputError` naming it.

    Only the counters ``num_batches_tracked`` of old normalization layers may be there or not.
    """
    expected = module.state_dict()

    def differing(keys: Mapping[str, Tensor], others: Mapping[str, Tensor]) -> list[str]:
        return [key for key in keys if key not in others and not key.endswith("num_batches_tracked")]

    problems = [f"missing {key}" for key in differing(expected, state)]
    problems += [f"surplus {key}" for key in differing(state, expected)]
    problems += [
        f"{key} has shape {list(state[key].shape)} instead of {list(value.shape)}"
        for key, value in expected.items()
        if key in state and state[key].shape != value.shape
    ]
    if problems:
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        raise InputError(f"{name}: does not fit {type(module).__name__}: {', '.join(problems[:5])}{more}")
    module.load_state_dict({key: state.get(key, value) for key, value in expected.items()}, strict=True)


def save_generator(generator: Generator, path: Path | str, metadata: Mapping[str, Any] | None = None) -> None:
    """Write ``generator`` as safetensors, atomically.

    What it is, and ``metadata`` beside it, stand as JSON in the one entry `METADATA_KEY` of the file's metadata:
    safetensors writes several entries in an order that changes from run to run, and equal generators shall give equal
    bytes.
    """
    facts = {
        **(metadata or {}),
        "parametrization": generator.parametrization,
        "width": generator.width,
        "blocks": generator.blocks,
        "image_size": generator.image_size,
        "masked": generator.masked,
    }
    state = {key: value.detach().cpu().contiguous() for key, value in generator.state_dict().items()}
    with atomic_path(path) as temporary:
        save_file(state, temporary, {METADATA_KEY: json.dumps(facts, sort_keys=True)})


def read_metadata(path: Path | str) -> dict[str, Any]:
    """Return what `save_generator` noted in a safetensors file; empty for a file of another origin."""
    with safe_open(path, framework="pt") as file:
        return json.loads((file.metadata() or {}).get(METADATA_KEY, "{}"))


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                state = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
            return state, read_metadata(path)
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; give the path of a GANmut generator") from None
    except Exception as error:  # a damaged file makes the unpickler fail in any of a dozen ways
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(
            f"{path}: not a readable checkpoint ({reason}); expected a PyTorch state or safetensors"
        ) from error
    return _unwrap(loaded, path), {}


def _unwrap(loaded: object, path: Path) -> dict[str, Tensor]:
    """Find the state in what was loaded and take off the prefix of DataParallel."""
    candidates = [loaded, *(loaded.values() if isinstance(loaded, Mapping) else ())]
    states = [value for value in candidates if _is_state(value)]
    if len(states) > 1:
        states = [state for state in states if any(key.endswith(tuple(_EMOTION_KEY)) for key in state)]
    if len(states) != 1:
        raise InputError(f"{path}: expected the state of one generator, alone or in a dictionary; found {len(states)}")
    return {key.removeprefix("module."): value for key, value in states[0].items()}


def _is_state(value: object) -> bool:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(key, str) and isinstance(item, Tensor) for key, item in value.items())
    )
