"""How accuracy grows with the number of real training images, and how many of them synthetic ones are worth.

The error on other test images is taken as D n^-a + C, the power law of learning curves (Hestness et al., 2017; Mikami
et al., 2022, with synthetic images), fitted to the training sets that hold real images alone. What a set with synthetic
images reaches, the curve reaches with so many real ones; what it has beyond its own, for each synthetic image, is their
exchange rate. A hybrid of all real images lies beyond the fitted sizes: that is extrapolation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from synface.core.errors import InputError
from synface.core.tables import read_table, write_table
from synface.evaluate.compare import Training, align
from synface.evaluate.metrics import Answers
from synface.evaluate.predictions import read_predictions
from synface.evaluate.readers import Cases, covariance_of_means, pooled_spread
from synface.settings.experiment import LEAST_SIZES

DRAWS = 1000
POINT_COLUMNS = [
    "experiment",
    "model",
    "test_set",
    "train_set",
    "real_images",
    "synthetic_images",
    "accuracy",
    "fitted",
]
WORTH_COLUMNS = ["equivalent_real", "equivalent_low", "equivalent_high", "worth", "worth_low", "worth_high"]


@dataclass(frozen=True)
class Curve:
    """The error D n^-a + C of training on n real images; D is the error at one image beyond the floor C."""

    factor: float
    exponent: float
    floor: float

    def error(self, n: np.ndarray | float) -> np.ndarray:
        """Return the error at ``n`` images."""
        return self.factor * np.asarray(n, dtype=float) ** -self.exponent + self.floor

    def images(self, error: float) -> float:
        """Return at how many images the curve has this error; infinity where it never falls so far."""
        above = error - self.floor
        if above <= 0 or self.exponent <= 0 or self.factor <= 0:
            return float("inf")
        with np.errstate(over="ignore"):
            return float((above / self.factor) ** (-1 / self.exponent))


def fit_curve(sizes: np.ndarray, errors: np.ndarray, deviations: np.ndarray) -> Curve:
    """Fit by least squares, weighted by the standard deviations of the errors; a lies in [0, 2], C in [0, 1]."""
    scale = np.exp(np.log(sizes).mean())  # near 1, so that D does not depend on a

    def residuals(parameters: np.ndarray) -> np.ndarray:
        factor, exponent, floor = parameters
        return (factor * (sizes / scale) ** -exponent + floor - errors) / np.maximum(deviations, 1e-6)

    start = [max(errors.mean() - errors.min() / 2, 1e-3), 0.5, errors.min() / 2]
    factor, exponent, floor = least_squares(residuals, start, bounds=([0, 0, 0], [np.inf, 2, 1])).x
    return Curve(float(factor * scale**exponent), float(exponent), float(floor))


def fit_scaling(
    *,
    evaluations: Sequence[Mapping],
    predictions: Mapping[Training, Path | str],
    metadata: Mapping[str, Path | str],
    points: Path | str,
    curves: Path | str,
) -> None:
    """Write the scaling of every model on every test set.

    Args:
        evaluations: of the experiments that ask for it, on natural test sets, as for `compare`.
        predictions: the file of each training, by (model, dataset, seed).
        metadata: metadata.csv of every training set, which tells its real and its synthetic images.
        points: output, one row per training set: its images, its accuracy, what the curve says, and for sets with
            synthetic images how many real ones they are worth, ``worth`` for each synthetic one, with 95 % intervals.
        curves: output, one row per curve: D, a and C with 95 % intervals.
    """
    images = {name: count_origins(path) for name, path in metadata.items()}
    cells = pd.DataFrame(evaluations)
    tables = {training: read_predictions(path) for training, path in predictions.items()}
    rows, fits = [], []
    for (experiment, model, test_set), part in cells.groupby(["experiment", "model", "test_set"], sort=False):
        place = {"experiment": experiment, "model": model, "test_set": test_set}
        keys = list(part[["train_set", "dataset", "seed"]].itertuples(index=False, name=None))
        files = {str(predictions[model, dataset, seed]): (model, dataset, seed) for _, dataset, seed in keys}
        answers, cases = align({path: tables[training][test_set] for path, training in files.items()})
        groups: dict[str, list[Answers]] = {}
        for train_set, dataset, seed in keys:
            groups.setdefault(train_set, []).append(answers[str(predictions[model, dataset, seed])])
        scores = {name: np.stack([each.right for each in runs]).astype(float) for name, runs in groups.items()}
        found, fit = scale(scores, {name: images[name] for name in scores}, cases, where=f"experiments.{experiment}")
        rows += [{**place, **row} for row in found]
        fits.append({**place, **fit})
    write_table(pd.DataFrame(rows, columns=[*POINT_COLUMNS, *WORTH_COLUMNS]).round(6), points)
    write_table(pd.DataFrame(fits).round(6), curves)


def count_origins(metadata: Path | str) -> tuple[int, int]:
    """Return how many different real and synthetic training images a dataset has; an image that is repeated is one."""
    columns = ["split", "dataset", "source_id", "edit"]
    table = read_table(metadata, text=columns, columns=columns)
    table = table[table["split"] == "train"].drop_duplicates(["dataset", "source_id"])
    synthetic = int((table["edit"] != "").sum())
    return len(table) - synthetic, synthetic


def scale(
    scores: Mapping[str, np.ndarray],
    images: Mapping[str, tuple[int, int]],
    cases: Cases,
    *,
    where: str,
    draws: int = DRAWS,
    seed: int = 1,
) -> tuple[list[dict], dict]:
    """Fit the curve of one model on one test set, and find what synthetic images are worth.

    Args:
        scores: for each training set, right or wrong, float64 [runs, n].
        images: for each training set its (real, synthetic) training images.
        cases: how the test images were sampled.
        where: path of the experiment in the configuration, for messages.
        draws: number of refits behind the intervals.
        seed: of what is drawn for them.

    The intervals are those of refits to errors that are drawn anew: over other test images, which all training
    sets share, and over other seeds, whose variance is that of all sets together.
    """
    names = list(scores)
    real = np.array([images[name][1] == 0 for name in names])
    sizes = np.array([images[name][0] for name in names], dtype=float)
    if len(set(sizes[real])) < LEAST_SIZES:
        raise InputError(
            f"{where}.scaling: found {len(set(sizes[real]))} training sets of real images alone that differ in size; "
            f"expected at least {LEAST_SIZES}, such as merges of one set with a fraction"
        )
    errors = np.array([1 - scores[name].mean() for name in names])
    covariance, spread = _covariance([scores[name] for name in names], cases)
    deviations = np.sqrt(np.diag(covariance) + spread)
    drawn = draw_errors(errors, covariance, spread, [len(scores[name]) for name in names], draws, seed)
    curve = fit_curve(sizes[real], errors[real], deviations[real])
    refits = [fit_curve(sizes[real], each[real], deviations[real]) for each in drawn]

    rows = []
    for index, name in enumerate(names):
        own, synthetic = images[name]
        row = {"train_set": name, "real_images": own, "synthetic_images": synthetic, "accuracy": 1 - errors[index]}
        row["fitted"] = float(1 - curve.error(own)) if own else np.nan
        if synthetic:
            equivalent = curve.images(errors[index])
            others = np.array([refit.images(each[index]) for refit, each in zip(refits, drawn, strict=True)])
            low, high = _quantiles(others)
            values = [equivalent, low, high, *((value - own) / synthetic for value in (equivalent, low, high))]
            row |= dict(zip(WORTH_COLUMNS, values, strict=True))
        rows.append(row)
    fit: dict[str, float] = {}
    for letter, name in (("D", "factor"), ("a", "exponent"), ("C", "floor")):
        low, high = _quantiles(np.array([getattr(refit, name) for refit in refits]))
        fit |= {letter: getattr(curve, name), f"{letter}_low": low, f"{letter}_high": high}
    return rows, fit


def _covariance(groups: Sequence[np.ndarray], cases: Cases) -> tuple[np.ndarray, np.ndarray]:
    """Return the covariance of the errors over other images [K, K], and their variance over other seeds [K]."""
    covariance = covariance_of_means(np.stack([runs.mean(axis=0) for runs in groups]), cases)
    pooled = pooled_spread(groups)
    seeds = np.array([0.0 if np.isnan(pooled) else pooled / len(runs) for runs in groups])
    return covariance, seeds


def draw_errors(
    errors: np.ndarray, covariance: np.ndarray, spread: np.ndarray, runs: Sequence[int], draws: int, seed: int
) -> np.ndarray:
    """Draw errors [draws, K] as other test images and seeds would have given them, in [1e-6, 1].

    Args:
        errors: those seen, [K].
        covariance: over other images, [K, K].
        spread: variance over other seeds, [K], estimated from ``runs`` trainings each: Student's t.
        runs: how many trainings of each.
        draws: how many.
        seed: of the draws.
    """
    random = np.random.default_rng(seed)
    by_images = random.multivariate_normal(np.zeros(len(errors)), covariance, size=draws, method="eigh")
    freedom = max(sum(count - 1 for count in runs), 1)
    # The variance of seeds is itself estimated: Student's t in place of the normal.
    inflation = np.sqrt(freedom / random.chisquare(freedom, size=(draws, 1)))
    by_seeds = random.normal(size=(draws, len(errors))) * np.sqrt(spread) * inflation
    return np.clip(errors + by_images + by_seeds, 1e-6, 1)


def _quantiles(values: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975], method="nearest")
    return float(low), float(high)
