"""One contrast: two cells of (model, training set), one test set. Is the difference real, or shown to be small?

With several runs of each, the answer is about the training sets, over other seeds and other test images; see
`synface.evaluate.readers`. With one run of each it is about these two trained models, over other test images alone,
unless the user states how much seeds scatter. McNemar's p of every single seed stands beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd

from synface.evaluate.intervals import holm, mcnemar_exact
from synface.evaluate.metrics import UNBOUNDED
from synface.evaluate.readers import Cases, difference_of_means, pooled_spread

Cell = tuple[str, str]  # model, training set
Run = tuple[str, int]  # draw of the training set, seed

CONTRAST_COLUMNS = [
    "experiment",
    "model",
    "test_set",
    "metric",
    "train_set",
    "baseline_model",
    "baseline",
    "about",
    "draws",
    "baseline_draws",
    "seeds",
    "baseline_seeds",
    "n",
    "value",
    "baseline_value",
    "difference",
    "ci_low",
    "ci_high",
    "ci_covers",
    "p",
    "margin",
    "equivalence_p",
    "detectable",
    "error_images",
    "error_seeds",
]
PAIR_COLUMNS = ["discordant", "mcnemar_p_by_seed"]
TRAINING_SETS, TRAINED_MODELS = "training sets", "trained models"
EXPLORATORY = "exploratory"


@dataclass(frozen=True)
class Group:
    """The runs of one cell by one metric.

    Attributes:
        scores: float64 [readers, n]. The readers are the draws of the training set, each averaged over its seeds, where
            there are several draws, else the trainings with their seeds.
        draws: number of draws of the training set.
        seeds: number of trainings of each.
    """

    scores: np.ndarray
    draws: int
    seeds: int


def covered(draws: int, runs: int, seed_sd: float | None) -> str:
    """Return in words over what an interval of so many draws of a training set, or so many ``runs``, holds."""
    if draws > 1:
        return "images, seeds and draws of the training set"
    if runs > 1:
        return "images and seeds"
    return "images" if seed_sd is None else "images and a stated spread of seeds"


def contrast_cells(
    place: Mapping[str, str],
    contrasts: Sequence[Mapping[str, str]],
    groups: Mapping[Cell, Group],
    cases: Cases,
    settings: Mapping,
) -> list[dict]:
    """Contrast cells with their baselines, on one test set by one metric.

    Args:
        place: experiment, test_set and metric; they are copied into the rows.
        contrasts: model, train_set, baseline_model and baseline of each; the same.
        groups: the runs of each cell (model, train set), in one order of images.
        cases: how the test images were sampled.
        settings: alpha, margin, and seed_sd, the spread of seeds that the user states (None for none).

    Returns one row per contrast with the columns `CONTRAST_COLUMNS`. ``difference`` is the value minus the baseline's,
    ``detectable`` the difference that would be found in 4 of 5 such experiments; ``error_images`` and ``error_seeds``
    are the standard errors over other images and over other seeds (or draws) alone.
    """
    rows, bounded = [], place["metric"] not in UNBOUNDED
    kinds: dict[tuple[str, bool], list[np.ndarray]] = {}
    for (model, _), group in groups.items():
        kinds.setdefault((model, group.draws > 1), []).append(group.scores)
    # Two networks may scatter differently, and draws more than seeds.
    spreads = {kind: pooled_spread(scores) for kind, scores in kinds.items()}
    for contrast in contrasts:
        first = groups[contrast["model"], contrast["train_set"]]
        second = groups[contrast["baseline_model"], contrast["baseline"]]
        pooled = (
            spreads[contrast["model"], first.draws > 1],
            spreads[contrast["baseline_model"], second.draws > 1],
        )
        found = difference_of_means(first.scores, second.scores, cases, pooled=pooled, seed_sd=settings["seed_sd"])
        low, high = found.interval()
        runs = min(len(first.scores), len(second.scores))
        values = {
            **place,
            **{key: contrast[key] for key in ("model", "train_set", "baseline_model", "baseline")},
            "about": TRAINING_SETS if runs > 1 or settings["seed_sd"] is not None else TRAINED_MODELS,
            "draws": first.draws,
            "baseline_draws": second.draws,
            "seeds": first.seeds,
            "baseline_seeds": second.seeds,
            "n": first.scores.shape[1],
            "value": first.scores.mean(),
            "baseline_value": second.scores.mean(),
            "difference": found.value,
            "ci_low": low,
            "ci_high": high,
            "ci_covers": covered(max(first.draws, second.draws) if runs > 1 else 1, runs, settings["seed_sd"]),
            "p": found.p(),
            "margin": settings["margin"] if bounded else np.nan,
            "equivalence_p": found.equivalence_p(settings["margin"]) if bounded else np.nan,
            "detectable": found.detectable(settings["alpha"]),
            "error_images": found.images,
            "error_seeds": found.seeds,
        }
        rows.append({column: values[column] for column in CONTRAST_COLUMNS})
    return rows


def pair_by_seed(first: Mapping[Run, np.ndarray], second: Mapping[Run, np.ndarray]) -> dict[str, object]:
    """Compare runs image by image: right or wrong, bool [n], by (draw of the training set, seed).

    Returns `PAIR_COLUMNS`: ``discordant``, the share of images on which exactly one of the two is right, averaged over
    pairs of one seed (over all pairs when they share none), and in text McNemar's exact p of each of these pairs. Of
    several draws the first is paired with the first, the second with the second, a single one with each.
    """
    pairs = {}
    for (left, seed), (right, other) in product(first, second):
        numbers = [_drawn(first).index(left), _drawn(second).index(right)]
        single = min(len(_drawn(first)), len(_drawn(second))) == 1
        if seed == other and (single or numbers[0] == numbers[1]):
            draw = f"draw {max(numbers) + 1}, " if max(len(_drawn(first)), len(_drawn(second))) > 1 else ""
            pairs[f"{draw}seed {seed}"] = first[left, seed], second[right, other]
    listed = "; ".join(f"{name}: {mcnemar_exact(*pair):.4g}" for name, pair in pairs.items())
    discordant = np.mean([a != b for a, b in pairs.values() or product(first.values(), second.values())])
    return dict(zip(PAIR_COLUMNS, (discordant, listed), strict=True))


def _drawn(runs: Mapping[Run, np.ndarray]) -> list[str]:
    return list(dict.fromkeys(draw for draw, _ in runs))


def conclude(contrasts: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Correct p of the primary contrasts of each experiment and say in words what each contrast shows.

    Tests of difference and of equivalence are one family (Holm, 1979). Adds p_holm, equivalence_p_holm and verdict:
    "better" or "worse" when p_holm < ``alpha``, else "equivalent within ... points" when equivalence_p_holm <
    ``alpha``, else "not distinguishable"; "exploratory", without corrected p, for what was not asked beforehand.
    """
    result = contrasts.copy()
    corrected = pd.DataFrame(np.nan, index=result.index, columns=["p_holm", "equivalence_p_holm"])
    for _, family in result[result["primary"].astype(bool)].groupby("experiment", sort=False):
        adjusted = holm(family[["p", "equivalence_p"]].to_numpy(float).T.ravel())
        corrected.loc[family.index] = adjusted.reshape(2, -1).T
    result = pd.concat([result, corrected], axis=1)
    result["verdict"] = [_verdict(row, alpha) for row in result.to_dict("records")]
    return result


def _verdict(row: Mapping, alpha: float) -> str:
    if not row["primary"]:
        return EXPLORATORY
    if row["p_holm"] < alpha:
        return "better" if row["difference"] > 0 else "worse"
    if row["equivalence_p_holm"] < alpha:
        points = 100 * row["margin"]
        return f"equivalent within {points:g} point{'' if points == 1 else 's'}"
    return "not distinguishable"
