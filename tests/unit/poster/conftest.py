from pathlib import Path

import numpy as np
import pytest
import torch
from fill import fill_state, image_batch

from synface.poster.model import Poster


@pytest.fixture(scope="session")
def expected():
    with np.load(Path(__file__).parent / "expected.npz") as file:
        return dict(file)


@pytest.fixture(scope="session")
def images():
    return torch.from_numpy(image_batch("poster", 2, 224, 1, 2.0))


def key_list(model):
    return {
        key: [list(value.shape), str(value.dtype).removeprefix("torch.")] for key, value in model.state_dict().items()
    }


@pytest.fixture(scope="session")
def large_state():
    """The filled state of the large network; what the smaller ones have in common with it, they take from here."""
    with torch.device("meta"):
        keys = key_list(Poster("large"))
    return {key: torch.from_numpy(value) for key, value in fill_state(keys, seed=1).items()}


@pytest.fixture(scope="session")
def build(large_state):
    def build_filled(size="large", classes=7, token_mixing=True, **options):
        with torch.device("meta"):
            model = Poster(size, classes, token_mixing, **options)
        state = {key: large_state[key].clone() for key in model.state_dict() if "head" not in key}
        head = {key: entry for key, entry in key_list(model).items() if "head" in key}
        state |= {key: torch.from_numpy(value) for key, value in fill_state(head, seed=1).items()}
        model.load_state_dict(state, strict=True, assign=True)
        # Assignment keeps the tensors' own flag, not the parameters'.
        model.face_landback.requires_grad_(not model.freeze_landmarks)
        return model

    return build_filled
