"""The log of a job: everything a script says, and why it failed, in the file that its rule declares."""

import logging
import os
import socket
import sys
from pathlib import Path
from types import TracebackType

from synface.core.errors import InputError


def log_to(path: Path | str) -> None:
    """Send logging, warnings and uncaught exceptions to ``path``.

    An `InputError` ends the job with its one sentence as the last line, on stderr too; any other exception leaves its
    whole traceback.
    """
    handler = logging.FileHandler(path, mode="w", encoding="utf-8")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", handlers=[handler])
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a disk that is too full for the log is told of once, not at every line
    if "SLURM_JOB_ID" in os.environ:
        gpus = os.environ.get("CUDA_VISIBLE_DEVICES", "none")
        logging.info("SLURM job %s on %s, GPU %s", os.environ["SLURM_JOB_ID"], socket.gethostname(), gpus)

    def log_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, InputError):
            logging.error("%s", error)
            print(error, file=sys.stderr)
        else:
            logging.error("%s", error, exc_info=(kind, error, trace))
            sys.__excepthook__(kind, error, trace)

    sys.excepthook = log_exception
