"""The yardsticks of `benchmarks/demo_generator.py` measure what they say."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from drawn.truth.labelled import align, draw_labelled, person_vector
from drawn.truth.measures import (
    agreement,
    background_differences,
    displacement,
    expressive_region,
    own_and_others,
    rises,
    share_left,
    skin_differences,
    speckles,
    verification,
)
from drawn.truth.reader import read, train_reader
from drawn.truth.sitters import SEED, Picture, draw_sitters
from synface.core.emotions import Emotion
from synface.judges.reader import WIDTH

RNG = np.random.default_rng(3)
DEMO = Path(__file__).parents[3] / "examples/demo-networks/config/config.yaml"


@pytest.fixture(scope="module")
def sitter():
    return next(draw_sitters(1, 64))


def test_verification_knows_owners_strangers_and_chance():
    gallery = RNG.normal(size=(30, 8))
    near = gallery + 0.01 * RNG.normal(size=gallery.shape)
    assert verification(near, gallery, range(30)) == (1.0, 1.0)
    strangers = np.roll(np.arange(30), 1)
    assert verification(near, gallery, strangers)[1] == 0
    auc, nearest = verification(RNG.normal(size=(30, 8)), gallery, range(30))
    assert auc == pytest.approx(0.5, abs=0.15)
    assert nearest < 0.2


def test_rises_is_spearman_and_what_never_changes_does_not_rise():
    against = [0.0, 0.5, 1.0, 1.2]
    assert rises(np.array([[0.1, 0.2, 0.8, 0.9], [3, 2, 1, 0]]), against) == pytest.approx(0)
    assert rises(np.array([[0.1, 0.2, 0.8, 0.9], [5, 5, 5, 5]]), against) == pytest.approx(0.5)
    assert rises(np.array([[1.0, 2, 4, 3]]), against) == pytest.approx(0.8)  # 1 - 6 * 2 / (4 * 15)


def test_changes_are_compared_over_all_pairs():
    true = [np.array([3.0, 0, 0]), np.array([0.0, 4])]
    assert agreement([(2 * change, change) for change in true]) == pytest.approx(1)
    assert agreement([(-change, change) for change in true]) == pytest.approx(-1)
    assert agreement([(change[::-1], change) for change in true]) == pytest.approx(0)
    # The first pair agrees, the second is at right angles: 9 of 5 * 5.
    assert agreement([(true[0], true[0]), (true[1][::-1], true[1])]) == pytest.approx(9 / 25)
    assert share_left([(np.array([1, -1]), np.array([2, 2])), (np.array([0]), np.array([-4]))]) == 0.25


def test_black_and_white_skin_differ_by_100():
    half = np.arange(16).reshape(4, 4) % 2 == 0
    black, white = np.full((4, 4, 3), 17, np.uint8), np.full((4, 4, 3), 17, np.uint8)  # 17: no skin
    black[half], white[half] = 0, 255
    table = skin_differences(np.stack([[black, white], [white, white]]), np.stack([black, white]), [half, half])
    np.testing.assert_allclose(table, [[[0, 100], [100, 0]], [[100, 0], [100, 0]]], atol=0.01)
    assert own_and_others(table) == pytest.approx((25, 75), abs=0.01)


def test_background_differences_are_those_where_it_is_still():
    originals = np.zeros((2, 4, 4, 3), np.uint8)
    originals[1] = 200
    still = np.zeros((2, 4, 4), bool)
    still[0, 0], still[1, 1] = True, True
    edits = np.full((2, 1, 4, 4, 3), 99, np.uint8)
    edits[0, 0, 0], edits[1, 0, 1] = 10, 150
    np.testing.assert_allclose(background_differences(edits, originals, still), [[[10, 190]], [[150, 50]]])


def test_aligned_eyes_lie_in_a_fixed_place():
    for size, angle in ((64, 0.0), (128, 0.3)):
        middle, half = np.array([0.55, 0.4]) * size, 0.2 * size * np.array([np.cos(angle), np.sin(angle)])
        landmarks = np.zeros((68, 2))
        image = np.zeros((size, size, 3), np.uint8)
        for eye, corners in ((middle - half, [36, 39]), (middle + half, [42, 45])):
            landmarks[corners] = eye
            column, row = np.round(eye).astype(int)
            image[row - 1 : row + 2, column - 1 : column + 2] = 255
        face = align(Picture(image, landmarks))[..., 0].astype(float)
        rows, columns = np.indices(face.shape)
        for side in (columns < WIDTH / 2, columns >= WIDTH / 2):
            weight = face * side
            assert (weight * rows).sum() / weight.sum() == pytest.approx(16, abs=0.8)
        left, right = ((face * side * columns).sum() / (face * side).sum() for side in (columns < 24, columns >= 24))
        assert right - left == pytest.approx(22, abs=1)
        assert (left + right) / 2 == pytest.approx((WIDTH - 1) / 2, abs=0.8)


def test_sitters_are_nobody_of_the_training_set():
    drawings = yaml.safe_load(DEMO.read_text())["drawings"]
    assert SEED not in {drawing["seed"] for drawing in drawings.values()}


def test_true_edits_change_the_expression_and_keep_the_background(sitter):
    assert 0.2 < sitter.background.mean() < 0.8
    assert not (sitter.background & sitter.skin).all()
    mouth = expressive_region([sitter.truths[Emotion.SURPRISE]])
    assert sitter.background[mouth].mean() < 0.3
    changes = [np.abs(truth.image.astype(int) - sitter.original.image) for truth in sitter.truths]
    assert max(change[sitter.background].max() for change in changes) <= 2
    assert changes[Emotion.SURPRISE][mouth].mean() > 5
    assert np.abs(sitter.elsewhere.image.astype(int) - sitter.original.image)[sitter.background].mean() > 5


def test_the_reader_learns_what_it_is_shown():
    # A hundredth of a real training: above chance (1 in 7) on its own faces is enough to see that labels reach it.
    labelled = draw_labelled(70, 64, seed=1, lowest=0.8)
    reading = read(train_reader(labelled), labelled.pictures)
    assert reading.probabilities.shape == (70, 7)
    np.testing.assert_allclose(reading.probabilities.sum(axis=1), 1)
    assert (reading.probabilities.argmax(axis=1) == labelled.emotion).mean() > 2 / 7
    assert reading.person.shape == (70, len(person_vector(next(draw_sitters(1, 64)).identity)))


def test_displacement_is_the_part_along_the_aim_of_brows_eyes_and_mouth():
    aim = RNG.normal(size=(5, 68, 2))
    assert displacement(0.7 * aim, aim) == pytest.approx(0.7)
    across = aim[:, :, ::-1] * [1, -1]
    assert displacement(0.7 * aim + across, aim) == pytest.approx(0.7)
    assert displacement(-aim, aim) == pytest.approx(-1)
    jaw_and_nose = np.zeros_like(aim)
    jaw_and_nose[:, [*range(17), *range(27, 36)]] = 9.0
    assert displacement(jaw_and_nose, aim) == 0


def test_a_true_edit_is_all_of_the_displacement_and_has_no_speckles(sitter):
    aim = sitter.truths[Emotion.FEAR].landmarks - sitter.original.landmarks
    again = sitter.at(Emotion.FEAR, 1.0)
    np.testing.assert_array_equal(again.image, sitter.truths[Emotion.FEAR].image)
    weaker = sitter.at(Emotion.FEAR, 0.5).landmarks - sitter.original.landmarks
    assert displacement([aim], [aim]) == pytest.approx(1)
    assert 0.2 < displacement([weaker], [aim]) < 0.8
    changes = np.abs(again.image.astype(int) - sitter.original.image).max(axis=2)
    assert speckles(again.image, sitter.original.image, changes <= 2) < 1


def test_speckles_are_fine_changes_in_still_places_alone():
    original = np.full((64, 64, 3), 100, np.uint8)
    still = np.zeros((64, 64), bool)
    still[:, :32] = True
    smooth = original + np.linspace(0, 40, 64, dtype=np.uint8)[:, None, None]
    assert speckles(smooth, original, still) < 0.5
    speckled = original.copy()
    speckled[::2, ::2] += 20
    # A quarter of the pixels is brighter by 20: deviation 20 * sqrt(1/4 * 3/4); a blur takes nearly all of it away.
    assert speckles(speckled, original, still) == pytest.approx(20 * np.sqrt(3 / 16), rel=0.02)
    speckled[:, :40] = 100
    assert speckles(speckled, original, still) < 0.1
