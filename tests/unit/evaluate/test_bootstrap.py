import numpy as np
import pytest
from scipy.stats import norm

from synface.core.draws import keyed_generator
from synface.evaluate.bootstrap import (
    bootstrap_accuracies,
    difference_p,
    equivalence_p,
    percentile_interval,
)


def bootstrap(groups, strata, resamples=20_000, item=""):
    generator = keyed_generator(1, "test", item)
    return bootstrap_accuracies(groups, np.asarray(strata), resamples=resamples, generator=generator)


def test_one_run_has_the_binomial_spread():
    n, p = 400, 0.7
    correct = np.arange(n)[None] < n * p
    (values,) = bootstrap([correct], np.zeros(n))
    assert values.mean() == pytest.approx(p, abs=0.001)
    assert values.std() == pytest.approx(np.sqrt(p * (1 - p) / n), rel=0.03)
    half = norm.ppf(0.975) * np.sqrt(p * (1 - p) / n)
    assert percentile_interval(values) == pytest.approx((p - half, p + half), abs=0.004)


def test_strata_keep_their_counts():
    # All right in one class and all wrong in the other: nothing is left to vary.
    correct = np.repeat([[True, False]], [30, 70], axis=1)
    (values,) = bootstrap([correct], np.repeat([0, 1], [30, 70]), resamples=50)
    np.testing.assert_allclose(values, 0.3)


def test_difference_is_paired():
    # b and c discordant images of n: variance (b + c) / n^2 - (b - c)^2 / n^3, whatever the others are.
    both, b, c, neither = 300, 60, 30, 110
    first = np.repeat([[True, True, False, False]], [both, b, c, neither], axis=1)
    second = np.repeat([[True, False, True, False]], [both, b, c, neither], axis=1)
    n = first.shape[1]
    one, other = bootstrap([first, second], np.zeros(n))
    differences = one - other
    assert differences.mean() == pytest.approx((b - c) / n, abs=0.001)
    assert differences.var() == pytest.approx((b + c) / n**2 - (b - c) ** 2 / n**3, rel=0.05)


def test_runs_spread_as_the_standard_error_of_their_mean():
    # Two runs always right, one always wrong: images cannot vary, and s^2 / 3 of (1, 0, 1) is 1/9.
    correct = np.repeat([[True], [False], [True]], 20, axis=1)
    (values,) = bootstrap([correct], np.zeros(20))
    assert values.mean() == pytest.approx(2 / 3, abs=0.01)
    assert values.var() == pytest.approx(1 / 9, rel=0.03)


def test_order_of_images_does_not_matter():
    rng = np.random.default_rng(0)
    correct, strata = rng.random((3, 200)) < 0.6, rng.integers(0, 7, 200)
    order = rng.permutation(200)
    (before,) = bootstrap([correct], strata, resamples=100)
    (after,) = bootstrap([correct[:, order]], strata[order], resamples=100)
    np.testing.assert_array_equal(before, after)


def test_p_counts_the_smaller_tail_twice():
    # 4 of 99 at or below zero: 2 * (1 + 4) / 100.
    differences = np.r_[np.full(4, -0.01), np.full(95, 0.02)]
    assert difference_p(differences) == pytest.approx(0.10)
    assert difference_p(np.zeros(99)) == 1.0


def test_equivalence_counts_what_lies_beyond_the_margin():
    # 2 below -0.02 and 4 above 0.02 of 99: the larger tail decides, (1 + 4) / 100.
    differences = np.r_[np.full(2, -0.03), np.zeros(93), np.full(4, 0.03)]
    assert equivalence_p(differences, 0.02) == pytest.approx(0.05)
    assert equivalence_p(differences, 0.05) == pytest.approx(0.01)
