import json
import math

import numpy as np
import pytest
import torch

from synface.atlas.grid import LEVELS, SIDE, STEPS, directions_between, grid_of, regions_of
from synface.core.emotions import LABELS
from synface.ganmut.gamut import gamut
from synface.ganmut.generator import GaussianGenerator, LinearGenerator
from synface.settings.edit import Planning
from synface.settings.reading import complete
from synface.stages.codes import Codes


@pytest.fixture
def linear():
    torch.manual_seed(3)
    return gamut(LinearGenerator(channels=4, blocks=1, image_size=32))


@pytest.fixture
def gaussian():
    torch.manual_seed(3)
    return gamut(GaussianGenerator(channels=4, blocks=1, image_size=32))


def test_directions_are_the_axes_and_even_steps_between_them():
    # Gaps of 90, 30 and 240 degrees: 6, 2 and 16 steps of 15 degrees.
    found = np.degrees(directions_between(np.radians([-120.0, -30.0, 0.0])))
    np.testing.assert_allclose(found, np.arange(-165, 181, 15), atol=1e-4)


def test_uneven_gaps_are_divided_evenly():
    found = np.degrees(directions_between(np.radians([0.0, 100.0]), step=40))
    # 100 degrees in 2 (2.5 rounds to even), 260 in 6 (6.5 too).
    expected = [0, 50, *(100 + 260 / 6 * np.arange(6))]
    wrapped = sorted(angle if angle <= 180 else angle - 360 for angle in expected)
    np.testing.assert_allclose(found, wrapped, atol=1e-4)


def test_a_linear_grid_holds_what_a_run_draws_at_the_axes(linear):
    grid = grid_of(linear)
    for place, rho in enumerate([0.0, *LEVELS]):
        drawn = Codes(linear, complete(Planning, {"at": "class-mean", "rho": rho}, "e"), "e")
        for label in LABELS[:-1]:
            np.testing.assert_array_equal(grid.codes[grid.strips[label][place]], drawn.draw(label, "any")[2:])


def test_a_linear_grid_is_polar_with_the_origin_first(linear):
    grid = grid_of(linear)
    assert len(grid.codes) == 1 + len(LEVELS) * len(grid.directions)
    rho, theta = np.hypot(*grid.codes.T), np.arctan2(grid.codes[:, 1], grid.codes[:, 0])
    assert rho[0] == 0
    # Codes have six decimals.
    np.testing.assert_allclose(rho[1:], np.repeat(LEVELS, len(grid.directions)), atol=2e-6)
    np.testing.assert_allclose(theta[1:], np.tile(grid.directions, len(LEVELS)), atol=1e-5)


def test_a_gaussian_grid_is_the_square_and_the_ways_to_the_means(gaussian):
    grid = grid_of(gaussian)
    square = grid.codes[: SIDE**2].reshape(SIDE, SIDE, 2)
    np.testing.assert_allclose(square[2, 7], [-1 + 2 * 7 / (SIDE - 1), -1 + 2 * 2 / (SIDE - 1)])
    assert np.abs(grid.codes).max() <= 1
    means = {label: np.array(place["mean"]) for label, place in gaussian["classes"].items()}
    for label in LABELS[:-1]:
        way = grid.codes[grid.strips[label]]
        assert len(way) == STEPS + 1
        np.testing.assert_allclose(way[0], means["neutral"], atol=1e-6)
        np.testing.assert_allclose(way[-1], means[label], atol=1e-6)
        np.testing.assert_allclose(
            np.diff(way, axis=0), np.tile((means[label] - means["neutral"]) / STEPS, (STEPS, 1)), atol=3e-6
        )


def test_regions_begin_around_the_axes_and_pass_the_check(linear):
    regions = regions_of(linear)
    assert set(regions) == set(LABELS)
    settings = complete(Planning, {"rho": 1, "ranges": regions}, "edits.chosen")
    assert list(settings.misfits("edits.chosen", "linear")) == []
    for label in LABELS[:-1]:
        start, end = regions[label]["theta"]
        assert (end - start) % 360 == 30
        middle = math.radians(start + 15)
        # Within the half degree to which ends are rounded.
        assert math.cos(middle - linear["classes"][label]["theta"]) > math.cos(math.radians(0.51))
    json.dumps(regions)


def test_an_axis_beside_the_seam_has_ends_on_both_sides():
    classes = {label: {"theta": math.radians(40 * place)} for place, label in enumerate(LABELS[:-1])}
    classes["fear"]["theta"] = math.radians(175)
    regions = regions_of({"parametrization": "linear", "classes": classes})
    assert regions["fear"]["theta"] == [160, -170]


def test_a_gaussian_generator_has_no_regions(gaussian):
    assert regions_of(gaussian) == {}
