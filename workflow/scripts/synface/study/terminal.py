"""`snakemake --logger synface`: a run told in lines for people, a stage each, instead of Snakemake's for its jobs.

On a terminal the last line says what is going on and how long it will take; piped, there are the lines alone. What
went wrong is told at once and, by the workflow, once more at the end. `.snakemake/log/` has everything, as ever.
"""

import logging
import os
import shutil
import sys
import threading

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from synface.study.board import Board
from synface.study.failures import reason_in

_SECONDS = 0.5
_ERASE = "\r\x1b[K"


class LogHandler(LogHandlerBase):
    """Write to stderr what a `Board` makes of Snakemake's events."""

    def __post_init__(self) -> None:
        self._board = Board()
        self._lock = threading.Lock()
        self._live = sys.stderr.isatty() and not self.common_settings.dryrun
        self._over = threading.Event()
        # Jobs draw no bars of their own on this terminal; see synface.core.progress.
        os.environ["SYNFACE_PROGRESS"] = "lines"
        if self._live:
            threading.Thread(target=self._refresh, daemon=True).start()

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = False
    needs_rulegraph = False

    def emit(self, record: logging.LogRecord) -> None:
        """Take an event; write a line where something is worth one."""
        with self._lock:
            line = self._told(record)
            if line:
                print(f"{_ERASE if self._live else ''}{line}", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Take the last line away."""
        self._over.set()
        if self._live:
            with self._lock:
                print(_ERASE, end="", file=sys.stderr, flush=True)
        super().close()

    def _told(self, record: logging.LogRecord) -> str:
        event = getattr(record, "event", None)
        if event is None or self.common_settings.dryrun:
            spoken = record.levelno >= logging.WARNING or self.common_settings.dryrun
            return self.format(record) if spoken or "Nothing to be done" in str(record.msg) else ""
        if event == LogEvent.RUN_INFO:
            self._board.plan({rule: count for rule, count in record.stats.items() if rule != "total"})
        elif event == LogEvent.JOB_INFO:
            self._board.begin(record.jobid, record.rule_name, record.wildcards or {}, list(record.log or []))
        elif event == LogEvent.JOB_FINISHED:
            return self._board.finish(record.job_id)
        elif event == LogEvent.JOB_ERROR:
            self._board.fail(record.jobid)
            logs = list(record.log or [])
            return f"{record.rule_name} failed: {reason_in(logs[0] if logs else '') or 'see above'}"
        elif event == LogEvent.ERROR:
            return self.format(record)
        return ""

    def _refresh(self) -> None:
        while not self._over.wait(_SECONDS):
            with self._lock:
                width = shutil.get_terminal_size().columns - 1
                # The cursor stays at the line's begin: what a job writes covers it.
                print(f"{_ERASE}{self._board.now[:width]}\r", end="", file=sys.stderr, flush=True)
