import io

import numpy as np
import pytest
from PIL import Image

from synface.core import images
from synface.core.errors import InputError
from synface.core.images import decode_image, encode_png, read_image


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.fixture
def noise() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (5, 7, 3), dtype=np.uint8)


def test_png_round_trip_is_lossless_and_keeps_channel_order(noise):
    data = encode_png(noise)
    np.testing.assert_array_equal(decode_image(data), noise)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), noise)


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("L", 77, (77, 77, 77)),
        ("1", 1, (255, 255, 255)),
        ("LA", (90, 128), (90, 90, 90)),
        ("RGBA", (10, 20, 30, 255), (10, 20, 30)),
        ("I;16", 128 * 257, (128, 128, 128)),
        ("I;16", 65535, (255, 255, 255)),
    ],
)
def test_every_mode_becomes_rgb(mode, color, expected):
    image = decode_image(saved(Image.new(mode, (4, 3), color)))
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, np.broadcast_to(np.uint8(expected), (3, 4, 3)))


def test_cmyk_and_palette():
    assert decode_image(saved(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG"))[4, 4] == pytest.approx(
        (255, 0, 0), abs=3
    )
    palette = Image.new("RGB", (4, 4), (12, 200, 99)).convert("P", palette=Image.Palette.ADAPTIVE)
    assert tuple(decode_image(saved(palette))[0, 0]) == (12, 200, 99)


@pytest.mark.parametrize(("orientation", "turns"), [(1, 0), (3, 2), (6, 1), (8, 3)])
def test_exif_orientation_is_applied(noise, orientation, turns):
    # A camera held so that the picture must be turned ``turns`` quarter turns counterclockwise when it was stored.
    stored = np.rot90(noise, turns)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(Image.fromarray(np.ascontiguousarray(stored)), exif=exif)
    np.testing.assert_array_equal(decode_image(data), noise)


def test_what_is_no_image_is_named(noise, tmp_path):
    path = tmp_path / "letter.png"
    path.write_bytes(b"Dear editor")
    with pytest.raises(InputError, match=r"letter\.png: not a readable image"):
        read_image(path)


def test_truncated_files_are_refused(noise):
    large = saved(Image.fromarray(np.tile(noise, (20, 20, 1))))
    with pytest.raises(InputError, match=r"half\.png: not a readable image"):
        decode_image(large[: len(large) // 2], "half.png")


def test_too_many_pixels_are_refused_before_decoding(monkeypatch, noise):
    monkeypatch.setattr(images, "MAX_PIXELS", 34)
    with pytest.raises(InputError, match="bomb: 7 x 5 pixels, more than the 34"):
        decode_image(encode_png(noise), "bomb")


def test_pixels_without_a_range_are_refused():
    with pytest.raises(InputError, match="mode F"):
        decode_image(saved(Image.new("F", (4, 4), 0.5), "TIFF"))


@pytest.mark.parametrize("image", [np.zeros((4, 4, 3)), np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8)])
def test_only_uint8_rgb_is_encoded(image):
    with pytest.raises(ValueError, match="expected uint8"):
        encode_png(image)
