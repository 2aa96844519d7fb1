"""The state of a training on disk: written atomically, tied to what made it, enough to go on as if never stopped."""

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from synface.compute.filetype import reason_of
from synface.core.files import atomic_path

logger = logging.getLogger(__name__)

FORMAT = 3  # raise it when a stored state no longer fits the code


def identify(facts: Mapping[str, Any]) -> str:
    """Return a hash of everything that a training's result depends on (any JSON)."""
    return hashlib.sha256(json.dumps([FORMAT, facts], sort_keys=True).encode()).hexdigest()


def content_of(*arrays: Tensor | np.ndarray) -> str:
    """Return a SHA-256 over the numbers of ``arrays``, their shapes and types: a training's images, decoded."""
    digest = hashlib.sha256()
    for array in arrays:
        values = np.ascontiguousarray(array.cpu().numpy() if isinstance(array, Tensor) else array)
        digest.update(f"{values.dtype} {values.shape}\n".encode())
        digest.update(values.reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def save_state(path: Path | str, facts: Mapping[str, Any], state: Mapping[str, Any]) -> None:
    """Write ``state`` (tensors, numbers, text, lists, dicts) of the training that ``facts`` (any JSON) identify."""
    with atomic_path(path) as temporary:
        torch.save({"identity": identify(facts), "facts": json.dumps(facts), **state}, temporary)


def load_state(path: Path | str, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the state at ``path``; None when there is none, it is damaged, or is of a training of other ``facts``.

    Which of the facts are others is told in the log.
    """
    path = Path(path)
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file makes the unpickler fail in any of a dozen ways
        logger.warning("%s cannot be read (%s); training starts again", path, reason_of(error))
        return None
    if not isinstance(state, dict) or state.get("identity") != identify(facts):
        logger.warning("%s was made with other %s; training starts again", path, _differences(state, facts))
        return None
    return state


def _differences(state: object, facts: Mapping[str, Any]) -> str:
    told = state.get("facts") if isinstance(state, dict) else None
    before = json.loads(told) if isinstance(told, str) else {}
    now = json.loads(json.dumps(facts))
    names = [name for name in sorted(before.keys() | now.keys()) if before.get(name) != now.get(name)]
    return ", ".join(name.replace("_", " ") for name in names) if before and names else "code"
