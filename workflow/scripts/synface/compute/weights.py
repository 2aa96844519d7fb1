"""Files of network weights: PyTorch's, as published, and our own safetensors, which describe themselves.

What a file is, its content says, not its suffix. Untrusted files stay data; see `synface.compute.plain`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from synface.compute.filetype import AGAIN, file_type, reason_of, shown, size_in_words
from synface.compute.plain import MOST_BYTES, read_plain, too_large
from synface.compute.states import find_state
from synface.core.errors import InputError
from synface.core.files import atomic_path

NAMED_PROBLEMS = 5


def write_weights(module: nn.Module, path: Path | str, key: str, facts: Mapping[str, Any]) -> None:
    """Write the state of ``module`` as safetensors, atomically, with ``facts`` (any JSON) under the entry ``key``.

    The facts are one entry of the file's metadata: safetensors writes several in an order that changes from run to run,
    and equal networks shall be equal files.
    """
    tensors = {name: value.detach().cpu().contiguous() for name, value in module.state_dict().items()}
    with atomic_path(path) as temporary:
        save_file(tensors, temporary, metadata={key: json.dumps(facts, sort_keys=True)})


def read_weights(
    path: Path | str, key: str = "", *, marks: tuple[str, ...] = ()
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read a file of weights: the state dict of one network, and the facts that stand with it.

    Args:
        path: safetensors, or what torch.save wrote; never mind its suffix.
        key: where the facts stand in a safetensors file; they are empty when it has no such entry, as other files.
        marks: keys of the wanted network, see `find_state`.

    Raises:
        InputError: there is no such file, it is something else, it cannot be read without running code, or it does not
            hold the state dict of one network.
    """
    path = Path(path)
    try:
        kind = file_type(path)
    except FileNotFoundError:
        raise InputError(f"{path}: no such weights file; see resources/README.md for where it comes from") from None
    except IsADirectoryError:
        raise InputError(f"{path}: a folder; expected a weights file; give the path of the file in it") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the file and its permissions") from None
    size = path.stat().st_size
    if kind.kind == "other":
        raise InputError(f"{path}: no weights, but {kind.what} ({size_in_words(size)}); {kind.advice}")
    if size > MOST_BYTES:
        raise InputError(too_large(path, size))
    content, facts = _read_safetensors(path, key) if kind.kind == "safetensors" else (read_plain(path, kind.kind), {})
    return find_state(content, str(path), marks), facts


def _read_safetensors(path: Path, key: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get(key, "{}")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (safe_open is no mapping)
    except (SafetensorError, OSError) as error:
        size = size_in_words(path.stat().st_size)
        raise InputError(f"{path}: a damaged safetensors file of {size} ({reason_of(error)}); {AGAIN}") from None
    try:
        facts = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: its metadata {key} is no JSON ({reason_of(error)}); write the file again") from None
    if not isinstance(facts, dict):
        raise InputError(
            f"{path}: its metadata {key} is {shown(text)}; expected names and values; write the file again"
        )
    return tensors, facts


def check_fit(module: nn.Module, state: Mapping[str, Tensor], name: str, *, optional: tuple[str, ...] = ()) -> None:
    """Compare keys, shapes and types of ``state`` with ``module``, which may be on the device "meta", without memory.

    Arguments and errors are those of `load_strictly`.
    """
    expected = module.state_dict()

    def differing(keys: Mapping[str, Tensor], others: Mapping[str, Tensor]) -> list[str]:
        return [key for key in keys if key not in others and not key.endswith(optional)]

    problems = [f"missing {key}" for key in differing(expected, state)]
    problems += [f"surplus {shown(key)}" for key in differing(state, expected)]
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
    for key, value in expected.items():
        given = state.get(key, value)
        # A tensor of shapes only (meta), a sparse one, whole numbers in place of real ones (a quantized network).
        if given is not value and (given.is_meta or given.layout is not torch.strided):
            raise InputError(
                f"{name}: {key} has no values that are stored one by one; save the state dict of a network"
            )
        if value.is_floating_point() and not given.is_floating_point():
            kind = str(given.dtype).removeprefix("torch.")
            raise InputError(
                f"{name}: {key} is of type {kind}; expected floating-point numbers; "
                "give the weights before quantization"
            )


def load_strictly(module: nn.Module, state: Mapping[str, Tensor], name: str, *, optional: tuple[str, ...] = ()) -> None:
    """Load ``state`` into ``module``, whose precision it takes: half or double becomes float32.

    Args:
        module: what is loaded into.
        state: its tensors by key.
        name: of the file, for the message.
        optional: endings of keys that may be missing, and keep their values then, or surplus.

    Raises:
        InputError: naming the first keys that are missing, surplus or of another shape, or one of another type, or the
            first that is not finite.
    """
    check_fit(module, state, name, optional=optional)
    own = module.state_dict()
    # Compared after the conversion, in which a large float64 becomes infinite.
    loaded = {key: state[key].to(value.dtype) if key in state else value for key, value in own.items()}
    bad = {key: count for key, value in loaded.items() if (count := int((~value.isfinite()).sum()))}
    if bad:
        first = next(iter(bad))
        more = f", and {sum(bad.values()) - bad[first]} in other tensors" if len(bad) > 1 else ""
        raise InputError(
            f"{name}: {first} has values that are NaN or infinite ({bad[first]} of {loaded[first].numel()}){more}; "
            "expected finite weights; its training failed, or the file is damaged: take an earlier one, or another copy"
        )
    module.load_state_dict(loaded, strict=True)
