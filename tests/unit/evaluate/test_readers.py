"""Seeds as readers, images as cases: against closed forms, a balanced nested analysis of variance, and simulation."""

import numpy as np
import pytest
from scipy.stats import norm, ttest_1samp, ttest_ind

from synface.evaluate.readers import (
    Cases,
    Estimate,
    difference_of_means,
    interval_of_mean,
    pooled_spread,
    spread_of_seeds,
    variances_of_mean,
)


def single_cases(n: int, classes: int = 1) -> Cases:
    return Cases(np.arange(n) % classes, np.arange(n))


@pytest.fixture
def random():
    return np.random.default_rng(7)


class TestEstimate:
    def test_interval_p_and_equivalence_cannot_contradict(self):
        for value in np.linspace(-0.05, 0.05, 21):
            for error in (0.002, 0.01, 0.03):
                found = Estimate(float(value), error, 7.0)
                low, high = found.interval()
                assert (found.p() < 0.05) == (low > 0 or high < 0)
                low, high = found.interval(0.90)
                assert (found.equivalence_p(0.02) < 0.05) == (low > -0.02 and high < 0.02)

    def test_a_difference_that_nothing_scatters_around(self):
        assert Estimate(0.0, 0.0, np.inf).p() == 1
        assert Estimate(0.0, 0.0, np.inf).equivalence_p(0.02) == 0
        assert Estimate(0.4, 0.0, np.inf).p() == 0
        assert Estimate(0.4, 0.0, np.inf).equivalence_p(0.02) == 1

    def test_p_has_no_floor(self):
        # Of 40 points, after Holm over a thousand contrasts.
        assert 1000 * Estimate(0.4, 0.02, 200.0).p() < 1e-20

    def test_detectable_is_found_in_four_of_five(self, random):
        error = 0.01
        truth = Estimate(0.0, error, np.inf).detectable(0.05)
        assert truth == pytest.approx((1.959964 + 0.841621) * error, rel=1e-5)
        seen = truth + error * random.normal(size=20_000)
        assert np.mean([Estimate(value, error, np.inf).p() < 0.05 for value in seen]) == pytest.approx(0.8, abs=0.01)


class TestSingleRuns:
    def test_one_class_is_students_paired_test(self, random):
        first, second = random.random((2, 60)) < 0.6
        found = difference_of_means(first[None], second[None], single_cases(60))
        theirs = ttest_1samp(first.astype(float) - second, 0.0)
        assert found.p() == pytest.approx(theirs.pvalue)
        assert found.interval() == pytest.approx(tuple(theirs.confidence_interval()))

    def test_classes_are_strata(self, random):
        # One class always right, one never, by both: only the third varies, a third of the images.
        classes = np.arange(90) % 3
        answers = random.random((2, 90)) < 0.5
        answers[:, classes == 0], answers[:, classes == 1] = True, False
        found = difference_of_means(answers[:1], answers[1:], Cases(classes, np.arange(90)))
        inside = (answers[0].astype(float) - answers[1])[classes == 2]
        assert found.error == pytest.approx(np.sqrt(inside.var(ddof=1) / 30) / 3)

    def test_a_stated_spread_is_added_for_each_run(self):
        first, second = np.ones((1, 40)), np.ones((1, 40))
        found = difference_of_means(first, second, single_cases(40), seed_sd=0.03)
        assert found.error == pytest.approx(0.03 * np.sqrt(2))
        assert found.freedom == np.inf

    def test_a_stated_spread_widens_the_interval_of_one_run(self):
        low, high = interval_of_mean(np.full((1, 40), 0.5), single_cases(40), seed_sd=0.03)
        assert (low, high) == pytest.approx((0.5 - 1.959964 * 0.03, 0.5 + 1.959964 * 0.03))

    def test_images_of_one_portrait_are_one_case(self, random):
        first, second = random.random((2, 50)) < 0.6
        twice = Cases(np.zeros(100, int), np.repeat(np.arange(50), 2))
        once = difference_of_means(first[None], second[None], single_cases(50))
        doubled = difference_of_means(np.repeat(first, 2)[None], np.repeat(second, 2)[None], twice)
        assert doubled.error == pytest.approx(once.error, rel=0.01)
        assert doubled.freedom == once.freedom
        unaware = difference_of_means(np.repeat(first, 2)[None], np.repeat(second, 2)[None], single_cases(100))
        assert unaware.error == pytest.approx(once.error / np.sqrt(2), rel=0.02)

    def test_the_order_of_images_does_not_matter(self, random):
        first, second = random.random((2, 3, 60)) < 0.6
        cases = Cases(np.arange(60) % 5, np.arange(60) // 2)
        order = random.permutation(60)
        shuffled = Cases(cases.classes[order], cases.portraits[order])
        one = difference_of_means(first, second, cases)
        other = difference_of_means(first[:, order], second[:, order], shuffled)
        assert (one.value, one.error, one.freedom) == pytest.approx((other.value, other.error, other.freedom))


def mean_squares(scores: np.ndarray) -> tuple[float, float, float]:
    """Of runs, of images, and of what is left, of scores [runs, n]."""
    runs, n = scores.shape
    by_run, by_image = scores.mean(axis=1, keepdims=True), scores.mean(axis=0)
    rest = scores - by_image - by_run + scores.mean()
    return (
        n * by_run.var(ddof=1),
        runs * by_image.var(ddof=1),
        (rest**2).sum() / ((n - 1) * (runs - 1)),
    )


class TestSeveralRuns:
    def test_images_that_do_not_vary_leave_welchs_test_of_the_runs(self, random):
        # Every image has the accuracy of its run: nothing but seeds is chance.
        runs = [np.repeat(random.random((3, 1)), 50, axis=1) for _ in range(2)]
        found = difference_of_means(*runs, single_cases(50))
        theirs = ttest_ind(runs[0][:, 0], runs[1][:, 0], equal_var=False)
        assert found.p() == pytest.approx(theirs.pvalue)
        assert found.freedom == pytest.approx(theirs.df)

    def test_variance_components_of_a_balanced_design(self, random):
        # Images and runs crossed, single answers noisy: the variance of the grand mean (Scheffe, 1959) from the mean
        # squares of the analysis of variance.
        scores = random.normal(0, 0.1, 400) + random.normal(0, 0.01, (5, 1)) + random.normal(0, 0.5, (5, 400))
        of_runs, of_images, rest = mean_squares(scores)
        images, seeds = variances_of_mean(scores, single_cases(400))
        assert images + seeds == pytest.approx((of_runs + of_images - rest) / scores.size, rel=0.01)
        assert seeds == pytest.approx(of_runs / scores.size)

    def test_variance_components_of_a_difference(self, random):
        # Each set has images that suit it; what all images share cancels.
        shared, sets = random.normal(0, 0.4, 400), []
        for _ in range(2):
            own = random.normal(0, 0.1, 400) + random.normal(0, 0.02, (5, 1)) + random.normal(0, 0.5, (5, 400))
            sets.append(shared + own)
        between = (sets[0].mean(axis=0) - sets[1].mean(axis=0)).var(ddof=1) / 400
        expected = between + sum((squares[0] - squares[2]) / 2000 for squares in map(mean_squares, sets))
        found = difference_of_means(*sets, single_cases(400))
        assert found.error**2 == pytest.approx(expected, rel=0.01)

    def test_the_interval_of_a_mean_adds_the_squares_of_both_parts(self, random):
        steady = np.repeat(random.random((1, 60)) < 0.6, 3, axis=0).astype(float)
        low, high = interval_of_mean(steady, single_cases(60))
        assert (low, high) == pytest.approx(tuple(ttest_1samp(steady[0], 0).confidence_interval()))
        apart = np.repeat([[0.2], [0.5], [0.7]], 60, axis=1)
        low, high = interval_of_mean(apart, single_cases(60))
        assert (low, high) == pytest.approx(tuple(ttest_1samp(apart[:, 0], 0).confidence_interval()))
        both = steady + apart
        halves = []
        for runs in (steady, apart, both):
            low, high = interval_of_mean(runs, single_cases(60))
            halves.append((high - low) / 2)
        # Of 60 images; what shifts a whole run counts as noise of its images too, a sixtieth of it.
        assert halves[2] == pytest.approx(np.hypot(*halves[:2]), rel=0.01)

    def test_the_larger_of_own_and_pooled_spread(self, random):
        steady, wild = np.repeat([[0.5], [0.5], [0.5]], 9, axis=1), np.repeat([[0.2], [0.5], [0.8]], 9, axis=1)
        cases = single_cases(9)
        pooled = pooled_spread([steady, steady, wild])
        assert pooled == pytest.approx(spread_of_seeds(wild) / 3)
        assert difference_of_means(steady, steady, cases, pooled=pooled).error == pytest.approx(np.sqrt(2 * pooled / 3))
        found = difference_of_means(steady, wild, cases, pooled=pooled)
        assert found.error == pytest.approx(np.sqrt(spread_of_seeds(wild) / 3))
        # All of it comes from three runs: two degrees of freedom, not the four of both sets.
        assert found.freedom == pytest.approx(2)


def answers(random, n, spread, runs, accuracy=0.5):
    """Runs of one training set on images of a shared difficulty, as correlated as those of trained networks."""

    def of(difficulty):
        own = random.normal(size=n)
        reached = np.clip(accuracy + spread * random.normal(size=(runs, 1)), 0.001, 0.999)
        latent = 0.55**0.5 * difficulty + 0.25**0.5 * own + 0.2**0.5 * random.normal(size=(runs, n))
        return latent < norm.ppf(reached)

    return of


@pytest.mark.parametrize("spread", [0.0, 0.03])
def test_equal_training_sets_are_called_different_in_five_of_a_hundred(random, spread):
    n, cases, wrong, covered = 300, single_cases(300, 7), [], []
    for _ in range(600):
        difficulty = random.normal(size=n)
        draw = answers(random, n, spread, runs=3)
        groups = [draw(difficulty) for _ in range(2)]
        pooled = pooled_spread(groups)
        wrong.append(difference_of_means(*groups, cases, pooled=pooled).p() < 0.05)
        low, high = interval_of_mean(groups[0], cases)
        covered.append(low < 0.5 < high)
    # Of 600, five percent are 30 +- 5.3; the larger of two spreads makes it fewer.
    assert 5 <= sum(wrong) <= 46
    assert np.mean(covered) > 0.925
