import numpy as np
import pytest

from synface.faces.boxes import overlap
from synface.faces.framing import FRAMINGS, bring_into, framed

BOX = (40.0, 20.0, 100.0, 100.0)  # MTCNN's: a third higher than wide


def test_frames_by_hand():
    assert framed(BOX, "mtcnn-box") == (40, 20, 100, 100)
    assert framed(BOX, "mtcnn-square") == (30, 20, 110, 100)
    # The square of 80 scaled to 64, its center (70, 60) lowered by .085 of 64: 5.44.
    assert framed(BOX, "dlib-like") == (38, 33, 102, 97)
    with pytest.raises(ValueError, match="expected one of mtcnn-box"):
        framed(BOX, "published")


def test_eyes_stand_in_the_dlib_like_frame_as_in_dlibs():
    # In MTCNN's squares of 59 portraits the eyes stood at .395 of the side, .343 of it apart; in dlib's boxes at .284
    # and .426.
    side = 400.0
    square = (0.0, 0.0, side, side)
    left, top, right, bottom = framed(square, "dlib-like")
    assert (0.395 * side - top) / (bottom - top) == pytest.approx(0.284, abs=0.005)
    assert 0.343 * side / (right - left) == pytest.approx(0.426, abs=0.005)
    assert overlap(square, (left, top, right, bottom)) == pytest.approx(0.64, abs=0.005)


@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("box", [BOX, (-30.0, -40.0, 130.0, 150.0), (-300.0, -300.0, 500.0, 500.0)])
def test_a_frame_beyond_the_picture_is_mirrored_or_cut(framing, box):
    image = np.random.default_rng(0).integers(0, 256, (110, 120, 3), np.uint8)
    assert bring_into(image, box, framing, 32).shape == (32, 32, 3)


def test_a_frame_inside_is_cut_out():
    image = np.random.default_rng(0).integers(0, 256, (110, 120, 3), np.uint8)
    assert np.array_equal(bring_into(image, BOX, "mtcnn-square", 80), image[20:100, 30:110])
