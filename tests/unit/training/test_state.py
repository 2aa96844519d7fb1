"""The steps of a training: what is left, when its state is saved, how it ends early."""

import os
import signal

import pytest

from synface.training.state import Termination, load_state, remaining_steps, save_state


@pytest.fixture
def termination():
    return Termination()


def run(done, total, termination, *, every, stop_in=None):
    """Go through the steps; return those made and, for each save, the step before it."""
    steps, saves = [], []
    try:
        for step in remaining_steps(
            done, total, save=lambda: saves.append(steps[-1]), every=every, termination=termination, what="steps"
        ):
            steps.append(step)
            if step == stop_in:
                termination.requested = True
    except SystemExit as stop:
        return steps, saves, stop.code
    return steps, saves, None


def test_all_steps_that_are_left_without_a_save(termination):
    assert run(2, 5, termination, every=1e9) == ([2, 3, 4], [], None)


def test_saved_after_a_step_when_it_is_time(termination):
    assert run(0, 3, termination, every=0.0) == ([0, 1, 2], [0, 1, 2], None)


def test_a_stop_saves_the_current_step_and_exits_as_after_sigterm(termination):
    assert run(0, 9, termination, every=1e9, stop_in=4) == ([0, 1, 2, 3, 4], [4], 128 + signal.SIGTERM)


def test_a_stop_in_the_last_step_lets_the_training_end(termination):
    assert run(0, 3, termination, every=1e9, stop_in=2) == ([0, 1, 2], [], None)


def test_sigterm_is_noted_and_the_handler_put_back():
    before = signal.getsignal(signal.SIGTERM)
    with Termination() as termination:
        assert not termination.requested
        os.kill(os.getpid(), signal.SIGTERM)
        assert termination.requested
    assert signal.getsignal(signal.SIGTERM) == before


def test_state_of_another_identity_or_damaged_is_none(tmp_path):
    path = tmp_path / "state.pt"
    assert load_state(path, "a") is None
    save_state(path, "a", {"done": 3})
    assert load_state(path, "a")["done"] == 3
    assert load_state(path, "b") is None
    path.write_bytes(path.read_bytes()[:40])
    assert load_state(path, "a") is None
