import numpy as np
import pytest

from synface.core.lab import from_lab
from synface.judges.groups import GREY, tone_of
from synface.judges.shapes import directions_of, moved_along
from synface.judges.skin import masks_of, mean_color, typology_angle

RANDOM = np.random.default_rng(2)
NEUTRAL = RANDOM.uniform(0.2, 0.8, (68, 2))
SMILE = np.zeros((68, 2))
SMILE[48:68] = RANDOM.uniform(-0.05, 0.05, (20, 2))


def placed(shape, number):
    """The same face elsewhere in the picture, turned and larger."""
    angle, scale = 0.1 * number, 1 + 0.05 * number
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * shape @ turn.T + 0.01 * number


def test_landmarks_move_as_far_as_they_were_moved_wherever_the_face_lies():
    shapes = np.array([NEUTRAL] * 5 + [NEUTRAL + SMILE] * 5)
    template, directions = directions_of(shapes, ["neutral"] * 5 + ["happiness"] * 5)
    assert set(directions) == {"happiness"}
    np.testing.assert_allclose(directions["happiness"], SMILE, atol=1e-9)
    amounts = np.array([0.0, 0.5, 1.0, -0.3])
    before = np.array([placed(NEUTRAL, number) for number in range(4)])
    after = np.array([placed(NEUTRAL + amount * SMILE, 3 - number) for number, amount in enumerate(amounts)])
    labels = ["happiness"] * 3 + ["happiness"]
    # Turned and scaled back onto the template, the part that moved is as it was.
    np.testing.assert_allclose(moved_along(before, after, labels, template, directions), amounts, atol=1e-6)
    assert np.isnan(moved_along(before, after, ["fear"] * 4, template, directions)).all()


def test_no_direction_is_taken_from_few_faces_or_without_neutral_ones():
    shapes = np.array([NEUTRAL] * 5 + [NEUTRAL + SMILE] * 4)
    assert directions_of(shapes, ["neutral"] * 5 + ["happiness"] * 4)[1] == {}
    assert directions_of(shapes, ["happiness"] * 9)[1] == {}
    assert directions_of(shapes[:0], [])[1] == {}


def face():
    """68 landmarks of a round face, as fractions of the picture."""
    points = np.zeros((68, 2))
    angles = np.linspace(np.pi, 0, 17)
    points[:17] = np.stack([0.5 + 0.3 * np.cos(angles), 0.45 + 0.35 * np.sin(angles)], axis=1)
    points[17:27] = np.stack([np.linspace(0.25, 0.75, 10), np.full(10, 0.3)], axis=1)
    points[27:36] = (0.5, 0.5)
    for start, center in ((36, (0.37, 0.4)), (42, (0.63, 0.4))):
        turn = np.linspace(0, 2 * np.pi, 6, endpoint=False)
        points[start : start + 6] = np.stack([center[0] + 0.06 * np.cos(turn), center[1] + 0.03 * np.sin(turn)], axis=1)
    turn = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    points[48:] = np.stack([0.5 + 0.12 * np.cos(turn), 0.65 + 0.05 * np.sin(turn)], axis=1)
    return points


def test_skin_is_in_the_face_without_eyes_and_mouth_and_what_is_around_begins_outside():
    skin, around = masks_of(face(), 100, 200)
    for x, y, is_skin, is_around in (
        (0.5, 0.55, True, False),
        (0.37, 0.4, False, False),  # an eye
        (0.5, 0.65, False, False),  # the mouth
        (0.35, 0.3, False, False),  # a brow
        (0.02, 0.98, False, True),
        (0.5, 0.84, False, False),  # too near to the chin for either
    ):
        place = int(100 * y), int(200 * x)
        assert (skin[place], around[place]) == (is_skin, is_around), (x, y)
    assert not (skin & around).any()


def test_the_typology_angle_is_the_arctangent_and_grey_pictures_have_none():
    color = np.float32([65.0, 12.0, 15.0])
    image = from_lab(np.broadcast_to(color, (20, 20, 3)).astype(np.float32))
    angle = typology_angle(mean_color(image, np.ones((20, 20), bool)))
    assert angle == pytest.approx(45.0, abs=1.0)  # atan(15 / 15)
    assert typology_angle(np.array([50.0, 10.0, 20.0])) == 0
    assert np.isnan(typology_angle(np.array([70.0, 0.5, 0.5])))
    assert np.isnan(typology_angle(mean_color(image, np.zeros((20, 20), bool))))
    groups = {60: "very light", 45: "light", 30: "intermediate", 20: "tan", 0: "brown", -40: "dark", np.nan: GREY}
    assert {angle: tone_of(angle) for angle in groups} == groups
