"""What every job does before its work: it ends with its run, keeps to one code, and writes only what is its own.

Nothing of this changes a result: the fingerprint of a script leaves this module out.
"""

import logging
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from synface.core.errors import InputError
from synface.core.files import checks_before_renames
from synface.core.logs import log_to
from synface.core.processes import Process, end_with
from synface.study.claim import Claim, holds_claim, take_claim
from synface.study.cluster import CLAIMS
from synface.study.fingerprint import LIBRARY, fingerprint
from synface.study.run import SNAKEMAKE

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


def begin_job(log: Path | str, code: str) -> None:
    """Begin a job of the workflow.

    It ends with the Snakemake that started it, waits for whatever of a run before still computes the same, and refuses
    a code that is not the one its run began with.

    Args:
        log: where it logs, by which it is known too.
        code: the fingerprint of its script that the run has planned with.

    Raises:
        InputError: the code has changed since.
    """
    end_on_signals()
    if snakemake := os.environ.get(SNAKEMAKE):
        process = Process.read(snakemake)
        if process.runs is not None:  # SLURM's own Snakemake, on the node
            end_with(process)
    try:
        _claim(f"job {log}")
        log_to(log)
    except OSError as error:  # before there is a log, one sentence on the terminal is all there can be
        sys.exit(f"{error.filename}: cannot be written ({error.strerror}); start again when it can")
    _refuse_other_code(code)


def end_on_signals() -> None:
    """End at SIGINT, SIGTERM and SIGHUP with one line, after every `finally`; what nohup ignores stays ignored."""
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    # One is enough: a closed terminal brings SIGHUP, and SIGTERM from the watch over its Snakemake.
    for each in SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    sentence = f"stopped by {signal.Signals(number).name}; the same command makes it again"
    logging.getLogger(__name__).error("%s", sentence)
    os.write(2, f"{sentence}\n".encode())  # print may have been interrupted itself
    raise SystemExit(128 + number)


def _claim(name: str) -> None:
    mine = Claim.of_this_job("")
    take_claim(CLAIMS, name, mine)

    def check() -> None:
        if not holds_claim(CLAIMS, name, mine):
            raise InputError(f"{name}: another run has taken this job over; what this one made was not kept")

    checks_before_renames.append(check)


def _refuse_other_code(code: str) -> None:
    script = Path(getattr(sys.modules["__main__"], "__file__", ""))
    # A hosted workflow's scripts lie in a cache, which nobody edits.
    if script.parent == LIBRARY and script.is_file() and fingerprint(script) != code:
        raise InputError(
            f"{script.name}: the code was changed after this run had begun, and results would be recorded as the "
            "old code's; run the same command again: what is finished and unchanged stays"
        )
