"""Action units move the right landmarks in the right direction, and more when they are stronger."""

import numpy as np
import pytest

from drawn.action_units import ACTION_UNITS, RECIPES, Expression, express, sample_expression
from drawn.displacements import DISPLACEMENTS, MIRROR
from drawn.identity import sample_identity
from drawn.landmarks import expressive_landmarks, neutral_landmarks
from synface.core.emotions import Emotion

IDENTITY = sample_identity(7, "somebody")
RIGHT_INNER_BROW, RIGHT_OUTER_BROW, RIGHT_CORNER, LEFT_CORNER, CHIN = 22, 26, 54, 48, 8


def moved(unit: int, strength: float = 1.0) -> np.ndarray:
    """Return how one action unit moves the 68 landmarks of a face at rest, [68, 2], v downwards."""
    units = dict.fromkeys(ACTION_UNITS, 0.0) | {unit: strength}
    return expressive_landmarks(IDENTITY, Expression(Emotion.NEUTRAL, 0.0, units)) - expressive_landmarks(
        IDENTITY, express(Emotion.NEUTRAL, 0.0)
    )


def lid_gap(points: np.ndarray) -> float:
    """Return the mean height of both eye openings."""
    return float(points[[40, 41, 46, 47], 1].mean() - points[[37, 38, 43, 44], 1].mean())


def lip_gap(points: np.ndarray) -> float:
    """Return the height of the mouth's opening in its middle."""
    return float(points[66, 1] - points[62, 1])


class TestActionUnits:
    @pytest.mark.parametrize(
        ("unit", "landmark", "axis", "sign"),
        [
            (1, RIGHT_INNER_BROW, 1, -1),  # inner brow up
            (2, RIGHT_OUTER_BROW, 1, -1),  # outer brow up
            (4, RIGHT_INNER_BROW, 1, 1),  # brow down
            (4, RIGHT_INNER_BROW, 0, -1),  # and towards the middle
            (9, 35, 1, -1),  # wing of the nose up
            (10, 52, 1, -1),  # upper lip up
            (12, RIGHT_CORNER, 0, 1),  # corner out
            (12, RIGHT_CORNER, 1, -1),  # and up
            (15, RIGHT_CORNER, 1, 1),  # corner down
            (16, 57, 1, 1),  # lower lip down
            (17, 57, 1, -1),  # chin boss and lower lip up
            (20, RIGHT_CORNER, 0, 1),  # corner out
            (23, RIGHT_CORNER, 0, -1),  # mouth narrower
            (26, CHIN, 1, 1),  # jaw down
        ],
    )
    def test_direction(self, unit: int, landmark: int, axis: int, sign: int) -> None:
        assert sign * moved(unit)[landmark, axis] > 0.015  # a millimetre

    def test_inner_and_outer_brow_raisers_differ(self) -> None:
        assert moved(1)[RIGHT_INNER_BROW, 1] < 3 * moved(1)[RIGHT_OUTER_BROW, 1] - 0.05
        assert moved(2)[RIGHT_OUTER_BROW, 1] < 3 * moved(2)[RIGHT_INNER_BROW, 1] - 0.05

    def test_lids(self) -> None:
        rest = lid_gap(neutral_landmarks(IDENTITY))
        after = {unit: lid_gap(neutral_landmarks(IDENTITY) + moved(unit)) for unit in (5, 6, 7)}
        assert after[5] > 1.2 * rest
        assert after[6] < 0.95 * rest
        assert after[7] < 0.8 * rest

    def test_lips_part(self) -> None:
        rest = lip_gap(neutral_landmarks(IDENTITY))
        assert lip_gap(neutral_landmarks(IDENTITY) + moved(25)) > rest + 0.05
        assert lip_gap(neutral_landmarks(IDENTITY) + moved(26)) > rest + 0.2

    def test_lip_tightener_makes_lips_thin(self) -> None:
        def red(points: np.ndarray) -> float:
            return float(points[57, 1] - points[51, 1]) - lip_gap(points)

        rest = neutral_landmarks(IDENTITY)
        assert red(rest + moved(23)) < 0.75 * red(rest)

    @pytest.mark.parametrize("unit", ACTION_UNITS)
    def test_symmetric_and_monotone(self, unit: int) -> None:
        full = DISPLACEMENTS[unit]
        np.testing.assert_allclose(full[MIRROR], full * (-1, 1), atol=1e-12)
        weak, strong = (np.linalg.norm(moved(unit, strength)) for strength in (0.3, 0.9))
        assert 0 < weak < strong


class TestLayout:
    def test_mirror_is_its_own_inverse(self) -> None:
        np.testing.assert_array_equal(MIRROR[MIRROR], np.arange(68))

    def test_order_of_the_groups(self) -> None:
        points = neutral_landmarks(IDENTITY)
        assert points[0, 0] < points[8, 0] < points[16, 0]
        assert points[8, 1] == points[:, 1].max()
        assert points[17:27, 1].max() < points[36:48, 1].min()
        assert points[27:36, 1].max() < points[48:, 1].min()
        assert (np.diff(points[17:27, 0]) > 0).all()

    @pytest.mark.parametrize("emotion", Emotion)
    def test_lids_and_lips_never_cross(self, emotion: Emotion) -> None:
        for item in range(40):
            expression = sample_expression(1, str(item), emotion=emotion, intensity=1.0)
            points = expressive_landmarks(sample_identity(1, str(item)), expression)
            for upper, lower in ((37, 41), (38, 40), (43, 47), (44, 46), (51, 62), (62, 66), (66, 57)):
                assert points[upper, 1] <= points[lower, 1] + 1e-9


class TestExpression:
    def test_recipes_are_emfacs(self) -> None:
        core = {
            Emotion.HAPPINESS: {6, 12},
            Emotion.SADNESS: {1, 4, 15},
            Emotion.SURPRISE: {1, 2, 5, 26},
            Emotion.FEAR: {1, 2, 4, 5, 7, 20, 26},
            Emotion.DISGUST: {9, 15, 16},
            Emotion.ANGER: {4, 5, 7, 23},
            Emotion.NEUTRAL: set(),
        }
        for emotion, units in core.items():
            assert units <= set(RECIPES[emotion])

    def test_intensity_scales_every_unit_of_the_recipe(self) -> None:
        weak, strong = (
            sample_expression(3, "x", emotion=Emotion.FEAR, intensity=value).action_units for value in (0.3, 0.9)
        )
        assert all(weak[unit] < strong[unit] for unit in RECIPES[Emotion.FEAR])
        assert weak[12] == strong[12]  # no part of fear: the face at rest

    def test_neutral_is_nearly_at_rest(self) -> None:
        for item in range(50):
            expression = sample_expression(3, str(item), emotion=Emotion.NEUTRAL, intensity=1.0)
            assert max(expression.action_units.values()) <= 0.1
            assert expression.intensity == 0.0
