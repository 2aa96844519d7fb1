"""The state of a training on disk."""

import numpy as np
import torch

from synface.training.state import content_of, load_state, save_state


def test_state_of_another_identity_or_damaged_is_none(tmp_path):
    path = tmp_path / "state.pt"
    a, b = {"seed": 1}, {"seed": 2}
    assert load_state(path, a) is None
    save_state(path, a, {"done": 3})
    assert load_state(path, a)["done"] == 3
    assert load_state(path, b) is None
    path.write_bytes(path.read_bytes()[:40])
    assert load_state(path, a) is None


def test_what_is_other_is_told(tmp_path, caplog):
    facts = {"settings": {"lr": 0.1}, "images_sha256": "a", "threads": 1}
    save_state(tmp_path / "state.pt", facts, {"done": 3})
    assert load_state(tmp_path / "state.pt", facts | {"images_sha256": "b", "threads": 2}) is None
    assert "was made with other images sha256, threads; training starts again" in caplog.text


def test_the_content_is_that_of_every_number_whatever_holds_them():
    array = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert content_of(array) == content_of(torch.from_numpy(array)) == content_of(np.asfortranarray(array))
    other = array.copy()
    other[2, 3] ^= 1
    others = [other, array.reshape(4, 3), array.view(np.int8)]
    assert len({content_of(each) for each in [array, *others]}) == 4
