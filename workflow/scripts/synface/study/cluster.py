"""What every job on a SLURM cluster does before it computes: keep to its CPUs, and look out for a twin."""

import hashlib
import json
import logging
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synface.study.claim import Claim, is_finished, take_claim

logger = logging.getLogger(__name__)

CLAIMS = Path(".snakemake/synface-claims")
# Libraries that start a thread for every CPU of the node, unless told otherwise.
THREAD_LIMITS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")


def note_start() -> None:
    """Leave to the jobs of this run when it began: of what was written later, Snakemake did not know."""
    os.environ["SYNFACE_RUN_START"] = str(time.time())


def is_computing_part(arguments: Sequence[str]) -> bool:
    """Return whether this command line is the one of a SLURM job's two Snakemakes that runs the script.

    The other one around it only starts the job step. It may outlive it, after the node was given up for lost.
    """
    return "SLURM_JOB_ID" in os.environ and "slurm-jobstep" not in arguments


def limit_threads() -> None:
    """Let the libraries of this process's children use as many threads as the job was given CPUs."""
    threads = os.environ.get("SLURM_CPUS_PER_TASK", "1")
    os.environ.update(dict.fromkeys(THREAD_LIMITS, threads))


def arguments_of(option: str, arguments: Sequence[str]) -> list[str]:
    """Return the values that follow ``option`` in a command line."""
    if option not in arguments:
        return []
    values = []
    for argument in arguments[arguments.index(option) + 1 :]:
        if argument.startswith("--"):
            break
        values.append(argument)
    return values


def note_refusal(logs: Sequence[Path | str], sentence: str) -> None:
    """Write why a job did not begin where its run looks for the reason."""
    for log in map(Path, logs):
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(f"{time.strftime('%Y-%m-%d %H:%M:%S,000')} ERROR {sentence}\n", encoding="utf-8")


def are_finished_by_others(jobs: Mapping[str, tuple[Sequence[str], Any]]) -> bool:
    """Claim ``jobs`` (name: outputs, what they are made from as JSON) and return whether others have finished them all.

    Waits for every other SLURM job that computes one of them. Outputs count as finished when the claim before this one
    was on equal content and they were written since this run of the workflow began (SYNFACE_RUN_START).
    """
    finished = []
    # In one order everywhere, so that two groups of jobs never wait for each other.
    for name, (outputs, made_from) in sorted(jobs.items()):
        content = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()
        before = take_claim(CLAIMS, name, Claim.of_this_job(content))
        same = before is not None and before.content == content
        finished.append(same and is_finished(outputs, float(os.environ.get("SYNFACE_RUN_START", "inf"))))
        if finished[-1]:
            logger.warning("%s was finished by SLURM job %s meanwhile", name, before.job)
    return bool(finished) and all(finished)
