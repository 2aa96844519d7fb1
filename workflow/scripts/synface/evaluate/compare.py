"""Every model of an experiment on every test set: accuracies over seeds, and which differences are real.

For each contrast of two training sets on one test set: the difference, its interval, a p value corrected for the
number of primary contrasts of the experiment, and whether the two are shown to be equivalent within a stated margin.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from synface.core.errors import InputError
from synface.core.tables import write_table
from synface.evaluate.contrasts import (
    CONTRAST_COLUMNS,
    PAIR_COLUMNS,
    conclude,
    contrast_train_sets,
    covered,
    pair_by_seed,
)
from synface.evaluate.intervals import wilson_interval
from synface.evaluate.metrics import UNBOUNDED, Answers, scores_of
from synface.evaluate.predictions import answers_of, class_indices, read_predictions
from synface.evaluate.readers import Cases, interval_of_mean, spread_of_seeds
from synface.evaluate.score import measure

Training = tuple[str, str, int]  # model, train set, seed

KEYS = ["model", "train_set", "test_set", "seed"]
RELATION_COLUMNS = ["independent", "shared_labels"]
ACCURACY_COLUMNS = ["model", "train_set", "test_set", "seed", "n", "accuracy", "macro_f1", "ci_low", "ci_high"]


def compare(
    *,
    evaluations: Sequence[Mapping],
    predictions: Mapping[Training, Path | str],
    primary: Sequence[Mapping[str, str]],
    lineage: Mapping[str, Mapping[str, Any]],
    differing: Mapping[tuple[str, str], Sequence[str]],
    settings: Mapping,
    accuracy: Path | str,
    summary: Path | str,
    per_class: Path | str,
    metrics: Path | str,
    comparisons: Path | str,
    metric_comparisons: Path | str,
) -> None:
    """Write the result tables of all experiments.

    Args:
        evaluations: one mapping per experiment and evaluation: experiment, model, train_set, seed and test_set. The
            order of train sets within an experiment names the baselines: earlier ones.
        predictions: the file of each training, by (model, train_set, seed).
        primary: the contrasts that were asked about beforehand: experiment, train_set, baseline and test_set.
        lineage: for each dataset the collections of its ``images``, and those whose ``labels`` its generators learned
            from, each with the generator.
        differing: the keys in which the recipes of (train set, baseline) differ, where they are several.
        settings: metric (of the primary contrasts), alpha (level of the tests), margin (of equivalence, as a share:
            0.02) and seed_sd (the standard deviation between seeds, as a share, that the user states for single runs;
            None for none).
        accuracy: one row per model, train set, test set and seed, with the 95 % Wilson interval of that run.
        summary: mean and standard deviation over seeds, with the 95 % interval of `interval_of_mean`, or Wilson's for a
            single run.
        per_class: precision, recall, F1 and support per run and class.
        metrics: every metric per train set and test set, with its interval, see `estimate_each`.
        comparisons: one row per contrast by the primary metric, see `contrast_train_sets` and `conclude`.
        metric_comparisons: the same contrasts by every other metric, uncorrected: exploratory.

    Raises:
        InputError: predictions that lack a test set, or are not about the same images.
    """
    tables = {training: (path, read_predictions(path)) for training, path in predictions.items()}
    measured: dict[tuple, dict] = {}
    rows = []
    for each in evaluations:
        training = each["model"], each["train_set"], each["seed"]
        path, by_set = tables[training]
        if each["test_set"] not in by_set:
            raise InputError(f"{path}: no predictions of {each['test_set']!r}; found {', '.join(by_set)}; delete it")
        cell = (*training, each["test_set"])
        if cell not in measured:
            measured[cell] = measure(by_set[each["test_set"]])
        rows.append({**{key: each[key] for key in (*KEYS, "experiment")}, **measured[cell]})
    runs = pd.DataFrame(rows)
    distinct = runs.drop_duplicates(KEYS)
    write_table(_round(distinct[ACCURACY_COLUMNS]), accuracy)
    write_table(_round(_per_class(distinct)), per_class)

    parts: dict[str, list[dict]] = {"summary": [], "metrics": [], "comparisons": [], "metric_comparisons": []}
    for (experiment, model, test_set), part in runs.groupby(["experiment", "model", "test_set"], sort=False):
        place = {"experiment": experiment, "model": model, "test_set": test_set}
        trainings = [(model, train_set, seed) for train_set, seed in zip(part["train_set"], part["seed"], strict=True)]
        answers, cases = align({tables[each][0]: tables[each][1][test_set] for each in trainings})
        asked = {
            (each["train_set"], each["baseline"])
            for each in primary
            if (each["experiment"], each["test_set"]) == (experiment, test_set)
        }
        runs_of: dict[str, dict[int, Answers]] = {}
        for each in trainings:
            runs_of.setdefault(each[1], {})[each[2]] = answers[tables[each][0]]
        for metric, groups in group_scores(runs_of).items():
            # The spread that a user states is that of the metric which is judged.
            stated = settings["seed_sd"] if metric == settings["metric"] else None
            estimates = estimate_each(groups, cases, stated, metric)
            parts["metrics"] += [{**place, "metric": metric, **row} for row in estimates]
            if metric == "accuracy":
                parts["summary"] += _summarize(place, part, estimates)
            contrasts = contrast_train_sets({**place, "metric": metric}, groups, cases, {**settings, "seed_sd": stated})
            if metric != settings["metric"]:
                parts["metric_comparisons"] += contrasts
                continue
            for row in contrasts:
                pair = row["train_set"], row["baseline"]
                rights = [np.stack([each.right for each in runs_of[name].values()]) for name in pair]
                by_seed = pair_by_seed(*rights, *(list(runs_of[name]) for name in pair))
                facts = {"primary": pair in asked, **by_seed, **relation(test_set, pair, lineage)}
                facts["differ_in"] = ", ".join(differing.get(pair, ()))
                parts["comparisons"].append({**row, **facts})
    columns = [*CONTRAST_COLUMNS, "primary", *PAIR_COLUMNS, *RELATION_COLUMNS, "differ_in"]
    concluded = conclude(pd.DataFrame(parts["comparisons"], columns=columns), alpha=settings["alpha"])
    write_table(_round(pd.DataFrame(parts["summary"])), summary)
    write_table(_round(pd.DataFrame(parts["metrics"])), metrics)
    write_table(_round(concluded), comparisons)
    write_table(_round(pd.DataFrame(parts["metric_comparisons"], columns=CONTRAST_COLUMNS)), metric_comparisons)


def group_scores(runs_of: Mapping[str, Mapping[int, Answers]]) -> dict[str, dict[str, np.ndarray]]:
    """Return, per metric and train set, the scores [runs, n] of its runs."""
    groups: dict[str, dict[str, np.ndarray]] = {}
    for train_set, by_seed in runs_of.items():
        scores = [scores_of(answers) for answers in by_seed.values()]
        for metric in scores[0]:
            groups.setdefault(metric, {})[train_set] = np.stack([each[metric] for each in scores])
    return groups


def estimate_each(groups: Mapping[str, np.ndarray], cases: Cases, seed_sd: float | None, metric: str) -> list[dict]:
    """Return for each train set: train_set, seeds, n, value, sd (between seeds), ci_low, ci_high, ci_covers."""
    rows = []
    for train_set, runs in groups.items():
        low, high = interval_of_mean(runs, cases, seed_sd=seed_sd)
        if metric == "accuracy" and len(runs) == 1 and seed_sd is None:
            low, high = wilson_interval(runs.mean(), runs.shape[1])
        limit = np.inf if metric in UNBOUNDED else 2.0 if metric == "brier" else 1.0
        rows.append(
            {
                "train_set": train_set,
                "seeds": len(runs),
                "n": runs.shape[1],
                "value": runs.mean(),
                "sd": np.sqrt(spread_of_seeds(runs)),
                "ci_low": max(low, 0.0),
                "ci_high": min(high, limit),
                "ci_covers": covered(len(runs), seed_sd),
            }
        )
    return rows


def relation(test_set: str, train_sets: Sequence[str], lineage: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return how a test set is related to the training sets that are compared on it.

    ``independent``: it is natural, and neither holds images of its collection. ``shared_labels``: in words, which of
    them was made by a generator that learned from the labels of its collection; empty for none.
    """
    collections = set(lineage[test_set]["images"]) if not lineage[test_set]["labels"] else set()
    held = {each for name in train_sets for each in lineage[name]["images"]}
    shared = [
        f"{generator}, the generator behind {name}, learned from {collection}"
        for name in train_sets
        for collection, generator in lineage[name]["labels"].items()
        if collection in collections
    ]
    independent = bool(collections) and not collections & held
    return dict(zip(RELATION_COLUMNS, (independent, "; ".join(shared)), strict=True))


def align(tables: Mapping[str, pd.DataFrame]) -> tuple[dict[str, Answers], Cases]:
    """Bring predictions of the same test images into one order, by file name.

    Returns for each path what it answers, and how the images were sampled. Raises `InputError` when two files are not
    about the same images or disagree about a label.
    """
    (first_path, first), *_ = tables.items()
    first = first.sort_values("file_name")
    answers = {}
    for path, table in tables.items():
        ordered = table.sort_values("file_name")
        different = set(first["file_name"]) ^ set(ordered["file_name"])
        if different:
            raise InputError(
                f"{path} and {first_path}: {len(different)} images are in only one of the two, such as "
                f"{min(different)}; pairs need predictions of the same images, evaluate the models again"
            )
        relabelled = ordered["file_name"].to_numpy()[ordered["label"].to_numpy() != first["label"].to_numpy()]
        if len(relabelled):
            raise InputError(f"{path} and {first_path}: {relabelled[0]} has two labels; evaluate the models again")
        answers[path] = answers_of(ordered)
    portraits = first.groupby(["source", "source_id"], sort=False).ngroup().to_numpy()
    return answers, Cases(class_indices(first["label"]), portraits)


def _round(frame: pd.DataFrame) -> pd.DataFrame:
    """Six decimals tell single images of any test set apart; p values keep all theirs."""
    return frame.round({column: 6 for column in frame if not column.endswith(("p", "_holm"))})


def _per_class(runs: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {**{key: run[key] for key in KEYS}, "label": label, **values}
            for run in runs.to_dict("records")
            for label, values in run["classes"].items()
        ]
    )


def _summarize(place: Mapping, runs: pd.DataFrame, estimates: Sequence[Mapping]) -> list[dict]:
    rows = []
    for each in estimates:
        part = runs[runs["train_set"] == each["train_set"]]
        rows.append(
            {
                "experiment": place["experiment"],
                "model": place["model"],
                "train_set": each["train_set"],
                "test_set": place["test_set"],
                "seeds": each["seeds"],
                "n": each["n"],
                "accuracy": each["value"],
                "accuracy_sd": each["sd"],
                **{name: each[name] for name in ("ci_low", "ci_high", "ci_covers")},
                "macro_f1": part["macro_f1"].mean(),
                "macro_f1_sd": part["macro_f1"].std(ddof=1),
                "balanced_accuracy": part["balanced_accuracy"].mean(),
                "log_loss": part["log_loss"].mean(),
            }
        )
    return rows
