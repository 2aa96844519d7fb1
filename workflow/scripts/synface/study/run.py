"""A run from start to end: alone in its folder, of one configuration and one code, able to follow a killed one."""

import atexit
import contextlib
import hashlib
import json
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from synface.core.errors import InputError
from synface.core.files import LEAST_FREE, clear_temporaries
from synface.core.processes import Process
from synface.study.claim import Claim, take_claim
from synface.study.cluster import CLAIMS

SNAKEMAKE = "SYNFACE_SNAKEMAKE"  # the process whose end ends its jobs
FROZEN = "SYNFACE_FROZEN"  # what a run began with
LOCKS = Path(".snakemake/locks")
NAME = "the run"
FOLDERS_TIME = ".snakemake_timestamp"
# With these Snakemake looks and makes nothing, so that another run does not matter.
LOOKS = re.compile(
    r"-[fFkpqr]*n[fFkpqr]*|--dry-?run|--lint|--report|--dag|--rulegraph|--filegraph|--d3dag|--summary|-S|-D|-l|-h"
    r"|--detailed-summary|--list.*|--lt|--lu|--unlock|--help|--version|-v|--print-compilation|--containerize"
    r"|--generate-unit-tests"
)


def begin_run(arguments: Sequence[str], results: Path | str) -> str | None:
    """Take the folder for this run and tidy up after one that was killed; return a sentence where there was one.

    Args:
        arguments: of Snakemake's command line.
        results: the folder of the results.

    Raises:
        InputError: another run works in this folder.
    """
    if "--unlock" in arguments:
        shutil.rmtree(CLAIMS / "run", ignore_errors=True)
    if any(LOOKS.fullmatch(argument.partition("=")[0]) for argument in arguments):
        return None
    mine = Claim.of_this_job(time.strftime("%Y-%m-%d %H:%M"))

    def is_working(claim: Claim) -> bool:
        if claim.holder == mine.holder:
            return False  # two modules of one workflow
        runs = claim.holder.runs
        return _is_locked() if runs is None else runs

    def refuse(claim: Claim) -> None:
        sure = claim.holder.runs and claim.started
        unsure = "" if sure else "; if it is known to have ended, run snakemake --unlock first"
        raise InputError(
            f"{Path.cwd()}: another run works here, process {claim.process} of {claim.host}, since {claim.content}; "
            f"wait for its end{unsure}"
        )

    before = take_claim(CLAIMS / "run", NAME, mine, computes=is_working, wait=refuse)
    now = time.time()
    for folder in folders_of(results):
        clear_temporaries(folder)
        take_from_future(folder, now)
    if before is not None and before.holder == mine.holder:
        return None
    for folder in (".snakemake/synface", CLAIMS, CLAIMS / "run"):
        clear_temporaries(folder)
    ended = CLAIMS / "run" / "ended"
    stale = before is not None and _is_locked() and not (ended.is_file() and ended.read_text() == str(before.holder))
    if stale:
        shutil.rmtree(LOCKS)
        LOCKS.mkdir()
    atexit.register(_note_end, mine.holder, ended.absolute())
    atexit.register(_tell_of_full_disk, mine.holder, Path.cwd())
    return f"The run before, of {before.content}, was killed: what it had not finished is made now." if stale else None


def leave_to_jobs() -> None:
    """Tell every process that this one starts with whose end it ends."""
    os.environ[SNAKEMAKE] = str(Process.here())


def freeze(module: str, configuration: Mapping[str, Any], code: Mapping[str, str]) -> None:
    """Leave to the jobs of this run what it began with; ``module`` tells several of one workflow apart."""
    frozen = json.loads(os.environ.get(FROZEN, "{}"))
    frozen[module] = {"configuration": _hash(configuration), "code": dict(code)}
    os.environ[FROZEN] = json.dumps(frozen)


def what_has_changed(module: str, configuration: Mapping[str, Any], code: Mapping[str, str]) -> str | None:
    """Return which of configuration and ``code`` (of scripts by name) is not what the run began with; None for neither.

    Where nothing was left by the run, as on an executor that hands no environment on, nothing is known to have changed.
    """
    frozen = json.loads(os.environ.get(FROZEN, "{}")).get(module)
    if frozen is None:
        return None
    if frozen["configuration"] != _hash(configuration):
        return "configuration"
    return "code" if any(frozen["code"].get(name, value) != value for name, value in code.items()) else None


def folders_of(results: Path | str) -> Iterator[Path]:
    """Yield the folders in which results are written, not those of single images."""
    for folder, names, _ in os.walk(results):
        yield Path(folder)
        inside = Path(folder).relative_to(results).parts
        names[:] = [name for name in names if not name.startswith(".")]
        if inside == ("drawings",) or (len(inside) == 4 and inside[0] == "datasets"):
            names.clear()


def take_from_future(folder: Path | str, now: float) -> None:
    """Give what lies in ``folder`` the time ``now`` (seconds) where its own is later, as after a clock that was ahead.

    Snakemake refuses whatever is made from a file that is newer. With one time for all, none of them is newer.
    """
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            # The time of a folder that a rule makes is that of a file in it.
            path = Path(entry.path, FOLDERS_TIME) if entry.is_dir(follow_symlinks=False) else Path(entry.path)
            with contextlib.suppress(OSError):
                if path.lstat().st_mtime > now:
                    os.utime(path, (now, now), follow_symlinks=False)


def _is_locked() -> bool:
    return LOCKS.is_dir() and any(LOCKS.iterdir())


def _note_end(run: Process, file: Path) -> None:
    if Process.here() == run:  # not one that it has forked
        with contextlib.suppress(OSError):
            file.write_text(str(run))


def _tell_of_full_disk(run: Process, folder: Path) -> None:
    """Say it last: Snakemake's own files, which fill the terminal with what they could not hold, are on it too."""
    if Process.here() != run or not folder.is_dir():
        return
    space = shutil.disk_usage(folder)
    if space.free < LEAST_FREE:
        told = f"{folder}: the disk is full ({space.free / 1e6:,.1f} of {space.total / 1e6:,.0f} MB are free)"
        print(f"\n{told}; make room and give the same command again", file=sys.stderr, flush=True)


def _hash(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
