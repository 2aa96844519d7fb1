import numpy as np
import pytest

from synface.core.errors import InputError
from synface.dataset.cropping import crop_for

IMAGE = np.random.default_rng(0).integers(0, 256, (60, 90, 3), np.uint8)
NONE = {"margin": 0.0, "size": None, "min_face": 0.2, "min_probability": 0.9}


def test_as_it_is_needs_no_function():
    assert crop_for({**NONE, "method": "as-is"}) is None


def test_the_sets_own_box_is_cut_out_as_it_is():
    face = crop_for({**NONE, "method": "box"})(IMAGE, (10.2, 5.0, 40.0, 44.6))
    assert np.array_equal(face, IMAGE[5:45, 10:40])


def test_a_box_that_leaves_the_picture_is_cut_at_its_edge():
    face = crop_for({**NONE, "method": "box"})(IMAGE, (-3, 10, 40, 70))
    assert np.array_equal(face, IMAGE[10:60, 0:40])


def test_margin_and_size_make_a_square_about_the_center():
    face = crop_for({**NONE, "method": "box", "margin": 0.5})(IMAGE, (40, 20, 60, 40))
    assert np.array_equal(face, IMAGE[15:45, 35:65])
    assert crop_for({**NONE, "method": "box", "size": 16})(IMAGE, (40, 20, 60, 40)).shape == (16, 16, 3)


@pytest.mark.parametrize(
    ("box", "told"),
    [(None, "has no face box"), ((200, 200, 300, 300), "outside of the picture"), ((1, 1, 4, 9), "smaller than 8")],
)
def test_a_box_that_cannot_be_used_is_told(box, told):
    with pytest.raises(InputError, match=told):
        crop_for({**NONE, "method": "box"})(IMAGE, box)


@pytest.mark.parametrize("method", ["mtcnn", "aligned"])
def test_a_picture_without_a_face_is_told(method):
    with pytest.raises(InputError, match="no face was found"):
        crop_for({**NONE, "method": method})(IMAGE, None)
