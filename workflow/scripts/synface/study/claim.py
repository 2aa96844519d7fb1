"""One job at a time for the same outputs: what a job claims before it writes.

A Snakemake that was lost (a killed process, a rebooted login node) leaves its SLURM jobs behind. The next one does not
take them up again but submits their twins. A twin must not write beside the first job, and must not throw away and
compute again what the first has finished meanwhile. On one machine jobs end with their Snakemake, some a moment later:
the next run's wait for that. Runs claim their folder in the same way.

A claim is a small file that only one job can create. Claims on the same outputs are numbered and the highest counts, so
that taking over from a dead holder is a creation too, never a removal. Creation is a hard link, atomic on NFS as well;
there are no locks to be lost by a server.
"""

import contextlib
import hashlib
import json
import logging
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from synface.core.processes import Process

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 15.0
SECONDS_BETWEEN_LOOKS_HERE = 0.5  # at a process of this machine, which is about to end
# A job in any other state (or in none that SLURM still knows) computes nothing; one that waits in the queue looks for
# claims itself when it starts.
COMPUTING = {"RUNNING", "COMPLETING", "SUSPENDED", "STOPPED", "SIGNALING", "STAGE_OUT", "CONFIGURING", "RESIZING"}


@dataclass(frozen=True)
class Claim:
    """Who computes, or computed, the outputs of a job, and from what."""

    job: str  # SLURM's id, or "" on one machine
    host: str
    process: int
    started: str  # of the process, in clock ticks since the host's start: ids are used again, this pair is not
    content: str  # a hash of what the outputs are made from

    @classmethod
    def of_this_job(cls, content: str) -> Self:
        """Describe this process, and the SLURM job that it belongs to, if any."""
        host, process, started = Process.here()
        return cls(os.environ.get("SLURM_JOB_ID", ""), host, process, started, content)

    @property
    def holder(self) -> Process:
        """The process that made the claim."""
        return Process(self.host, self.process, self.started)


def take_claim(
    folder: Path | str,
    name: str,
    claim: Claim,
    *,
    computes: Callable[[Claim], bool] | None = None,
    wait: Callable[[Claim], None] | None = None,
) -> Claim | None:
    """Claim ``name`` (any text) in ``folder``, waiting as long as another job that holds it computes.

    Returns the claim taken over, or None for the first on this name. ``computes`` says whether a holder does, and
    ``wait`` is what is done meanwhile, again and again.
    """
    computes = computes or is_computing
    wait = wait or _waiting(name)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    stem = _stem(name)
    while True:
        number, holder = _newest(folder, stem)
        if holder is not None and computes(holder):
            wait(holder)
        elif _create(folder / f"{stem}.{number + 1}", claim):
            if _newest(folder, stem)[0] == number + 1:
                (folder / f"{stem}.{number}").unlink(missing_ok=True)
                return holder
            # Since the look above, others have taken over, ended, and been tidied away: this number was theirs.
            (folder / f"{stem}.{number + 1}").unlink()


def holds_claim(folder: Path | str, name: str, claim: Claim) -> bool:
    """Return whether nobody has taken ``claim`` on ``name`` over."""
    return _newest(Path(folder), _stem(name))[1] == claim


def is_finished(outputs: Iterable[Path | str], since: float) -> bool:
    """Return whether all ``outputs`` exist and were written after ``since`` (seconds of the epoch).

    Every output appears by a rename when it is whole, so all of them together are a finished job's.
    """
    try:
        return all(Path(output).stat().st_mtime > since for output in outputs)
    except FileNotFoundError:
        return False


def is_computing(claim: Claim) -> bool:
    """Return whether the holder of ``claim`` still runs, as far as can be known; in doubt a SLURM job does."""
    if claim.started and claim.holder.runs:
        return True  # even if SLURM has given it up, as on a node that was set down
    if not claim.job:
        return False  # of another machine: runs there and here exclude each other
    if claim.job == os.environ.get("SLURM_JOB_ID"):
        return False  # this very job, before SLURM requeued it
    if shutil.which("squeue") is None:
        logger.warning("no squeue on %s: SLURM job %s is taken to have ended", Process.here().host, claim.job)
        return False
    command = ["squeue", "--noheader", "--states=all", "--format=%T", f"--jobs={claim.job}"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        return "Invalid job id" not in found.stderr
    return not COMPUTING.isdisjoint(found.stdout.split())


def _stem(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:24]


def _waiting(name: str) -> Callable[[Claim], None]:
    """Return what waits for a holder, and says so the first time."""
    told = []

    def wait(holder: Claim) -> None:
        if not told:
            who = f"SLURM job {holder.job}" if holder.job else f"process {holder.process}"
            logger.warning("%s is being computed by %s: waiting for its end", name, who)
            told.append(who)
        time.sleep(SECONDS_BETWEEN_LOOKS if holder.job else SECONDS_BETWEEN_LOOKS_HERE)

    return wait


def _newest(folder: Path, stem: str) -> tuple[int, Claim | None]:
    """Return the highest number with its claim, or (-1, None)."""
    while True:
        numbers = [int(path.suffix[1:]) for path in folder.glob(f"{stem}.*") if re.fullmatch(r"\.\d+", path.suffix)]
        if not numbers:
            return -1, None
        with contextlib.suppress(FileNotFoundError):  # taken over and tidied up since it was listed
            return max(numbers), Claim(**json.loads((folder / f"{stem}.{max(numbers)}").read_text()))


def _create(path: Path, claim: Claim) -> bool:
    """Create ``path`` with its whole content at once; return False when another job was faster."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".claim-{Process.here()}-")
    try:
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(claim), file)
        os.link(temporary, path)
    except FileExistsError:
        return False
    finally:
        Path(temporary).unlink()
    return True
