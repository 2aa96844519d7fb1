"""The state of a training on disk: written atomically, tied to its settings, enough to go on as if never stopped."""

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from synface.compute.filetype import reason_of
from synface.core.files import atomic_path

logger = logging.getLogger(__name__)

FORMAT = 2  # raise it when a stored state no longer fits the code


def identify(facts: Mapping[str, Any]) -> str:
    """Return a hash of everything that a training's result depends on (any JSON)."""
    return hashlib.sha256(json.dumps([FORMAT, facts], sort_keys=True).encode()).hexdigest()


def save_state(path: Path | str, identity: str, state: Mapping[str, Any]) -> None:
    """Write ``state`` (tensors, numbers, text, lists, dicts) under ``identity``."""
    with atomic_path(path) as temporary:
        torch.save({"identity": identity, **state}, temporary)


def load_state(path: Path | str, identity: str) -> dict[str, Any] | None:
    """Return the state at ``path``, or None when there is none, it is damaged, or it belongs to other settings."""
    path = Path(path)
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged file makes the unpickler fail in any of a dozen ways
        logger.warning("%s cannot be read (%s); training starts again", path, reason_of(error))
        return None
    if not isinstance(state, dict) or state.get("identity") != identity:
        logger.info("%s belongs to other settings or data; training starts again", path)
        return None
    return state
