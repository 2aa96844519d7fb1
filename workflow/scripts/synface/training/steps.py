"""The frame of every training: a sequence of steps that can be stopped and gone on with after any of them."""

import logging
import math
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from synface.core.errors import InputError
from synface.core.progress import progress
from synface.training.history import History, Row
from synface.training.state import load_state, save_state

logger = logging.getLogger(__name__)

STOPS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name))
SECONDS_BETWEEN_STATES = 120.0  # what a crash costs at most; the largest state, GANmut's published size, is 600 MB


class Training(Protocol):
    """A training in numbered steps. What a step does follows from its number and from what `state` returns alone.

    Attributes:
        steps: how many there are.
        what: what they are called in the log, in the plural.
        name: of the network, for messages.
    """

    steps: int
    what: str
    name: str

    def step(self, number: int) -> Row | None:
        """Make step ``number``, counted from 0; return a row of the history where one is complete."""

    def state(self) -> dict[str, Any]:
        """Return everything that the steps change, as tensors, numbers, text, lists and dicts."""

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to what `state` returned."""


def train_to_the_end(
    training: Training, *, state: Path | str, history: Path | str, facts: Mapping[str, Any]
) -> list[Row]:
    """Make all steps that are left; return the rows of the history, of which `conclude` makes the table.

    Args:
        training: what is trained.
        state: where its position is kept while it trains. One of a training of other ``facts`` is not used.
        history: the table; while it trains, what there is of it stands in a file beside it, see `History`.
        facts: everything that the result depends on (any JSON).

    Raises:
        InputError: a row of the history has a number that is not finite: the training has failed.
        SystemExit: with status 128 + its number, after the state was saved, when SIGTERM, SIGINT or SIGHUP came before
            the last step.
    """
    state = Path(state)
    done, rows = 0, History(history)
    saved = load_state(state, facts)
    if saved is not None:
        training.restore(saved["training"])
        done = saved["done"]
        rows.extend(saved["rows"])
        logger.info("going on after %d of %d %s", done, training.steps, training.what)
    last_save = time.monotonic()
    with terminations() as requested:
        for number in progress(range(done, training.steps), what=training.what):
            row = training.step(number)
            if row is not None:
                _refuse_failure(training, row, number, rows)
                rows.add(row, last=number + 1 == training.steps)
            stopping = bool(requested) and number + 1 < training.steps
            saved = False
            if stopping or time.monotonic() - last_save >= SECONDS_BETWEEN_STATES:
                content = {"done": number + 1, "rows": rows.rows, "training": training.state()}
                saved = _save(state, facts, content)
                last_save = time.monotonic()
            if stopping:
                rows.write()
                going_on = "from here" if saved else "from its last state, if there is one"
                _say(
                    f"stopped by {signal.Signals(requested[0]).name} after {number + 1} of {training.steps} "
                    f"{training.what}; the same command goes on {going_on}"
                )
                raise SystemExit(128 + requested[0])
    rows.close()
    return rows.rows


def _save(state: Path, facts: Mapping[str, Any], content: Mapping[str, Any]) -> bool:
    """Save a state; return whether that went well. A training is worth more than its state: it goes on without."""
    try:
        save_state(state, facts, content)
    except (InputError, OSError) as error:
        _say(f"the training goes on, but its state is not saved: {error}")
        return False
    return True


def _say(sentence: str) -> None:
    """Tell what the user must know at once, in the log and on the terminal."""
    logger.error("%s", sentence)
    print(sentence, file=sys.stderr, flush=True)


def _refuse_failure(training: Training, row: Row, number: int, rows: History) -> None:
    """Raise `InputError` if the losses of ``row`` are not finite.

    One loss that is not makes the mean of its row so, and the row is on the CPU already: looking at every step's loss
    would make the CPU wait for the GPU each time.
    """
    failed = next(((name, value) for name, value in row.items() if not math.isfinite(value)), None)
    if failed is None:
        return
    rows.write()
    rows.close()
    (unit, at), *_ = row.items()
    raise InputError(
        f"{rows.table}: the training of {training.name} has failed: {failed[0]} is {failed[1]} in {unit} {at}, after "
        f"{number + 1} of {training.steps} {training.what}; expected finite numbers; lower its learning rate (lr), and "
        "check the weights it starts from, if any"
    )


@contextmanager
def terminations() -> Iterator[list[int]]:
    """Note every `STOPS` in the list that is returned, so that work can stop at a boundary of its choosing.

    A scheduler sends SIGTERM some time before it kills, a terminal SIGINT for Ctrl-C and SIGHUP when it is closed.
    """
    requested: list[int] = []
    # Python allows handlers in the main thread only; elsewhere (a test, a notebook server) there is none.
    if threading.current_thread() is not threading.main_thread():
        yield requested
        return
    # What nohup ignores stays ignored.
    heeded = [number for number in STOPS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, lambda came, _frame: requested.append(came)) for number in heeded}
    try:
        yield requested
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
