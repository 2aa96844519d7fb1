import io
import logging
import sys

import pytest

from synface.core import progress as module
from synface.core.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch):
    """Time that passes ten seconds at each look."""
    now = iter(range(0, 10_000, 10))
    monkeypatch.setattr(module.time, "monotonic", lambda: next(now))


def test_items_pass_unchanged_and_nothing_goes_to_stdout(capsys):
    assert list(progress(iter("abc"), total=3)) == ["a", "b", "c"]
    assert capsys.readouterr().out == ""


def test_a_log_gets_a_line_every_thirty_seconds_with_rate_and_time_left(clock, caplog):
    caplog.set_level(logging.INFO)
    assert list(progress(range(8), what="faces")) == list(range(8))
    told = [record.getMessage() for record in caplog.records]
    # One look at the clock per item: 30 s pass every third item, and 3 items in 30 s are 0.1 a second.
    assert told[:2] == ["3 of 8 faces, 0.1/s, 50 s left", "6 of 8 faces, 0.1/s, 20 s left"]
    assert told[2:] == ["8 faces done in 90.0 s"]


def test_without_a_total_no_time_is_left(clock, caplog):
    caplog.set_level(logging.INFO)
    list(progress(iter(range(3)), what="faces"))
    assert caplog.records[0].getMessage() == "3 faces, 0.1/s"


def test_a_terminal_gets_a_bar_on_stderr(monkeypatch, capsys, caplog):
    caplog.set_level(logging.INFO)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(progress([1, 2], what="faces")) == [1, 2]
    assert "faces: 100%" in terminal.getvalue()
    assert capsys.readouterr().out == ""
    assert caplog.records == []
