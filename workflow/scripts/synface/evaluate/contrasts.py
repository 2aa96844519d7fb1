"""One contrast: two training sets, one test set. Is the difference real, and if not, is it shown to be small?

With several runs (seeds) of each, the answer is about the training sets, over other seeds and other test images; see
`synface.evaluate.readers`. With one run of each it is about these two trained models, over other test images alone,
unless the user states how much seeds scatter. McNemar's p of every single seed stands beside it.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from synface.evaluate.intervals import holm, mcnemar_exact
from synface.evaluate.metrics import UNBOUNDED
from synface.evaluate.readers import Cases, difference_of_means, pooled_spread

CONTRAST_COLUMNS = [
    "experiment",
    "model",
    "test_set",
    "metric",
    "train_set",
    "baseline",
    "about",
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
]
PAIR_COLUMNS = ["discordant", "mcnemar_p_by_seed"]
TRAINING_SETS, TRAINED_MODELS = "training sets", "trained models"
EXPLORATORY = "exploratory"


def covered(runs: int, seed_sd: float | None) -> str:
    """Return in words over what an interval of ``runs`` trainings holds."""
    if runs > 1:
        return "images and seeds"
    return "images" if seed_sd is None else "images and a stated spread of seeds"


def contrast_train_sets(
    place: Mapping[str, str], groups: Mapping[str, np.ndarray], cases: Cases, settings: Mapping
) -> list[dict]:
    """Contrast every train set with every earlier one, its baseline, on one test set by one metric.

    Args:
        place: experiment, model, test_set and metric; they are copied into the rows.
        groups: for each train set the scores [runs, n] of the metric, in one order of images.
        cases: how the test images were sampled.
        settings: alpha, margin, and seed_sd, the spread of seeds that the user states (None for none).

    Returns one row per contrast with the columns `CONTRAST_COLUMNS`. ``difference`` is the value minus the baseline's,
    ``detectable`` the difference that would be found in 4 of 5 such experiments.
    """
    pooled, rows = pooled_spread(list(groups.values())), []
    bounded = place["metric"] not in UNBOUNDED
    for baseline, train_set in combinations(groups, 2):
        first, second = groups[train_set], groups[baseline]
        found = difference_of_means(first, second, cases, pooled=pooled, seed_sd=settings["seed_sd"])
        low, high = found.interval()
        runs = min(len(first), len(second))
        rows.append(
            {
                **place,
                "train_set": train_set,
                "baseline": baseline,
                "about": TRAINING_SETS if runs > 1 or settings["seed_sd"] is not None else TRAINED_MODELS,
                "seeds": len(first),
                "baseline_seeds": len(second),
                "n": first.shape[1],
                "value": first.mean(),
                "baseline_value": second.mean(),
                "difference": found.value,
                "ci_low": low,
                "ci_high": high,
                "ci_covers": covered(runs, settings["seed_sd"]),
                "p": found.p(),
                "margin": settings["margin"] if bounded else np.nan,
                "equivalence_p": found.equivalence_p(settings["margin"]) if bounded else np.nan,
                "detectable": found.detectable(settings["alpha"]),
            }
        )
    return rows


def pair_by_seed(
    first: np.ndarray, second: np.ndarray, seeds: Sequence[int], baseline_seeds: Sequence[int]
) -> dict[str, object]:
    """Compare runs image by image: right or wrong, bool [runs, n] each, with the seed of each run.

    Returns `PAIR_COLUMNS`: ``discordant``, the share of images on which exactly one of the two is right, averaged over
    the shared seeds (over all pairs of runs when they share none), and in text McNemar's exact p of each shared seed.
    """
    shared = [seed for seed in seeds if seed in baseline_seeds]
    pairs = [(first[seeds.index(seed)], second[baseline_seeds.index(seed)]) for seed in shared]
    by_seed = {seed: mcnemar_exact(*pair) for seed, pair in zip(shared, pairs, strict=True)}
    discordant = np.mean([a != b for a, b in pairs or [(a, b) for a in first for b in second]])
    listed = "; ".join(f"seed {seed}: {p:.4g}" for seed, p in by_seed.items())
    return dict(zip(PAIR_COLUMNS, (discordant, listed), strict=True))


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
