"""Learning curves whose law is known, and what synthetic images are worth on them."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

from synface.core.errors import InputError
from synface.core.tables import read_table, write_table
from synface.evaluate.readers import Cases
from synface.evaluate.scaling import Curve, count_origins, draw_errors, fit_curve, scale

LAW = Curve(factor=3.0, exponent=0.4, floor=0.1)
SIZES = np.array([100.0, 200.0, 400.0, 800.0])
N = 2000
CASES = Cases(np.arange(N) % 7, np.arange(N))


def test_a_curve_is_found_again_and_read_backwards():
    curve = fit_curve(SIZES, LAW.error(SIZES), np.full(4, 0.01))
    assert (curve.factor, curve.exponent, curve.floor) == pytest.approx((3.0, 0.4, 0.1), rel=1e-3)
    assert LAW.images(3.0 / 10 + 0.1) == pytest.approx(10**2.5)
    assert LAW.images(0.1) == np.inf


def answers(random: np.random.Generator, n: float, runs: int = 3, spread: float = 0.005) -> np.ndarray:
    """Right or wrong [runs, N] where the law has so many real images."""
    reached = 1 - LAW.error(n) + spread * random.normal(size=(runs, 1))
    return (random.random((runs, N)) < reached).astype(float)


def one_study(random: np.random.Generator) -> list[dict]:
    scores = {f"real-{n:.0f}": answers(random, n) for n in SIZES}
    images = {f"real-{n:.0f}": (int(n), 0) for n in SIZES}
    # 800 real and 800 synthetic images do as 1,200 real ones would: each is worth half a real one.
    scores["hybrid"], images["hybrid"] = answers(random, 1200), (800, 800)
    rows, _ = scale(scores, images, CASES, where="experiments.e", draws=200)
    return rows


def test_intervals_of_the_exchange_rate_hold_it():
    random = np.random.default_rng(1)
    hybrids = [one_study(random)[-1] for _ in range(25)]
    held = sum(row["worth_low"] <= 0.5 <= row["worth_high"] for row in hybrids)
    assert held >= 21  # of 25 at 95 %: fewer have a probability of .003
    assert 0.2 < np.median([row["worth"] for row in hybrids]) < 0.9


def test_errors_are_drawn_with_the_covariance_of_images_and_students_t_of_seeds():
    covariance = np.array([[4.0, 3.0], [3.0, 9.0]]) * 1e-4
    errors = np.array([0.5, 0.5])
    images = draw_errors(errors, covariance, np.zeros(2), [3, 3], 20_000, seed=1)
    np.testing.assert_allclose(np.cov(images.T), covariance, rtol=0.05)
    seeds = draw_errors(errors, np.zeros((2, 2)), np.full(2, 1e-4), [2, 2], 20_000, seed=1)
    # Two trainings of each of two sets: two degrees of freedom.
    np.testing.assert_allclose(np.quantile((seeds - 0.5) / 0.01, 0.975, axis=0), student.ppf(0.975, 2), rtol=0.05)


def test_real_sets_lie_on_the_curve_and_have_no_rate():
    rows = one_study(np.random.default_rng(2))
    for row, n in zip(rows, SIZES, strict=False):
        assert row["accuracy"] == pytest.approx(1 - LAW.error(n), abs=0.03)
        assert row["fitted"] == pytest.approx(row["accuracy"], abs=0.02)
        assert "worth" not in row


def test_too_few_sizes_are_named():
    scores = {name: answers(np.random.default_rng(3), 100) for name in ("a", "b", "c")}
    images = {"a": (100, 0), "b": (100, 0), "c": (100, 50)}
    with pytest.raises(InputError, match=r"experiments\.e\.scaling: found 1 training sets of real images alone"):
        scale(scores, images, CASES, where="experiments.e")


def test_images_are_counted_once_by_their_origin(tmp_path):
    rows = [
        ("train", "Raf", "1", ""),
        ("train", "Raf", "1", ""),
        ("train", "Syn", "1", "varied"),
        ("test", "Raf", "2", ""),
    ]
    write_table(pd.DataFrame(rows, columns=["split", "dataset", "source_id", "edit"]), tmp_path / "metadata.csv")
    assert count_origins(tmp_path / "metadata.csv") == (1, 1)
    assert len(read_table(tmp_path / "metadata.csv")) == 4
