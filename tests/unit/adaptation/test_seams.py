import numpy as np
import pytest

from synface.adaptation.seams import border_profiles, detectability
from synface.faces.table import Face

RNG = np.random.default_rng(23)
LANDMARKS = np.array([[40.0, 45], [64, 45], [52, 58], [42, 71], [62, 71]])
FACE = Face((26, 18, 78, 90), 1.0, LANDMARKS)


def profiles(step: float, count: int = 30) -> np.ndarray:
    """Of noise with a step along the edges of the face's box."""
    found = []
    for _ in range(count):
        lab = RNG.normal(50, 3, (110, 104, 3)).astype(np.float32)
        lab[18:90, 26:78] += step
        found.append(border_profiles(lab, FACE))
    return np.stack(found)


def test_a_step_shows_at_its_place_alone():
    flat = np.full((110, 104, 3), 50, np.float32)
    assert border_profiles(flat, FACE).max() == 0
    flat[18:90, 26:78] += 10
    rises = border_profiles(flat, FACE)[:, : 16 * 3].reshape(4, 16, 3)  # the box's first differences
    assert rises.argmax(axis=1) == pytest.approx(7, abs=1)  # between a pixel inside and the first outside
    assert rises.max() == pytest.approx(np.log1p(10), abs=0.15)
    assert rises[:, :5].max() == 0


def test_the_detector_finds_seams_and_nothing_where_there_are_none():
    names = [str(number) for number in range(30)]
    untouched = profiles(0)
    area, low, high = detectability(untouched, profiles(20), names)
    assert area > 0.98
    assert low <= area <= high
    area, low, high = detectability(untouched, profiles(0), names)
    assert low < 0.5 < high
    assert 0.02 < high - low < 0.4


def test_few_portraits_are_not_enough():
    assert np.isnan(detectability(profiles(0, 4), profiles(1, 4), list("abcd"))).all()
