"""Generator files: the published PyTorch checkpoints, and synface's own safetensors."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synface.compute.weights import load_strictly, read_state, read_weights, write_weights
from synface.core.errors import InputError
from synface.ganmut.generator import GENERATORS, GaussianGenerator, Generator, LinearGenerator

METADATA_KEY = "ganmut"
# Of normalization layers, which older PyTorch did not save.
COUNTERS = ("num_batches_tracked",)
_EMOTION_KEY = {"axes.weight": "linear", "mu.weight": "gaussian"}
_BLOCK = re.compile(r"main\.\d+\.main\.0\.weight")


def load_generator(path: Path | str) -> LinearGenerator | GaussianGenerator:
    """Load a generator in evaluation mode on the CPU; linear or Gaussian, channels and blocks are what the file says.

    Reads safetensors as `save_generator` writes them (suffix ``.safetensors``), else a PyTorch checkpoint holding a
    state or one wrapped in a dictionary, with or without the prefix ``module.`` of DataParallel. Nothing in a file is
    executed. Raises `InputError` when the file is unreadable, or naming the keys that are missing or surplus.
    """
    path = Path(path)
    if path.suffix == ".safetensors":
        state, metadata = read_weights(path, METADATA_KEY)
    else:
        state, metadata = read_state(path, marks=tuple(_EMOTION_KEY)), {}
    kinds = [kind for key, kind in _EMOTION_KEY.items() if key in state]
    if len(kinds) != 1 or "main.0.weight" not in state:
        raise InputError(
            f"{path}: no GANmut generator: expected main.0.weight and one of {', '.join(_EMOTION_KEY)}; "
            f"found {', '.join(sorted(state)[:4]) or 'nothing'} ..."
        )
    if state["main.0.weight"].ndim != 4 or state["main.0.weight"].shape[1] != 3 + 2:
        raise InputError(
            f"{path}: main.0.weight has shape {list(state['main.0.weight'].shape)}; expected 3 + 2 input channels, "
            "since only GANmut's two-dimensional models are supported"
        )
    generator = GENERATORS[kinds[0]](
        channels=state["main.0.weight"].shape[0],
        blocks=sum(bool(_BLOCK.fullmatch(key)) for key in state),
        image_size=int(metadata.get("image_size", 128)),
        masked=bool(metadata.get("masked", False)),
    )
    load_strictly(generator, state, str(path), optional=COUNTERS)
    return generator.eval()


def save_generator(generator: Generator, path: Path | str, metadata: Mapping[str, Any] | None = None) -> None:
    """Write ``generator`` as safetensors for `load_generator`; ``metadata`` (any JSON) stands beside what it is."""
    facts = {
        **(metadata or {}),
        "parametrization": generator.parametrization,
        "channels": generator.channels,
        "blocks": generator.blocks,
        "image_size": generator.image_size,
        "masked": generator.masked,
    }
    write_weights(generator, path, METADATA_KEY, facts)
