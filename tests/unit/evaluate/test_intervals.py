from math import comb

import numpy as np
import pytest

from synface.evaluate.intervals import holm, mcnemar_exact, wilson_interval


@pytest.mark.parametrize(
    ("accuracy", "n", "low", "high"),
    [
        # The study's own accuracies on AffectNet-Val and RAF-DB; intervals worked out apart from this code.
        (0.4971, 3500, 0.4805, 0.5137),
        (0.4931, 3500, 0.4766, 0.5097),
        (0.4949, 3500, 0.4784, 0.5115),
        (0.5277, 3500, 0.5111, 0.5442),
        (2817 / 3068, 3068, 0.9080, 0.9274),
    ],
)
def test_wilson_interval_of_published_accuracies(accuracy, n, low, high):
    assert wilson_interval(accuracy, n) == pytest.approx((low, high), abs=1e-4)


def test_wilson_interval_stays_inside_zero_and_one():
    # Closed form at the ends: 0 successes of n gives [0, z^2 / (n + z^2)].
    z2 = 1.959963985**2
    assert wilson_interval(0.0, 10) == pytest.approx((0, z2 / (10 + z2)), abs=1e-9)
    assert wilson_interval(1.0, 10) == pytest.approx((10 / (10 + z2), 1), abs=1e-9)


def test_wilson_interval_needs_images():
    with pytest.raises(ValueError, match="n = 0"):
        wilson_interval(0.5, 0)


def binomial_p(smaller: int, n: int) -> float:
    return min(1.0, 2 * sum(comb(n, k) for k in range(smaller + 1)) / 2**n)


def pair(both: int, only_first: int, only_second: int, neither: int) -> tuple[np.ndarray, np.ndarray]:
    counts = [both, only_first, only_second, neither]
    return np.repeat([True, True, False, False], counts), np.repeat([True, False, True, False], counts)


@pytest.mark.parametrize(("only_first", "only_second"), [(5, 1), (12, 30), (7, 7), (1, 0)])
def test_mcnemar_is_the_binomial_tail_of_the_discordant_images(only_first, only_second):
    expected = binomial_p(min(only_first, only_second), only_first + only_second)
    assert mcnemar_exact(*pair(100, only_first, only_second, 50)) == pytest.approx(expected, rel=1e-9)


def test_mcnemar_of_the_studys_hybrid_gain():
    # 107 of 3,500 images more; with 40 % of them discordant p is about .0042.
    assert mcnemar_exact(*pair(1094, 754, 646, 1006)) == pytest.approx(0.0042, abs=3e-4)


def test_mcnemar_without_discordant_images_is_one():
    assert mcnemar_exact(*pair(10, 0, 0, 5)) == 1.0


def test_holm_by_hand():
    # Sorted .01 .02 .03 .04 times 4 3 2 1 gives .04 .06 .06 .04; the last may not fall below the one before.
    np.testing.assert_allclose(holm([0.03, 0.01, 0.04, 0.02]), [0.06, 0.04, 0.06, 0.06])


def test_holm_stops_at_one_and_keeps_a_single_value():
    np.testing.assert_allclose(holm([0.5, 0.9]), [1.0, 1.0])
    np.testing.assert_allclose(holm([0.02]), [0.02])
