"""Networks with the weights that the expected values were computed with.

expected.npz holds what the published implementation computes from the deterministic fill of seed 1: images at every
8th pixel, everything else whole.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import fill
import numpy as np
import pytest
import torch
from torch import nn

from synface.ganmut.discriminator import DISCRIMINATORS, Discriminator
from synface.ganmut.generator import GENERATORS, Generator


@pytest.fixture(scope="session")
def expected() -> dict[str, np.ndarray]:
    with np.load(Path(__file__).parent / "expected.npz") as file:
        return dict(file)


@pytest.fixture(scope="session", name="filled_state")
def filled_state_fixture() -> Callable[[str, str], dict[str, np.ndarray]]:
    return filled_state


@cache
def filled_state(kind: str, player: str) -> dict[str, np.ndarray]:
    network = (GENERATORS if player == "generator" else DISCRIMINATORS)[kind]()
    keys = {key: (list(value.shape), str(value.dtype)) for key, value in network.state_dict().items()}
    keys = {key: (shape, dtype.removeprefix("torch.")) for key, (shape, dtype) in keys.items()}
    if (kind, player) == ("gaussian", "discriminator"):
        # All but the heads is the linear one's, whose fill takes seconds.
        body = {key: value for key, value in filled_state("linear", player).items() if not key.startswith("conv")}
        return body | fill.fill_state({key: keys[key] for key in keys if key.startswith("conv")}, seed=1)
    return fill.fill_state(keys, seed=1)


def _load(network: nn.Module, state: dict[str, np.ndarray]) -> nn.Module:
    network.load_state_dict({key: torch.from_numpy(value.copy()) for key, value in state.items()}, strict=True)
    return network


@pytest.fixture
def generator(kind: str) -> Generator:
    """The full-width generator of ``kind`` with the filled weights, in training mode."""
    return _load(GENERATORS[kind](), filled_state(kind, "generator"))


@pytest.fixture
def discriminator(kind: str) -> Discriminator:
    return _load(DISCRIMINATORS[kind](), filled_state(kind, "discriminator"))


@pytest.fixture(scope="session")
def images() -> torch.Tensor:
    return torch.from_numpy(fill.image_batch("ganmut", 2, 128, seed=1))
