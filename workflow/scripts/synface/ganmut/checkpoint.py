"""Generator files: the published PyTorch checkpoints, and synface's own safetensors."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from synface.compute.facts import read_fact
from synface.compute.filetype import shown
from synface.compute.weights import check_fit, load_strictly, read_weights, write_weights
from synface.core.errors import InputError
from synface.ganmut.generator import GENERATORS, GaussianGenerator, Generator, LinearGenerator
from synface.settings.generator import BUILT_OF, GanmutTraining

METADATA_KEY = "ganmut"
# Of normalization layers, which older PyTorch did not save.
COUNTERS = ("num_batches_tracked",)
MOST_PIXELS = 4096  # per side
_EMOTION_KEY = {"axes.weight": "linear", "mu.weight": "gaussian"}
_BLOCK = re.compile(r"main\.\d+\.main\.0\.weight")


def load_generator(path: Path | str) -> LinearGenerator | GaussianGenerator:
    """Load a generator in evaluation mode on the CPU; linear or Gaussian, channels and blocks are what the file says.

    Reads safetensors as `save_generator` writes them, or a PyTorch checkpoint holding a state or one wrapped in
    dictionaries, whatever stands before all its keys (``module.`` of DataParallel); the content tells which. Nothing in
    a file is executed. Raises `InputError` when the file is unreadable, or naming the keys that are missing or surplus.
    """
    name = str(path)
    state, metadata = read_weights(path, METADATA_KEY, marks=tuple(_EMOTION_KEY))
    kinds = [kind for key, kind in _EMOTION_KEY.items() if key in state]
    if len(kinds) != 1 or "main.0.weight" not in state:
        raise InputError(
            f"{name}: no GANmut generator: expected main.0.weight and one of {', '.join(_EMOTION_KEY)}; "
            f"found {', '.join(map(shown, sorted(state)[:4]))} ...; give the file of the generator (G)"
        )
    first = list(state["main.0.weight"].shape)
    if len(first) != 4 or first[1] != 3 + 2:
        raise InputError(
            f"{name}: main.0.weight has shape {first}; expected 3 + 2 input channels, "
            "since only GANmut's two-dimensional models are supported"
        )
    sizes = {
        "channels": first[0],
        "blocks": sum(bool(_BLOCK.fullmatch(key)) for key in state),
        "image_size": read_fact(metadata, "image_size", int, 128, name=name, least=4, most=MOST_PIXELS, multiple_of=4),
        "masked": read_fact(metadata, "masked", bool, False, name=name),
    }
    # Compared without memory first: the widest layer grows with the square of what the first one says.
    with torch.device("meta"):
        check_fit(GENERATORS[kinds[0]](**sizes), state, name, optional=COUNTERS)
    generator = GENERATORS[kinds[0]](**sizes)
    load_strictly(generator, state, name, optional=COUNTERS)
    return generator.eval()


def load_start(path: Path | str, settings: GanmutTraining, where: str = "settings") -> Generator:
    """Load the generator that a training starts from; `InputError` when it is built otherwise than ``settings`` say."""
    generator = load_generator(path)
    built = {name: getattr(generator, name) for name in BUILT_OF}
    for problem in settings.other_than(where, str(path), built):
        raise InputError(str(problem))
    return generator


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
