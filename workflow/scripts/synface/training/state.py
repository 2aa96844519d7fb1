"""The state of a training on disk: written atomically, tied to its settings, enough to go on as if never stopped."""

import hashlib
import json
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, Self

import torch

from synface.core.files import atomic_path
from synface.core.progress import progress

logger = logging.getLogger(__name__)

FORMAT = 1  # raise it when a stored state no longer fits the code


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
        logger.warning("%s cannot be read (%s); training starts again", path, error)
        return None
    if not isinstance(state, dict) or state.get("identity") != identity:
        logger.info("%s belongs to other settings or data; training starts again", path)
        return None
    return state


class Termination:
    """Notes SIGTERM, which a scheduler sends before it kills, so that work can stop at a boundary of its choosing."""

    def __init__(self) -> None:
        self.requested = False

    def __enter__(self) -> Self:
        # Python allows handlers in the main thread only; elsewhere (a test, a notebook server) there is none.
        self._main = threading.current_thread() is threading.main_thread()
        if self._main:
            self._previous = signal.signal(signal.SIGTERM, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        if self._main:
            signal.signal(signal.SIGTERM, self._previous)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.requested = True


def remaining_steps(
    done: int, total: int, *, save: Callable[[], None], every: float, termination: Termination, what: str
) -> Iterator[int]:
    """Yield the steps ``done`` to ``total - 1`` of a training; in between, have its state saved.

    Args:
        done: steps that lie behind a restored state.
        total: steps of the whole training.
        save: writes the state after the step that was yielded last.
        every: seconds between two saves.
        termination: when it is requested, the current step is the last.
        what: names the steps in the log, in the plural.

    Raises:
        SystemExit: with status 143, after the state was saved, when the termination was requested before the last step.
    """
    saved = time.monotonic()
    for step in progress(range(done, total), what=what):
        yield step
        stopping = termination.requested and step + 1 < total
        if stopping or time.monotonic() - saved >= every:
            save()
            saved = time.monotonic()
        if stopping:
            logger.warning(
                "stopped by SIGTERM after %d of %d %s; the same command goes on from here", step + 1, total, what
            )
            raise SystemExit(128 + signal.SIGTERM)
