"""What a run says on the terminal, from Snakemake's events."""

import logging
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_synface import LogHandler
from synface.study.board import Board, put_time


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def board(clock):
    return Board(clock)


def log(folder, name, *lines):
    path = folder / name
    path.write_text("".join(f"2026-01-01 10:00:00,000 INFO {line}\n" for line in lines))
    return [str(path)]


def test_a_stage_is_told_when_its_last_job_is_over(board, clock, tmp_path):
    board.plan({"edit_faces": 2, "compare": 1})
    board.begin(1, "edit_faces", {"edit": "varied", "shard": "0"}, log(tmp_path, "0", "700 faces done in 3.0 s"))
    board.begin(2, "edit_faces", {"edit": "varied", "shard": "1"}, log(tmp_path, "1", "1400 faces done in 5.0 s"))
    clock.now = 30
    assert board.finish(1) == ""
    clock.now = 60
    line = board.finish(2)
    assert "edit faces " in line
    assert "2 jobs, 2,100 faces" in line
    assert "1 min 30 s" in line  # 30 s and 60 s of work
    assert "less than a minute left" in line


def test_every_training_is_told(board, clock, tmp_path):
    board.plan({"train_poster": 3})
    for seed in (1, 2, 3):
        wildcards = {"model": "small", "train_set": "Hybrid", "seed": str(seed)}
        board.begin(seed, "train_poster", wildcards, log(tmp_path, str(seed)))
        clock.now += 600
        line = board.finish(seed)
        assert f"train poster: small on Hybrid, seed {seed} ({seed} of 3)" in line
        # Each took ten minutes, one after the other.
        assert {1: "about 20 min left", 2: "about 10 min left", 3: "10 min 0 s"}[seed] in line
    assert line.startswith("100 %")


def test_what_has_not_run_yet_is_expected_to_be_as_slow_as_what_has(board, clock, tmp_path):
    board.plan({"detect_faces": 1, "train_poster": 30})
    board.begin(1, "detect_faces", {"edit": "varied", "shard": "0"}, log(tmp_path, "d", "9 frames done in 3.0 s"))
    clock.now = 25  # where the demo takes 2.5 s
    # Thirty trainings of 12 s in the demo: an hour here, one after the other.
    assert "about 60 min left" in board.finish(1)


def test_the_last_line_says_what_is_going_on_and_how_far_it_is(board, clock, tmp_path):
    board.plan({"detect_faces": 1, "train_ganmut": 1})
    board.begin(
        1, "detect_faces", {"edit": "fixed", "shard": "0"}, log(tmp_path, "d", "20 of 80 frames, 2.0/s, 30 s left")
    )
    board.begin(2, "train_ganmut", {"generator": "linear"}, log(tmp_path, "g", "computing"))
    assert board.now == "  0 % · detect faces fixed, shard 0 (20 of 80 frames, 2.0/s) · train ganmut linear"
    clock.now = 30
    board.finish(1)
    # What a log tells of the time left is better than what is usual.
    log(tmp_path, "g", "10 of 100 iterations, 0.1/s, 900 s left")
    assert board.now == "  6 % · about 15 min left · train ganmut linear (10 of 100 iterations, 0.1/s)"
    board.fail(2)
    assert "ganmut" not in board.now


def test_jobs_that_come_late_are_told_once_more(board, tmp_path):
    """What lies behind a checkpoint is not in the first plan."""
    for number, told in ((1, "audit copies: A"), (2, "audit copies: B")):
        board.begin(number, "audit_copies", {"dataset": told[-1]}, log(tmp_path, "a"))
        assert told in board.finish(number)


def test_targets_and_unknown_jobs_are_not_told(board):
    board.begin(1, "all", {}, [])
    assert board.finish(1) == ""
    assert board.finish(2) == ""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3725, "1 h 2 min"), (90_000, "25 h 0 min")],
)
def test_times(seconds, said):
    assert put_time(seconds) == said


def test_the_handler_says_no_more_than_the_board_and_what_went_wrong(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SYNFACE_PROGRESS", "")
    handler = LogHandler(SimpleNamespace(dryrun=False, quiet=set(), show_failed_logs=False), None)

    def say(message, level=logging.INFO, **event):
        record = logging.LogRecord("snakemake", level, "", 0, message, None, None)
        vars(record).update(event)
        handler.handle(record)

    path = tmp_path / "job.log"
    path.write_text("2026-01-01 10:00:00,000 ERROR edits.fixed: too few: 3\n")
    job = {"rule_name": "deal_portraits", "wildcards": {"edit": "fixed"}, "log": [str(path)], "jobid": 7}
    say("stats", event=LogEvent.RUN_INFO, stats={"deal_portraits": 1, "total": 1})
    say("Select jobs to execute...")
    say("job", event=LogEvent.JOB_INFO, **job)
    say("failed", event=LogEvent.JOB_ERROR, **job)
    say("a warning", logging.WARNING)
    say("again", event=LogEvent.JOB_INFO, **job)
    say("done", event=LogEvent.JOB_FINISHED, job_id=7)
    handler.close()
    said = capsys.readouterr()
    assert said.out == ""
    failed, warning, done = said.err.splitlines()
    assert failed == "deal_portraits failed: edits.fixed: too few: 3"
    assert warning == "a warning"
    assert done.startswith("100 %  deal portraits: fixed")
