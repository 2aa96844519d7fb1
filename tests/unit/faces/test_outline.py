import numpy as np
import pytest

from drawn.truth.stages import draw_pair, five_points
from synface.faces.outline import face_outline

FIVE = np.array([[30.0, 40], [70, 40], [50, 64.4], [33.2, 84], [66.8, 84]])


def inside(points: np.ndarray, polygon: np.ndarray) -> np.ndarray:
    """Whether each point is on the inner side of every edge of a convex polygon."""
    edges = np.roll(polygon, -1, axis=0) - polygon
    apart = points[:, None] - polygon
    turns = edges[:, 0] * apart[..., 1] - edges[:, 1] * apart[..., 0]
    return (turns > 0).all(axis=1) | (turns < 0).all(axis=1)


def test_it_is_a_convex_outline_that_moves_with_the_face():
    outline = face_outline(FIVE)
    assert inside(outline.mean(axis=0)[None], outline).all()
    np.testing.assert_allclose(outline[0], (50, 40 + 1.76 * 40), atol=0.2)  # the chin
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    np.testing.assert_allclose(face_outline(2.5 * FIVE @ turn.T + (7, 9)), 2.5 * outline @ turn.T + (7, 9))


def test_a_turned_head_takes_the_outline_along():
    # The middle of the drawn jaw's two ends, in distances between the eyes, to that of the outline at their height.
    errors, unturned = [], []
    for number in range(40):
        original, _ = draw_pair(number)
        points = five_points(original)
        ends = original.landmarks[[0, 16]].astype(float).mean(axis=0)
        along = (points[1] - points[0]) / ((points[1] - points[0]) ** 2).sum()
        found = face_outline(points)[[8, 18]].mean(axis=0)
        errors.append((found - ends) @ along)
        unturned.append((points[:2].mean(axis=0) - ends) @ along)
    assert np.abs(errors).mean() < 0.7 * np.abs(unturned).mean()


@pytest.mark.parametrize("number", range(12))
def test_brows_eyes_nose_and_mouth_lie_within_with_and_without_expression(number):
    original, true = draw_pair(number)
    outline = face_outline(five_points(original))
    for drawn in (original, true):
        assert inside(drawn.landmarks[17:].astype(float), outline).all()
