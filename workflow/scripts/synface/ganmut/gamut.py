"""What the planning stage needs of a generator, as JSON, so that planning needs no PyTorch."""

import json
import logging
import math
from pathlib import Path
from typing import Any

import torch

from synface.core.emotions import Emotion
from synface.core.files import atomic_path
from synface.ganmut.checkpoint import load_generator, save_generator
from synface.ganmut.generator import GANMUT_CODES, GaussianGenerator, Generator

logger = logging.getLogger(__name__)


@torch.no_grad()
def gamut(generator: Generator) -> dict[str, Any]:
    """Return where each emotion lies in the code space of ``generator``.

    ``classes`` maps the label of an emotion to ``{"theta": ...}``, the angle of its axis in radians in (-pi, pi]
    (linear; neutral, the origin, has no entry), or to ``{"mean": [x, y], "covariance": [[...], [...]]}`` (Gaussian).
    """
    if isinstance(generator, GaussianGenerator):
        order = list(GANMUT_CODES)
        means = generator.means().double()[order].tolist()
        covariances = generator.covariances().double()[order].tolist()
        classes = {e.label: {"mean": means[e], "covariance": covariances[e]} for e in Emotion}
    else:
        codes = generator.class_codes(1.0).double().tolist()
        classes = {e.label: {"theta": _angle(*codes[e])} for e in Emotion if e is not Emotion.NEUTRAL}
    return {"parametrization": generator.parametrization, "image_size": generator.image_size, "classes": classes}


def write_gamut(generator: Generator, path: Path | str) -> None:
    """Write `gamut` as JSON, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(gamut(generator), indent=2) + "\n")


def import_generator(*, checkpoint: Path | str, generator: Path | str, gamut: Path | str) -> None:
    """Turn a published or own checkpoint into the pair of files that the other stages read.

    Writes safetensors to ``generator`` and the code space to ``gamut``. Raises `InputError` as `load_generator` does.
    """
    loaded = load_generator(checkpoint)
    save_generator(loaded, generator, {"checkpoint": Path(checkpoint).name})
    write_gamut(loaded, gamut)
    logger.info(
        "%s: %s GANmut, %d channels, %d blocks, %d pixels",
        checkpoint,
        loaded.parametrization,
        loaded.channels,
        loaded.blocks,
        loaded.image_size,
    )


def _angle(x: float, y: float) -> float:
    # atan2 gives -pi for a negative zero; the interval is open there.
    return math.atan2(y + 0.0, x)
