import math

import numpy as np
import pytest
from scipy import stats

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.settings.edit import Planning
from synface.settings.reading import complete
from synface.stages.codes import Codes

# Degrees, as printed for GANmut's published linear generator.
AXES = {"surprise": 97.8, "fear": 133.3, "disgust": -135.5, "happiness": 7.3, "sadness": -178.4, "anger": -102.7}
LINEAR = {
    "parametrization": "linear",
    "classes": {label: {"theta": math.radians(angle)} for label, angle in AXES.items()},
}
COVARIANCE = [[0.04, 0.012], [0.012, 0.01]]
GAUSSIAN = {
    "parametrization": "gaussian",
    "classes": {label: {"mean": [0.1 * place, -0.2], "covariance": COVARIANCE} for place, label in enumerate(LABELS)},
}
ITEMS = [f"{number:05d}" for number in range(1000)]


def draw(gamut, label, **settings):
    drawn = codes(gamut, **settings)
    return np.array([drawn.draw(label, item) for item in ITEMS], dtype=float)


def test_fixed_intensity_lies_on_the_axis():
    theta, rho, x, y = draw(LINEAR, "happiness", rho=0.8)[0]
    assert (theta, rho) == (pytest.approx(math.radians(7.3), abs=1e-6), 0.8)
    assert (x, y) == (pytest.approx(0.8 * 0.99189, abs=1e-4), pytest.approx(0.8 * 0.12706, abs=1e-4))


def test_rho_is_uniform_in_its_range_and_theta_stays():
    codes = draw(LINEAR, "anger", rho=[0.5, 1.2])
    assert stats.kstest(codes[:, 1], "uniform", args=(0.5, 0.7)).pvalue > 0.01
    assert np.allclose(codes[:, 0], math.radians(-102.7), atol=1e-6)
    assert np.allclose(np.hypot(codes[:, 2], codes[:, 3]), codes[:, 1], atol=2e-6)
    assert np.allclose(np.arctan2(codes[:, 3], codes[:, 2]), codes[:, 0], atol=5e-6)


def test_neutral_fills_its_disc():
    codes = draw(LINEAR, "neutral", rho=[0.5, 1.2])
    assert stats.kstest(codes[:, 0], "uniform", args=(-math.pi, 2 * math.pi)).pvalue > 0.01
    assert stats.kstest(codes[:, 1], "uniform", args=(0, 0.1)).pvalue > 0.01


def test_neutral_rho_can_be_set():
    assert set(draw(LINEAR, "neutral", rho=1, neutral_rho=0.05)[:, 1]) == {0.05}


def test_jitter_turns_around_the_axis_and_wraps_at_pi():
    codes = draw(LINEAR, "sadness", rho=1.0, theta_jitter=10)
    turned = np.degrees(np.angle(np.exp(1j * (codes[:, 0] - math.radians(-178.4)))))
    assert stats.kstest(turned, "uniform", args=(-10, 20)).pvalue > 0.01
    assert codes[:, 0].max() <= round(math.pi, 6)
    assert codes[:, 0].min() >= -round(math.pi, 6)
    assert (codes[:, 0] > 3).any()


def test_ranges_chosen_by_looking_replace_those_of_their_class():
    ranges = {"fear": {"theta": [170, -170], "rho": [0.7, 0.9]}, "neutral": {"rho": 0.0}}
    codes = draw(LINEAR, "fear", rho=[0.5, 1.2], ranges=ranges)
    assert stats.kstest(np.degrees(codes[:, 0]) % 360, "uniform", args=(170, 20)).pvalue > 0.01
    assert stats.kstest(codes[:, 1], "uniform", args=(0.7, 0.2)).pvalue > 0.01
    assert not draw(LINEAR, "neutral", rho=1, ranges=ranges)[:, 2:].any()
    assert draw(LINEAR, "anger", rho=1, ranges=ranges)[0, 1] == 1


def test_class_mean_of_a_linear_generator_is_one_point_of_the_axis():
    assert draw(LINEAR, "happiness", at="class-mean")[0, 1] == 1.0
    assert draw(LINEAR, "happiness", at="class-mean", rho=0.7)[0, 1] == 0.7
    assert not draw(LINEAR, "neutral", at="class-mean")[:, 2:].any()


def test_class_mean_of_a_gaussian_generator():
    codes = draw(GAUSSIAN, "happiness", at="class-mean")
    assert np.isnan(codes[:, :2]).all()
    assert (codes[:, 2:] == [0.3, -0.2]).all()


def test_class_gaussian_has_the_mean_and_covariance():
    codes = draw(GAUSSIAN, "surprise", at="class-gaussian")[:, 2:]
    whitened = np.linalg.solve(np.linalg.cholesky(COVARIANCE), (codes - [0, -0.2]).T)
    assert stats.kstest((whitened**2).sum(axis=0), "chi2", args=(2,)).pvalue > 0.01
    assert np.allclose(np.cov(codes.T), COVARIANCE, atol=0.004)


def test_class_gaussian_stays_in_the_square():
    gamut = {"parametrization": "gaussian", "classes": {"fear": {"mean": [-0.98, 1.0], "covariance": COVARIANCE}}}
    codes = draw(gamut, "fear", at="class-gaussian")[:, 2:]
    assert codes.min() == -1
    assert codes.max() == 1


def codes(gamut, name="edits.test", **settings):
    return Codes(gamut, complete(Planning, settings, name), name)


def test_draws_depend_on_seed_and_portrait_alone():
    one = codes(LINEAR, "edits.one", rho=[0.5, 1.2])
    renamed = codes(LINEAR, "edits.other", rho=[0.5, 1.2])
    reseeded = codes(LINEAR, "edits.one", rho=[0.5, 1.2], seed=2)
    assert one.draw("fear", "00012") == renamed.draw("fear", "00012") != reseeded.draw("fear", "00012")


@pytest.mark.parametrize(
    ("gamut", "settings", "message"),
    [
        (LINEAR, {}, "edits.test.rho: missing"),
        (LINEAR, {"at": "class-gaussian"}, "edits.test.at: found class-gaussian, but its generator is linear"),
        (LINEAR, {"at": "class-mean", "rho": [0.5, 1]}, "edits.test.rho: does not go with"),
        (LINEAR, {"at": "class-mean", "theta_jitter": 5}, "edits.test.theta_jitter: does not go with"),
        (LINEAR, {"rho": [1.2, 0.5]}, "edits.test.rho: found"),
        (LINEAR, {"rho": -1}, "edits.test.rho: found"),
        (LINEAR, {"rho": 1, "ranges": {"fear": {"theta": [-200, 200]}}}, "edits.test.ranges.fear.theta: found"),
        (LINEAR, {"rho": 1, "ranges": {"joy": {"rho": 1}}}, "edits.test.ranges.joy: unknown name"),
        (GAUSSIAN, {}, "edits.test.at: missing"),
        (GAUSSIAN, {"at": "class-mean", "rho": 1}, "edits.test.rho: is for linear generators"),
        (GAUSSIAN, {"at": "class-mean", "neutral_rho": [0, 0.2]}, "edits.test.neutral_rho: is for linear"),
    ],
)
def test_settings_that_do_not_fit_the_generator(gamut, settings, message):
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        codes(gamut, **settings)


def test_defaults_that_the_schema_fills_in_fit_a_gaussian_generator():
    filled = {"at": "class-mean", "neutral_rho": [0.0, 0.1], "theta_jitter": 0, "ranges": {}}
    assert draw(GAUSSIAN, "surprise", **filled)[0, 2] == 0
