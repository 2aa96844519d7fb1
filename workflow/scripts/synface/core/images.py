"""Decoding and encoding of images: uint8 RGB arrays inside, whatever the file holds."""

import hashlib
import io
import warnings
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from synface.core.errors import InputError

# FFHQ's largest original is 1024 x 1024; 100 megapixels leave room for any camera and stop decompression bombs.
MAX_PIXELS = 100_000_000
# Pillow decodes these by itself; for PostScript, say, it would start another program.
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "PPM", "GIF")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})


def decode_image(data: bytes, name: str = "image") -> np.ndarray:
    """Decode an image file to uint8 RGB [H, W, 3], upright (EXIF orientation applied), grey and alpha resolved.

    Raises `InputError`, naming ``name``, for what is no image, is truncated, or has more than `MAX_PIXELS`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise InputError(f"{name}: {width} x {height} pixels, more than the {MAX_PIXELS} that are read")
                upright = ImageOps.exif_transpose(image)
                if upright.mode.startswith(("I", "F")):  # Pillow would clip these to 255, that is, to white
                    upright = _eight_bits(upright, name)
                return np.asarray(upright.convert("RGB"))
    except InputError:
        raise
    except UnidentifiedImageError as error:  # its own text holds an address in memory, different in every run
        raise InputError(f"{name}: not a readable image (unknown format)") from error
    except Exception as error:  # Pillow's parsers raise many kinds for damaged files, struct.error among them
        raise InputError(f"{name}: not a readable image ({error})") from error


def _eight_bits(image: Image.Image, name: str) -> Image.Image:
    """Scale 16-bit grey to 8 bits; `InputError` for 32-bit pixels, which have no range to scale from."""
    if not image.mode.startswith("I;16"):
        raise InputError(f"{name}: pixels of mode {image.mode}; expected 8 or 16 bits per channel, save it as such")
    return Image.fromarray(np.rint(np.asarray(image) / 257).astype(np.uint8))


def read_image(path: Path | str) -> np.ndarray:
    """Read an image file to uint8 RGB [H, W, 3]; see `decode_image`."""
    return decode_image(Path(path).read_bytes(), str(path))


def picture_key(image: np.ndarray) -> str:
    """Return the SHA-256 of uint8 RGB [H, W, 3]: equal for equal pictures, whatever files they come from."""
    return hashlib.sha256(repr(image.shape).encode() + np.ascontiguousarray(image).tobytes()).hexdigest()


def encode_png(image: np.ndarray) -> bytes:
    """Encode uint8 RGB [H, W, 3] losslessly; fast compression, since most images live in intermediate shards."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"expected uint8 [H, W, 3], got {image.dtype} {image.shape}")
    done, data = cv2.imencode(".png", image[:, :, ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
    if not done:
        raise OSError("OpenCV could not encode the image as PNG")
    return data.tobytes()
