"""From an image to POSTER's input, for training and testing alike: one filter, one normalization."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from synface.core.errors import InputError
from synface.core.images import read_image
from synface.core.memory import check_room

# ImageNet's, in RGB order. Published RAF-DB training applies them in this order to BGR images; see `normalize`.
MEAN = (0.485, 0.456, 0.406)
STANDARD_DEVIATION = (0.229, 0.224, 0.225)
COLOR_ORDERS = ("rgb", "bgr")
STEP = 2  # POSTER looks at every second pixel of every second row


def resize(image: np.ndarray, size: int) -> np.ndarray:
    """Resize uint8 RGB [H, W, 3] to [size, size, 3] with Pillow's antialiased bilinear filter.

    The same as torchvision's ``Resize((size, size))`` on a Pillow image, which the published transforms use. OpenCV's
    and PyTorch's bilinear filters differ from it.
    """
    if image.shape[:2] == (size, size):
        return image
    return np.asarray(Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR))


def read_images(
    paths: Sequence[Path], *, size: int, threads: int = 1, row_step: int = 1, into: Tensor | None = None
) -> Tensor:
    """Read image files into one uint8 RGB tensor [B, 3, rows, size]; `InputError` names a file that cannot be read.

    Of the ``size`` rows of an image only every ``row_step``-th is kept. ``into`` is a tensor to fill. Without one,
    images that do not fit into memory are told before any is read.
    """
    rows = kept_rows(size, row_step)
    if paths and into is None:
        check_room(len(paths), bytes_each=3 * rows * size, where=str(paths[0].parent), what=f"images at {size} pixels")
    images = torch.empty(len(paths), 3, rows, size, dtype=torch.uint8) if into is None else into

    def read(index: int) -> None:
        try:
            image = read_image(paths[index])
        except FileNotFoundError:
            raise InputError(f"{paths[index]}: listed in metadata.csv but missing; make the dataset again") from None
        images[index] = torch.from_numpy(np.ascontiguousarray(resize(image, size)[::row_step].transpose(2, 0, 1)))

    with ThreadPoolExecutor(max_workers=threads) as pool:
        list(pool.map(read, range(len(paths))))
    return images


def kept_rows(size: int, row_step: int) -> int:
    """Return how many rows of ``size`` are left when every ``row_step``-th is kept, from the first on."""
    return -(-size // row_step)


def halve(images: Tensor) -> Tensor:
    """Return every second pixel: nearest-neighbor halving, which is how POSTER shrinks its input for both branches."""
    return images[..., ::STEP, ::STEP]


def normalize(images: Tensor, color_order: str = "rgb") -> Tensor:
    """Turn RGB [B, 3, H, W] in 0..255 (uint8 or float) into float32 input: scaled to 0..1, minus mean, by deviation.

    With ``"bgr"`` the channels are reversed first and the statistics stay in place: what POSTER's published RAF-DB
    weights were trained on.
    """
    if color_order not in COLOR_ORDERS:
        raise ValueError(f"color order {color_order!r} is unknown; expected one of {', '.join(COLOR_ORDERS)}")
    if color_order == "bgr":
        images = images.flip(1)
    mean, deviation = _statistics(images.device)
    return (images.to(torch.float32) / 255 - mean) / deviation


@lru_cache
def _statistics(device: torch.device) -> tuple[Tensor, Tensor]:
    """Return mean and standard deviation, [1, 3, 1, 1]; made once, since the copy to a GPU makes the CPU wait."""
    mean, deviation = (torch.tensor(v, device=device).view(1, 3, 1, 1) for v in (MEAN, STANDARD_DEVIATION))
    return mean, deviation
