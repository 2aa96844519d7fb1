import cv2
import numpy as np
import pytest

from synface.faces.align import TEMPLATE, align, aligned_box, similarity_between

RNG = np.random.default_rng(3)


@pytest.mark.parametrize("angle", [0.0, 0.4, -2.5])
@pytest.mark.parametrize("scale", [0.3, 1.0, 4.0])
def test_a_similarity_is_found_exactly(angle, scale):
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = similarity_between(TEMPLATE, TEMPLATE @ turn.T + [7, -3])
    assert matrix == pytest.approx(np.hstack([turn, [[7], [-3]]]), abs=1e-9)


def test_what_does_not_fit_is_met_as_well_as_opencv_meets_it():
    points = TEMPLATE + RNG.normal(0, 3, TEMPLATE.shape)
    targets = TEMPLATE * 2 + 10
    ours = similarity_between(points, targets)
    theirs, _ = cv2.estimateAffinePartial2D(points, targets, method=cv2.LMEDS, refineIters=100)

    def error(matrix):
        return float(((points @ matrix[:, :2].T + matrix[:, 2] - targets) ** 2).sum())

    assert error(ours) <= error(theirs) + 1e-6
    # Least squares: no small change of it is better.
    for step in np.eye(6).reshape(6, 2, 3) * 1e-3:
        turned = ours.copy()
        turned += np.array([[step[0, 0], -step[0, 1], step[0, 2]], [step[0, 1], step[0, 0], step[1, 2]]])
        assert error(turned) >= error(ours)


def test_a_mirrored_face_is_not_mirrored_back():
    matrix = similarity_between(TEMPLATE * [-1, 1], TEMPLATE)
    assert np.linalg.det(matrix[:, :2]) > 0


def test_points_come_to_their_places():
    image = np.zeros((300, 400, 3), np.uint8)
    points = TEMPLATE * 1.5 + [90, 40]
    for value, (x, y) in zip((50, 100, 150, 200, 250), points, strict=True):
        cv2.circle(image, (round(x), round(y)), 4, (value,) * 3, -1)
    face = align(image, points, 112)
    assert face.shape == (112, 112, 3)
    for value, (x, y) in zip((50, 100, 150, 200, 250), TEMPLATE, strict=True):
        assert face[round(y), round(x), 0] == pytest.approx(value, abs=3)
    small = align(image, points, 56, margin=1.0)  # half the size, in the middle of twice the field
    x, y = TEMPLATE[2] / 4 + 14
    assert small[round(y), round(x), 0] > 60
    assert small[round(y) - 6, round(x), 0] == 0


def test_the_box_is_around_what_is_shown():
    assert aligned_box(TEMPLATE * 1.5 + [90, 40]) == (90, 40, 258, 208)
    assert aligned_box(TEMPLATE * 1.5 + [90, 40], margin=0.5) == (90 - 42, 40 - 42, 258 + 42, 208 + 42)
    # Turned by 45 degrees about its center, a square's box has sides longer by the root of 2.
    turn = np.sqrt(0.5) * np.array([[1, -1], [1, 1]])
    left, top, right, bottom = aligned_box((TEMPLATE - 56) @ turn.T + 200)
    assert right - left == bottom - top == round(112 * np.sqrt(2))
    assert (left + right) / 2 == pytest.approx(200, abs=1)
