"""What a job asks a cluster for: run time in minutes and memory in MB, from the size of its work.

Times of trainings come from their arithmetic, FLOPs over a rate; those of shards from a time per image. Both are
several times what was measured: a job that ends early costs little, one that is killed costs all of it. Nothing is
capped: a limit that a partition does not allow is refused at submission, and then set in the profile.
"""

from functools import lru_cache
from math import ceil
from pathlib import Path

from synface.settings.architecture import MOST_IN_MEMORY

# FLOPs (two for a multiply-add) of one image through the published networks, counted by PyTorch.
POSTER_FLOPS = 15.6e9  # large, 224 pixels
GENERATOR_FLOPS = 19.6e9  # 128 pixels, 64 channels, 6 blocks
DISCRIMINATOR_FLOPS = 1.4e9  # the same, depth 6
FORWARD_AND_BACKWARD = 3  # in units of a forward pass

RATE = 1e13  # FLOPs per second: a third of what an A100 or an H200 can do at least, in TF32
SECONDS_PER_STEP = 0.05  # of an optimizer, however small the networks
START_MINUTES = 5  # environment, imports on a slow file system, a cold GPU


def count_rows(table: Path | str) -> int:
    """Return the number of rows of a CSV file below its header; FileNotFoundError when it is not there yet."""
    status = Path(table).stat()
    return _count_rows(str(table), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=100_000)
def _count_rows(table: str, _modified: int, _size: int) -> int:
    with Path(table).open("rb") as file:
        return max(0, sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b"")) - 1)


def minutes_per_image(images: float, seconds: float, attempt: int = 1) -> int:
    """Return the minutes for ``images`` at ``seconds`` each; a second attempt gets twice as many, and so on."""
    return attempt * (START_MINUTES + ceil(images * seconds / 60))


def poster_minutes(
    images: int,
    *,
    epochs: int,
    steps: int | None,
    batch_size: int,
    optimizer: str,
    width: float,
    input_size: int,
    **_other: object,
) -> int:
    """Return the minutes of a POSTER training on ``images``, with the settings of a model in the configuration.

    No more for a later attempt: a training goes on from its last state.
    """
    passes = FORWARD_AND_BACKWARD * (2 if optimizer == "sam" else 1)
    seen = images * epochs if steps is None else steps * batch_size
    flops = seen * passes * POSTER_FLOPS * width**2 * (input_size / 224) ** 2
    steps = epochs * ceil(images / batch_size) if steps is None else steps
    return START_MINUTES + ceil((flops / RATE + steps * SECONDS_PER_STEP) / 60)


def poster_megabytes(images: int, *, input_size: int, attempt: int = 1, **_other: object) -> int:
    """Return the memory of a POSTER training: every second row of all images, and again while they are moved.

    They are on the GPU too, beside the network, unless they are more than `MOST_IN_MEMORY`: then in a file.
    """
    held = min(images * 3 * ceil(input_size / 2) * input_size, MOST_IN_MEMORY)
    return attempt * (8000 + ceil(2 * held / 1e6))


def ganmut_minutes(
    *,
    iterations: int,
    batch_size: int,
    critic_steps: int,
    image_size: int,
    channels: int,
    blocks: int,
    discriminator_channels: int,
    **_other: object,
) -> int:
    """Return the minutes of a GANmut training with the settings of a generator in the configuration.

    The discriminator sees real and edited images, and its gradient penalty costs as much as both; the generator, once
    every ``critic_steps``, edits and goes back. Half of a published generator's work is outside its blocks.
    """
    area = (image_size / 128) ** 2
    generator = GENERATOR_FLOPS * area * (channels / 64) ** 2 * (0.5 + blocks / 12)
    discriminator = DISCRIMINATOR_FLOPS * area * (discriminator_channels / 64) ** 2
    critic = generator + 4 * FORWARD_AND_BACKWARD * discriminator
    editor = FORWARD_AND_BACKWARD * (2 * generator + discriminator)
    seconds = iterations * (batch_size * (critic + editor / critic_steps) / RATE + SECONDS_PER_STEP)
    return START_MINUTES + ceil(seconds / 60)


def ganmut_megabytes(images: int, *, image_size: int, attempt: int = 1, **_other: object) -> int:
    """Return the memory of a GANmut training: all its images decoded, 3 bytes per pixel, and the networks."""
    return attempt * (8000 + ceil(images * 3 * image_size**2 / 1e6))
