"""One contrast: two training sets, one test set. Is the difference real, and if not, is it shown to be small?

With one run each, p is McNemar's exact test: it speaks about these two trained models and other test images. With
several runs, p comes from the two-level bootstrap of the difference of mean accuracies: it speaks about the training
sets, over other test images and other seeds. McNemar's p of every single seed stands beside it.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from synface.core.draws import keyed_generator
from synface.evaluate.bootstrap import bootstrap_accuracies, difference_p, equivalence_p, percentile_interval
from synface.evaluate.intervals import holm, mcnemar_exact

CONTRAST_COLUMNS = [
    "experiment",
    "model",
    "test_set",
    "train_set",
    "baseline",
    "seeds",
    "baseline_seeds",
    "n",
    "accuracy",
    "baseline_accuracy",
    "difference",
    "ci_low",
    "ci_high",
    "ci_covers",
    "discordant",
    "mcnemar_p_by_seed",
    "p",
    "method",
    "margin",
    "equivalence_p",
]


def contrast_train_sets(
    place: Mapping[str, str],
    groups: Mapping[str, np.ndarray],
    seeds: Mapping[str, Sequence[int]],
    classes: np.ndarray,
    settings: Mapping,
) -> list[dict]:
    """Contrast every train set with every earlier one, its baseline, on one test set.

    Args:
        place: experiment, model and test_set; they key the draws and are copied into the rows.
        groups: for each train set a boolean [runs, n], right or wrong, in one order of images.
        seeds: for each train set the seed of each run.
        classes: int64 [n], the true classes, the strata of the bootstrap.
        settings: seed, resamples and margin.

    Returns one row per contrast with the columns `CONTRAST_COLUMNS`. ``difference`` is accuracy minus the baseline's
    and ``discordant`` the share of images on which exactly one of the two is right, averaged over the shared seeds
    (over all pairs of runs when they share none).
    """
    rows = []
    for baseline, train_set in combinations(groups, 2):
        first, second = groups[train_set], groups[baseline]
        item = "/".join([place["experiment"], place["model"], place["test_set"], train_set, baseline])
        resampled = bootstrap_accuracies(
            [first, second],
            classes,
            resamples=settings["resamples"],
            generator=keyed_generator(settings["seed"], "contrast bootstrap", item),
        )
        differences = resampled[0] - resampled[1]
        low, high = percentile_interval(differences)
        shared = [seed for seed in seeds[train_set] if seed in seeds[baseline]]
        pairs = [(first[seeds[train_set].index(seed)], second[seeds[baseline].index(seed)]) for seed in shared]
        by_seed = {seed: mcnemar_exact(*pair) for seed, pair in zip(shared, pairs, strict=True)}
        single = len(first) == len(second) == 1
        rows.append(
            {
                **place,
                "train_set": train_set,
                "baseline": baseline,
                "seeds": len(first),
                "baseline_seeds": len(second),
                "n": len(classes),
                "accuracy": first.mean(),
                "baseline_accuracy": second.mean(),
                "difference": first.mean() - second.mean(),
                "ci_low": low,
                "ci_high": high,
                "ci_covers": "images" if single else "images and seeds",
                "discordant": np.mean([a != b for a, b in pairs or [(a, b) for a in first for b in second]]),
                "mcnemar_p_by_seed": "; ".join(f"seed {seed}: {p:.4g}" for seed, p in by_seed.items()),
                "p": mcnemar_exact(first[0], second[0]) if single else difference_p(differences),
                "method": "exact McNemar" if single else "two-level bootstrap",
                "margin": settings["margin"],
                "equivalence_p": equivalence_p(differences, settings["margin"]),
            }
        )
    return rows


def conclude(contrasts: pd.DataFrame, *, alpha: float) -> pd.DataFrame:
    """Correct p for the number of contrasts of each experiment and say in words what each contrast shows.

    Adds p_holm, equivalence_p_holm and verdict: "better" or "worse" when p_holm < ``alpha``, else "equivalent within
    ... points" when equivalence_p_holm < ``alpha``, else "not distinguishable".
    """
    result = contrasts.copy()
    for column in ("p", "equivalence_p"):
        by_experiment = result.groupby("experiment", sort=False)[column]
        result[f"{column}_holm"] = by_experiment.transform(lambda values: holm(values.to_numpy(float)))
    result["verdict"] = [_verdict(row, alpha) for row in result.to_dict("records")]
    return result


def _verdict(row: Mapping, alpha: float) -> str:
    if row["p_holm"] < alpha and row["difference"] != 0:
        return "better" if row["difference"] > 0 else "worse"
    if row["equivalence_p_holm"] < alpha:
        points = 100 * row["margin"]
        return f"equivalent within {points:g} point{'' if points == 1 else 's'}"
    return "not distinguishable"
