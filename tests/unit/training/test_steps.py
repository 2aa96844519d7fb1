"""The frame of every training: its steps, when their state is saved, how it ends early, what its history shows."""

import os
import signal
import sys
import threading
import types
from pathlib import Path

import pandas as pd
import pytest

from synface.core.errors import InputError
from synface.training import history, steps
from synface.training.history import conclude, partial_of
from synface.training.state import load_state
from synface.training.steps import terminations, train_to_the_end

FACTS = {"seed": 1}


class Sum:
    """Adds up the numbers of its steps; a row for every second step."""

    steps = 9
    what = "additions"
    name = "a sum"

    def __init__(self, stop_in=None, crash_in=None, total=0, stop_by=signal.SIGTERM):
        self.total, self.made = total, []
        self.stop_in, self.crash_in, self.stop_by = stop_in, crash_in, stop_by

    def step(self, number):
        if number == self.crash_in:
            raise RuntimeError("power cut")
        self.made.append(number)
        self.total += number
        if number == self.stop_in:
            os.kill(os.getpid(), self.stop_by)
        return {"step": number + 1, "total": self.total} if number % 2 == 1 or number == 8 else None

    def state(self):
        return {"total": self.total}

    def restore(self, state):
        self.total = state["total"]


ROWS = [{"step": step, "total": total} for step, total in ((2, 1), (4, 6), (6, 15), (8, 28), (9, 36))]


@pytest.fixture
def places(tmp_path):
    return {"state": tmp_path / "state.pt", "history": tmp_path / "history.csv"}


@pytest.fixture
def saved_always(monkeypatch):
    monkeypatch.setattr(steps, "SECONDS_BETWEEN_STATES", 0.0)


@pytest.fixture
def heeded():
    """What a shell's background or nohup ignores is not ignored."""
    before = {number: signal.signal(number, signal.SIG_DFL) for number in steps.STOPS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def train(training, places, facts=FACTS):
    return train_to_the_end(training, **places, facts=facts)


def test_all_steps_once_and_no_state_in_a_short_training(places):
    training = Sum()
    assert train(training, places) == ROWS
    assert training.made == list(range(9))
    assert not places["state"].exists()


@pytest.mark.parametrize("stop_in", [0, 3, 4, 7])
def test_stopped_it_saves_the_current_step_and_goes_on_behind_it(places, stop_in):
    with pytest.raises(SystemExit) as stopped:
        train(Sum(stop_in=stop_in), places)
    assert stopped.value.code == 128 + signal.SIGTERM
    assert load_state(places["state"], FACTS)["done"] == stop_in + 1
    training = Sum()
    assert train(training, places) == ROWS
    assert training.made == list(range(stop_in + 1, 9))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_every_signal_saves_alike_and_is_one_line(places, capsys, heeded, number):
    with pytest.raises(SystemExit) as stopped:
        train(Sum(stop_in=3, stop_by=number), places)
    assert stopped.value.code == 128 + number
    assert (
        capsys.readouterr().err
        == f"stopped by {number.name} after 4 of 9 additions; the same command goes on from here\n"
    )
    training = Sum()
    assert train(training, places) == ROWS
    assert training.made == [4, 5, 6, 7, 8]


def test_what_nohup_ignores_does_not_stop_it(places):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert train(Sum(stop_in=3, stop_by=signal.SIGHUP), places) == ROWS
    finally:
        signal.signal(signal.SIGHUP, before)


class TestFullDisk:
    @pytest.fixture
    def full(self, monkeypatch):
        def refuse(*_, **__):
            raise InputError("state.pt: cannot be written, the disk is full")

        monkeypatch.setattr(steps, "save_state", refuse)

    def test_a_training_goes_on_without_its_state_and_says_so(self, places, saved_always, full, capsys):
        assert train(Sum(), places) == ROWS
        sentence = "the training goes on, but its state is not saved: state.pt: cannot be written, the disk is full"
        assert set(capsys.readouterr().err.splitlines()) == {sentence}

    def test_stopped_it_does_not_promise_what_it_cannot_keep(self, places, full, capsys):
        with pytest.raises(SystemExit):
            train(Sum(stop_in=3), places)
        assert capsys.readouterr().err.endswith("the same command goes on from its last state, if there is one\n")


def test_a_stop_in_the_last_step_lets_the_training_end(places):
    assert train(Sum(stop_in=8), places) == ROWS


def test_after_a_crash_it_goes_on_from_the_last_state(places, saved_always):
    with pytest.raises(RuntimeError, match="power cut"):
        train(Sum(crash_in=5), places)
    training = Sum()
    assert train(training, places) == ROWS
    assert training.made == [5, 6, 7, 8]


def test_the_state_of_other_facts_is_not_used(places):
    with pytest.raises(SystemExit):
        train(Sum(stop_in=3), places)
    training = Sum()
    train(training, places, facts={"seed": 2})
    assert training.made == list(range(9))


def test_the_handler_of_sigterm_is_put_back():
    before = signal.getsignal(signal.SIGTERM)
    with terminations() as requested:
        assert not requested
        os.kill(os.getpid(), signal.SIGTERM)
        assert requested
    assert signal.getsignal(signal.SIGTERM) == before


def test_another_thread_trains_without_a_handler(places):
    rows = []
    thread = threading.Thread(target=lambda: rows.extend(train(Sum(), places)))
    thread.start()
    thread.join()
    assert rows == ROWS


class TestFailure:
    class Overflowing(Sum):
        """Its total is finite for three rows."""

        def step(self, number):
            if number == 6:
                self.total = self.becomes
            return super().step(number)

    @pytest.mark.parametrize("becomes", [float("nan"), float("inf"), -float("inf")])
    def test_a_loss_that_is_not_finite_ends_it_at_the_next_row(self, places, becomes):
        training = self.Overflowing()
        training.becomes = becomes
        message = (
            rf"history\.csv: the training of a sum has failed: total is {becomes} in step 8, after 8 of 9 additions; "
            r"expected finite numbers; lower its learning rate \(lr\)"
        )
        with pytest.raises(InputError, match=message):
            train(training, places)
        assert training.made[-1] == 7
        assert pd.read_csv(partial_of(places["history"])).to_dict("records") == ROWS[:3]
        assert not places["history"].exists()

    def test_a_large_loss_is_one(self, places):
        assert train(Sum(total=1e308), places)[-1]["total"] == 1e308


class TestHistory:
    def test_it_grows_beside_its_place_and_stands_there_in_the_end(self, places, monkeypatch):
        monkeypatch.setattr(history, "SECONDS_BETWEEN_FILES", 0.0)
        with pytest.raises(RuntimeError, match="power cut"):
            train(Sum(crash_in=5), places)
        assert pd.read_csv(partial_of(places["history"])).to_dict("records") == ROWS[:2]
        assert not places["history"].exists()
        rows = train(Sum(), places)
        conclude(rows, **places)
        assert pd.read_csv(places["history"]).to_dict("records") == ROWS
        assert not partial_of(places["history"]).exists()

    def test_the_last_row_is_written_and_logged_however_soon(self, places, caplog):
        caplog.set_level("INFO")
        train(Sum(), places)
        assert pd.read_csv(partial_of(places["history"])).to_dict("records") == ROWS
        assert [line for line in caplog.messages if line.startswith("step")] == ["step 2, total 1", "step 9, total 36"]

    def test_a_stopped_training_shows_all_its_rows(self, places):
        with pytest.raises(SystemExit):
            train(Sum(stop_in=6), places)
        assert pd.read_csv(partial_of(places["history"])).to_dict("records") == ROWS[:3]

    def test_the_state_goes_with_the_conclusion(self, places, saved_always):
        rows = train(Sum(), places)
        assert places["state"].exists()
        conclude(rows, **places)
        assert not places["state"].exists()


class TestTensorBoard:
    def test_it_gets_every_row_in_a_folder_per_training(self, tmp_path, monkeypatch):
        boards = []

        class Board:
            def __init__(self, folder):
                self.folder, self.scalars, self.closed = folder, [], False
                boards.append(self)

            def add_scalar(self, *scalar):
                self.scalars.append(scalar)

            def flush(self):
                pass

            def close(self):
                self.closed = True

        module = types.ModuleType("torch.utils.tensorboard")
        module.SummaryWriter = Board
        monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", module)
        monkeypatch.setenv("SYNFACE_TENSORBOARD", "board")
        monkeypatch.chdir(tmp_path)
        train(Sum(), {"state": "a/state.pt", "history": "a/history.csv"})
        (board,) = boards
        assert board.folder == str(Path("board", "a"))
        assert board.scalars == [("total", row["total"], row["step"]) for row in ROWS]
        assert board.closed

    def test_without_the_package_one_sentence_says_what_to_do(self, places, monkeypatch):
        monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
        monkeypatch.setenv("SYNFACE_TENSORBOARD", "board")
        with pytest.raises(InputError, match="SYNFACE_TENSORBOARD is set, but tensorboard is not installed"):
            train(Sum(), places)
