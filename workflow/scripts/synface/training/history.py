"""The history of a training: a row of numbers now and then, to be looked at while it trains and kept afterwards."""

import logging
import os
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from synface.core.errors import InputError
from synface.core.tables import write_table

logger = logging.getLogger(__name__)

Row = Mapping[str, float]
"""Its first number says where the training was: an epoch or an iteration, counted from 1."""
SECONDS_BETWEEN_FILES = 2.0
SECONDS_BETWEEN_LINES = 30.0  # of the log: a GANmut has a row every few seconds for weeks
TENSORBOARD = "SYNFACE_TENSORBOARD"


class History:
    """The rows of a training. Those so far stand in ``<table>.partial.csv``, beside ``<table>.csv`` to come.

    If the environment variable SYNFACE_TENSORBOARD names a folder, TensorBoard finds them there too, by the path of
    the table's folder.
    """

    def __init__(self, table: Path | str) -> None:
        """Begin without rows."""
        self.table = Path(table)
        self.rows: list[Row] = []
        self.partial = partial_of(table)
        self._written = self._logged = -float("inf")
        self._board = _open_board(self.table)

    def extend(self, rows: Iterable[Row]) -> None:
        """Take over the rows of a training that goes on."""
        self.rows.extend(rows)
        self.write()

    def add(self, row: Row, *, last: bool = False) -> None:
        """Add a row; write and log it, if it is the last or enough seconds have gone by since another was."""
        self.rows.append(row)
        if self._board is not None:
            (_, at), *values = row.items()
            for name, value in values:
                self._board.add_scalar(name, value, int(at))
        now = time.monotonic()
        if last or now - self._written >= SECONDS_BETWEEN_FILES:
            self.write()
        if last or now - self._logged >= SECONDS_BETWEEN_LINES:
            self._logged = now
            logger.info("%s", ", ".join(f"{name} {value:.5g}" for name, value in row.items()))

    def write(self) -> None:
        """Write the rows so far, if there are any."""
        if not self.rows:
            return
        self._written = time.monotonic()
        try:
            write_table(pd.DataFrame(self.rows), self.partial)
        except InputError as error:  # of a full disk; the rows are in the state too
            logger.warning("%s", error)
        if self._board is not None:
            self._board.flush()

    def close(self) -> None:
        """Let TensorBoard's file go."""
        if self._board is not None:
            self._board.close()


def partial_of(table: Path | str) -> Path:
    """Return the path of the rows so far of the history ``table``."""
    return Path(table).with_suffix(".partial.csv")


def conclude(rows: Iterable[Row], *, state: Path | str, history: Path | str) -> None:
    """Write the table of a complete training whose results are written, and remove what only going on would need."""
    write_table(pd.DataFrame(list(rows)), history)
    partial_of(history).unlink(missing_ok=True)
    Path(state).unlink(missing_ok=True)


def _open_board(table: Path) -> Any | None:
    folder = os.environ.get(TENSORBOARD)
    if not folder:
        return None
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InputError(
            f"{TENSORBOARD} is set, but tensorboard is not installed ({error}): pip install tensorboard, or unset it"
        ) from error
    return SummaryWriter(str(Path(folder, *(part for part in table.parent.parts if part != table.anchor))))
