"""The state of a training on disk."""

from synface.training.state import load_state, save_state


def test_state_of_another_identity_or_damaged_is_none(tmp_path):
    path = tmp_path / "state.pt"
    assert load_state(path, "a") is None
    save_state(path, "a", {"done": 3})
    assert load_state(path, "a")["done"] == 3
    assert load_state(path, "b") is None
    path.write_bytes(path.read_bytes()[:40])
    assert load_state(path, "a") is None
