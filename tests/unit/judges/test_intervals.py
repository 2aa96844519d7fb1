import numpy as np
import pytest
from scipy.stats import ttest_1samp
from sklearn.metrics.pairwise import polynomial_kernel

from synface.judges.intervals import kernel_distance, mean_of, share_gained


def test_a_gain_is_the_paired_difference_with_agresti_and_mins_interval():
    # 10 faces gained, 2 lost, 8 read so both times, 30 never.
    before = np.array([0] * 10 + [1] * 2 + [1] * 8 + [0] * 30, bool)
    after = np.array([1] * 10 + [0] * 2 + [1] * 8 + [0] * 30, bool)
    # By hand: (10.5 - 2.5) / 52 = 0.153846, its standard error sqrt(13 - 64 / 52) / 52 = 0.065975.
    assert share_gained(before, after) == pytest.approx(
        (0.16, 0.153846 - 1.959964 * 0.065975, 0.153846 + 0.129308), abs=1e-5
    )
    nothing = np.zeros(20, bool)
    assert share_gained(nothing, nothing)[0] == 0
    assert share_gained(nothing, nothing)[2] == pytest.approx(1.959964 / 22, abs=1e-6)  # not of width 0
    assert share_gained(nothing, ~nothing)[2] == 1.0
    assert np.isnan(share_gained(nothing[:0], nothing[:0])).all()


def test_a_mean_has_students_interval_and_leaves_out_what_is_not_known():
    values = [0.2, 0.5, np.nan, 0.9, 0.4]
    expected = ttest_1samp([0.2, 0.5, 0.9, 0.4], 0).confidence_interval(0.95)
    assert mean_of(values) == pytest.approx((0.5, expected.low, expected.high))
    assert mean_of([0.3])[0] == 0.3
    assert np.isnan(mean_of([0.3])[1:]).all()
    assert np.isnan(mean_of([np.nan])).all()


def brute_distance(first, second):
    def kernel(one, other):
        return polynomial_kernel(one, other, degree=3, gamma=1 / one.shape[1], coef0=1)

    m, n = len(first), len(second)
    within = [
        (kernel(each, each).sum() - np.trace(kernel(each, each))) / (len(each) * (len(each) - 1))
        for each in (first, second)
    ]
    return sum(within) - 2 * kernel(first, second).sum() / (m * n)


def test_the_kernel_distance_and_its_jackknife_are_those_of_brute_force():
    random = np.random.default_rng(1)
    first, second = random.normal(size=(13, 5)), random.normal(0.4, 1, (9, 5))
    value, low, high = kernel_distance(first, second)
    assert value == pytest.approx(brute_distance(first, second), rel=1e-6)
    without = [brute_distance(np.delete(first, i, 0), second) for i in range(13)]
    beside = [brute_distance(first, np.delete(second, j, 0)) for j in range(9)]
    variance = 12 * np.var(without) + 8 * np.var(beside)
    assert (high - low) / 2 == pytest.approx(1.959964 * variance**0.5, rel=1e-5)
    assert np.isnan(kernel_distance(first[:2], second)).all()


def test_the_interval_of_the_kernel_distance_holds_the_truth_as_often_as_it_says():
    size = 8

    def expected(mean, other):
        """E (x . y / D + 1)^3 for x and y of D normal numbers around these means, from the moments of one product."""
        one, two, three = mean * other, (1 + mean**2) * (1 + other**2), (mean**3 + 3 * mean) * (other**3 + 3 * other)
        square = (two + (size - 1) * one**2) / size
        cube = (three + 3 * (size - 1) * two * one + (size - 1) * (size - 2) * one**3) / size**2
        return cube + 3 * square + 3 * one + 1

    truth = expected(0, 0) + expected(0.5, 0.5) - 2 * expected(0, 0.5)
    random = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        first, second = random.normal(0, 1, (60, size)), random.normal(0.5, 1, (80, size))
        _, low, high = kernel_distance(first, second)
        held += low <= truth <= high
    assert 0.9 <= held / 200 <= 0.99
