import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from synface.atlas.faces import COLUMNS, edit_at, make_sheets, read_edits
from synface.core.emotions import LABELS
from synface.judges.reading import Reading


def painted(images, codes):
    """Stands for a generator: faces of one grey, by the code's x alone."""
    return codes[:, :1, None, None].expand(-1, 3, *images.shape[2:])


def bright(images):
    """Stands for a judge: reads the emotion whose place is a face's grey over 32."""
    grey = np.array([image.mean() for image in images])
    return Reading(np.eye(len(LABELS))[(grey // 32).astype(int).clip(0, 6)], np.zeros((len(images), 1), np.float32))


def test_every_portrait_is_edited_at_every_code():
    patches = [np.zeros((8, 8, 3), np.uint8)] * 2
    edited = edit_at(patches, np.array([[-1.0, 0], [0.0, 0], [1.0, 0]]), painted, torch.device("cpu"))
    assert edited.shape == (2, 3, 8, 8, 3)
    # (x + 1) * 127.5, rounded.
    np.testing.assert_array_equal(edited[:, :, 0, 0, 0], [[0, 128, 255]] * 2)


def test_a_judge_reads_portraits_and_edits_in_their_order():
    patches = [np.full((8, 8, 3), grey, np.uint8) for grey in (10, 100)]
    greys = np.array([[0, 40, 70], [200, 100, 130]], np.uint8)
    edited = np.broadcast_to(greys[:, :, None, None, None], (2, 3, 8, 8, 3))
    before, after = read_edits(bright, patches, edited)
    assert before.tolist() == [0, 3]
    assert after.tolist() == [[0, 1, 2], [6, 3, 4]]


@pytest.fixture
def smooth():
    """Edits [2, 40] of 80 px, each of its own gradient, and two portraits."""
    slope = np.linspace(0, 60, 80)
    greys = np.arange(82).reshape(2, 41)[:, :, None, None, None] * 2
    faces = np.broadcast_to(
        greys + slope[None, None, :, None, None] + 0 * slope[None, None, None, :, None], (2, 41, 80, 80, 1)
    )
    faces = faces.repeat(3, axis=4).round().astype(np.uint8)
    return list(faces[:, 40]), faces[:, :40]


def cut(sheet, side, number):
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(sheet))).convert("RGB")).astype(float)
    row, column = divmod(number, COLUMNS)
    return pixels[row * side : (row + 1) * side, column * side : (column + 1) * side]


def test_faces_lie_on_their_sheets_in_order_and_the_portrait_last(smooth):
    patches, edited = smooth
    side, sheets = make_sheets(patches, edited)
    assert side == 80
    assert len(sheets) == 2
    for portrait, sheet in enumerate(sheets):
        for number, face in enumerate([*edited[portrait], patches[portrait]]):
            error = np.mean((cut(sheet, side, number) - face) ** 2)
            assert 10 * np.log10(255**2 / error) > 36


def test_faces_get_smaller_where_sheets_would_be_too_large():
    noise = np.random.default_rng(0).integers(0, 256, (2, 5, 128, 128, 3), dtype=np.uint8)
    whole, sheets = make_sheets(list(noise[:, 0]), noise)
    bytes_of = sum(len(base64.b64decode(sheet)) for sheet in sheets)
    assert whole == 128
    side, smaller = make_sheets(list(noise[:, 0]), noise, most=bytes_of // 2)
    assert side < 128
    assert sum(len(base64.b64decode(sheet)) for sheet in smaller) <= bytes_of // 2


def test_faces_smaller_than_any_side_keep_theirs():
    tiny = np.zeros((1, 3, 32, 32, 3), np.uint8)
    assert make_sheets([tiny[0, 0]], tiny)[0] == 32
