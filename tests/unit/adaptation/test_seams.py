import numpy as np
import pytest

from synface.adaptation.network import network
from synface.adaptation.seams import border_strips, detectability, linear, profiles_of
from synface.faces.table import Face

RNG = np.random.default_rng(23)
LANDMARKS = np.array([[40.0, 45], [64, 45], [52, 58], [42, 71], [62, 71]])
FACE = Face((26, 18, 78, 90), 1.0, LANDMARKS)


SEEN = {linear: profiles_of, network: lambda strips: strips}


def borders(step: float, count: int = 30, see=profiles_of) -> np.ndarray:
    """What is seen of noise with a step along the edges of the face's box."""
    found = []
    for _ in range(count):
        lab = RNG.normal(50, 3, (110, 104, 3)).astype(np.float32)
        lab[18:90, 26:78] += step
        found.append(see(border_strips(lab, FACE)))
    return np.stack(found)


def test_a_step_shows_at_its_place_alone():
    flat = np.full((110, 104, 3), 50, np.float32)
    assert profiles_of(border_strips(flat, FACE)).max() == 0
    flat[18:90, 26:78] += 10
    rises = profiles_of(border_strips(flat, FACE))[:, : 16 * 3].reshape(4, 16, 3)  # the box's first differences
    assert rises.argmax(axis=1) == pytest.approx(7, abs=1)  # between a pixel inside and the first outside
    assert rises.max() == pytest.approx(np.log1p(10), abs=0.15)
    assert rises[:, :5].max() == 0


@pytest.mark.parametrize("classifier", SEEN, ids=lambda each: each.__name__)
def test_the_detector_finds_seams_and_nothing_where_there_are_none(classifier):
    names = [str(number) for number in range(30)]
    untouched, seamed, same = (borders(step, see=SEEN[classifier]) for step in (0, 20, 0))
    area, low, high = detectability(untouched, seamed, names, classifier)
    assert area > 0.98
    assert low <= area <= high
    area, low, high = detectability(untouched, same, names, classifier)
    assert low < 0.5 < high
    assert 0.02 < high - low < 0.4


def test_the_network_sees_what_no_mean_over_a_quarter_tells():
    """A ramp that rises in one half of each quarter and falls in the other, against one that rises in both."""
    names = [str(number) for number in range(30)]
    strips = np.stack([border_strips(RNG.normal(50, 3, (110, 104, 3)).astype(np.float32), FACE) for _ in range(60)])
    ramp = np.linspace(-3, 3, 17)[:, None] * np.ones(3)
    alike, mixed = strips[:30] + ramp, strips[30:].copy()
    mixed[:, :, :, :12] += ramp
    mixed[:, :, :, 12:] -= ramp
    areas = {}
    for classifier, see in SEEN.items():
        seen = [np.stack([see(each) for each in side]).astype(np.float32) for side in (alike, mixed)]
        areas[classifier], *_ = detectability(*seen, names, classifier)
    assert areas[network] > 0.95
    assert areas[linear] < 0.7


def test_the_network_is_asked_about_people_that_it_has_not_seen():
    """Where each person has a look of its own and nothing else tells, knowing people by heart is no help."""
    names = [str(number) for number in range(10)]
    looks = RNG.normal(0, 20, (20, 4, 2, 24, 17, 3)).astype(np.float32)
    area, *_ = detectability(looks[:10], looks[10:], names, network)
    assert 0.25 < area < 0.75
    # Asked about those that it has learned from, it knows most of them.
    seen, truth = looks.reshape(-1, 2, 24, 17, 3), np.repeat([0, 1], 40)
    scores = network(seen, truth, [(np.arange(80), np.arange(80))])
    assert (scores[truth == 1][:, None] > scores[truth == 0]).mean() > 0.9


def test_the_network_answers_alike_every_time():
    strips = borders(5, 10, see=SEEN[network])
    truth, folds = np.arange(40) % 2, [(np.arange(0, 32), np.arange(32, 40)), (np.arange(8, 40), np.arange(0, 8))]
    seen = strips.reshape(-1, *strips.shape[2:])
    scores = [network(seen, truth, folds)[[*range(8), *range(32, 40)]] for _ in range(2)]
    assert np.array_equal(*scores)


def test_few_portraits_are_not_enough():
    assert np.isnan(detectability(borders(0, 4), borders(1, 4), list("abcd"))).all()
