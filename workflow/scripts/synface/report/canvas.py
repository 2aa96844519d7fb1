"""A sheet of images with text, drawn pixel by pixel: no resampling between a face and the file."""

from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from synface.core.files import atomic_path

Box = tuple[float, float, float, float]
READABLE = "#78808a"  # 4 to 1 against white, 5 to 1 against black


@cache
def font(size: int, weight: str = "regular") -> ImageFont.FreeTypeFont:
    """Return DejaVu Sans, which matplotlib brings along, so that every machine draws the same letters."""
    name = "DejaVuSans-Bold.ttf" if weight == "bold" else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / name, size)


class Sheet:
    """A sheet of ``width`` x ``height`` pixels; positions are (x, y) of pixels from the top left.

    It is transparent, and its text of a gray that reads on white and on black, so that it fits a page in the dark too.
    """

    def __init__(self, width: int, height: int) -> None:
        self.image = Image.new("RGBA", (width, height), (255, 255, 255, 0))
        self.draw = ImageDraw.Draw(self.image)

    def place(self, image: np.ndarray, x: int, y: int) -> None:
        """Place uint8 RGB [H, W, 3] with its top left corner at (x, y)."""
        self.image.paste(Image.fromarray(image), (x, y))

    def write(
        self,
        text: str,
        x: float,
        y: float,
        *,
        size: int = 13,
        color: str = READABLE,
        weight: str = "regular",
        anchor: str = "lm",
    ) -> None:
        """Write a line of text; ``anchor`` as in Pillow: l, m or r, then a, m or s."""
        self.draw.text((x, y), text, fill=color, font=font(size, weight), anchor=anchor)

    def save(self, path: Path | str) -> None:
        """Write the sheet as PNG, without metadata."""
        with atomic_path(path) as temporary:
            self.image.save(temporary, format="PNG", optimize=True)


def crop_around(image: np.ndarray, box: Box, *, context: float, size: int) -> np.ndarray:
    """Cut a square around ``box`` and bring it to ``size`` x ``size`` pixels.

    ``box`` is (left, top, right, bottom) in pixels of ``image``, uint8 RGB [H, W, 3]; the square's side is the longer
    side of the box times ``context``. What lies outside the image repeats its edge.
    """
    left, top, right, bottom = box
    side = context * max(right - left, bottom - top)
    center = np.array([(left + right) / 2, (top + bottom) / 2])
    x, y = np.floor(center - side / 2 + 0.5).astype(int)
    side = max(1, round(side))
    pad = max(0, -x, -y, x + side - image.shape[1], y + side - image.shape[0])
    padded = cv2.copyMakeBorder(image, pad, pad, pad, pad, cv2.BORDER_REPLICATE) if pad else image
    return fit(padded[y + pad : y + pad + side, x + pad : x + pad + side], size)


def fit(image: np.ndarray, size: int) -> np.ndarray:
    """Resize uint8 RGB to ``size`` x ``size``: averaging when it shrinks, cubic when it grows, untouched if it fits."""
    if image.shape[:2] == (size, size):
        return image
    shrinks = max(image.shape[:2]) > size
    return cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
