"""Where skin is in a patch that shows a face."""

import numpy as np
import pytest

from synface.faces.skin import face_mask
from synface.faces.table import Face

BOX = (30, 30, 130, 150)
LANDMARKS = np.array([[60.0, 75], [100, 75], [80, 95], [65, 120], [95, 120]])


def test_mask_covers_cheeks_and_forehead_but_not_eyes_mouth_and_corners():
    mask = face_mask(Face(BOX, 1.0, LANDMARKS), 128, 128)
    assert mask.dtype == np.uint8
    scale = 128 / np.array([100, 120])
    for x, y in [*LANDMARKS[[0, 1]].tolist(), [80.0, 120.0], [31.0, 31.0], [129.0, 149.0]]:
        column, row = ((x, y) - np.array(BOX[:2])) * scale
        assert mask[int(row), int(column)] == 0
    for x, y in ((80, 50), (60, 97), (100, 97), (80, 95)):
        column, row = ((x, y) - np.array(BOX[:2])) * scale
        assert mask[int(row), int(column)] == 1
    assert 0.3 < mask.mean() < 0.6


def test_landmarks_that_leave_no_skin_leave_the_ellipse():
    far = np.array([[-200.0, 75], [400, 75], [80, 95], [-300, 120], [500, 120]])
    ellipse = face_mask(Face(BOX, 1.0, far), 100, 100)
    face_width = 0.75 * 120 / 100  # of the box; MTCNN's boxes are three quarters as wide as high
    assert ellipse.mean() == pytest.approx(np.pi * 0.42 * face_width * 0.46, abs=0.01)
    same = np.tile([80.0, 90.0], (5, 1))
    assert face_mask(Face(BOX, 1.0, same), 100, 100).mean() > 0.45


def test_the_mask_is_as_wide_as_a_face_in_a_square_box_too():
    far = np.full((5, 2), -300.0)
    high = face_mask(Face((40, 0, 115, 100), 1.0, far), 100, 75)
    square = face_mask(Face((28, 0, 128, 100), 1.0, far), 100, 100)
    assert square.any(axis=0).sum() == pytest.approx(high.any(axis=0).sum(), abs=1)
