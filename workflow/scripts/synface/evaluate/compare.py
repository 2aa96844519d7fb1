"""Every model of an experiment on every test set: accuracies over seeds, and which differences are real.

For each contrast of two cells of (model, training set) on one test set: the difference, its interval, a p value
corrected for the number of primary contrasts of the experiment, and whether the two are shown to be equivalent within a
stated margin.
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
    Cell,
    Group,
    Run,
    conclude,
    contrast_cells,
    covered,
    pair_by_seed,
)
from synface.evaluate.intervals import wilson_interval
from synface.evaluate.metrics import UNBOUNDED, Answers, scores_of
from synface.evaluate.predictions import answers_of, class_indices, read_predictions
from synface.evaluate.readers import Cases, interval_of_mean, spread_of_seeds
from synface.evaluate.score import measure
from synface.settings.model import ELSEWHERE

Training = tuple[str, str, int]  # model, draw of the training set, seed

KEYS = ["model", "train_set", "dataset", "test_set", "seed"]
RELATION_COLUMNS = ["independent", "shared_labels"]
ACCURACY_COLUMNS = [*KEYS, "n", "accuracy", "macro_f1", "ci_low", "ci_high"]


def compare(
    *,
    evaluations: Sequence[Mapping],
    predictions: Mapping[Training, Path | str],
    contrasts: Sequence[Mapping[str, Any]],
    lineage: Mapping[str, Mapping[str, Any]],
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
        evaluations: one mapping per experiment and evaluation: experiment, model, train_set, dataset (itself, or a draw
            of it), seed and test_set.
        predictions: the file of each training, by (model, dataset, seed).
        contrasts: which cells are compared, as `synface.study.contrasts` lists them: experiment, model, train_set,
            baseline_model, baseline, primary_on (the test sets on which it was asked beforehand) and differ_in.
        lineage: for each dataset the collections of its ``images``, and those of its ``labels``, each with who learned
            from it in words, such as "ganmut, the generator behind Varied,".
        settings: metric (of the primary contrasts), alpha (level of the tests), margin (of equivalence, as a share:
            0.02) and seed_sd (the standard deviation between seeds, as a share, that the user states for single runs;
            None for none).
        accuracy: one row per model, train set, draw of it, test set and seed, with that run's 95 % Wilson interval.
        summary: mean and standard deviation over seeds (over draws, where there are several), with the 95 % interval of
            `interval_of_mean`, or Wilson's for a single run.
        per_class: precision, recall, F1 and support per run and class.
        metrics: every metric per train set and test set, with its interval, see `estimate_each`.
        comparisons: one row per contrast by the primary metric, see `contrast_cells` and `conclude`.
        metric_comparisons: the same contrasts by every other metric, uncorrected: exploratory.

    Raises:
        InputError: predictions that lack a test set, or are not about the same images.
    """
    tables = {training: (path, read_predictions(path)) for training, path in predictions.items()}
    measured: dict[tuple, dict] = {}
    rows = []
    for each in evaluations:
        training = each["model"], each["dataset"], each["seed"]
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
    for (experiment, test_set), part in runs.groupby(["experiment", "test_set"], sort=False):
        place = {"experiment": experiment, "test_set": test_set}
        listed = part[["model", "train_set", "dataset", "seed"]].itertuples(index=False, name=None)
        trainings = [(train_set, (model, dataset, seed)) for model, train_set, dataset, seed in listed]
        answers, cases = align({tables[each][0]: tables[each][1][test_set] for _, each in trainings})
        runs_of: dict[Cell, dict[Run, Answers]] = {}
        for train_set, (model, dataset, seed) in trainings:
            path, _ = tables[model, dataset, seed]
            runs_of.setdefault((model, train_set), {})[dataset, seed] = answers[path]
        wanted = [each for each in contrasts if each["experiment"] == experiment]
        for metric, groups in group_scores(runs_of).items():
            # The spread that a user states is that of the metric which is judged.
            stated = settings["seed_sd"] if metric == settings["metric"] else None
            estimates = estimate_each(groups, cases, stated, metric)
            parts["metrics"] += [{**place, "metric": metric, **row} for row in estimates]
            if metric == "accuracy":
                parts["summary"] += _summarize(place, part, estimates)
            found = contrast_cells({**place, "metric": metric}, wanted, groups, cases, {**settings, "seed_sd": stated})
            if metric != settings["metric"]:
                parts["metric_comparisons"] += found
                continue
            for contrast, row in zip(wanted, found, strict=True):
                cells = [(row["model"], row["train_set"]), (row["baseline_model"], row["baseline"])]
                rights = [{run: each.right for run, each in runs_of[cell].items()} for cell in cells]
                facts = {"primary": test_set in contrast["primary_on"], **pair_by_seed(*rights)}
                facts |= relation(test_set, [train_set for _, train_set in cells], lineage)
                parts["comparisons"].append({**row, **facts, "differ_in": contrast["differ_in"]})
    columns = [*CONTRAST_COLUMNS, "primary", *PAIR_COLUMNS, *RELATION_COLUMNS, "differ_in"]
    concluded = conclude(pd.DataFrame(parts["comparisons"], columns=columns), alpha=settings["alpha"])
    write_table(_round(pd.DataFrame(parts["summary"])), summary)
    write_table(_round(pd.DataFrame(parts["metrics"])), metrics)
    write_table(_round(concluded), comparisons)
    write_table(_round(pd.DataFrame(parts["metric_comparisons"], columns=CONTRAST_COLUMNS)), metric_comparisons)


def group_scores(runs_of: Mapping[Cell, Mapping[Run, Answers]]) -> dict[str, dict[Cell, Group]]:
    """Return the runs of every cell by every metric: metric -> cell -> group."""
    groups: dict[str, dict[Cell, Group]] = {}
    for cell, runs in runs_of.items():
        scores = {run: scores_of(answers) for run, answers in runs.items()}
        draws = list(dict.fromkeys(dataset for dataset, _ in runs))
        for metric in next(iter(scores.values())):
            by_draw = [
                np.stack([each[metric] for (dataset, _), each in scores.items() if dataset == draw]) for draw in draws
            ]
            readers = by_draw[0] if len(draws) == 1 else np.stack([each.mean(axis=0) for each in by_draw])
            groups.setdefault(metric, {})[cell] = Group(readers, len(draws), len(runs) // len(draws))
    return groups


def estimate_each(groups: Mapping[Cell, Group], cases: Cases, seed_sd: float | None, metric: str) -> list[dict]:
    """Return for each cell: model, train_set, draws, seeds, n, value, sd, ci_low, ci_high, ci_covers.

    ``sd`` is the standard deviation between seeds, or between draws of the training set where there are several.
    """
    rows = []
    for (model, train_set), group in groups.items():
        runs = group.scores
        # What other seeds of a published model would have given is no question here.
        stated = None if train_set == ELSEWHERE else seed_sd
        low, high = interval_of_mean(runs, cases, seed_sd=stated)
        if metric == "accuracy" and len(runs) == 1 and stated is None:
            low, high = wilson_interval(runs.mean(), runs.shape[1])
        limit = np.inf if metric in UNBOUNDED else 2.0 if metric == "brier" else 1.0
        rows.append(
            {
                "model": model,
                "train_set": train_set,
                "draws": group.draws,
                "seeds": group.seeds,
                "n": runs.shape[1],
                "value": runs.mean(),
                "sd": np.sqrt(spread_of_seeds(runs)),
                "ci_low": max(low, 0.0),
                "ci_high": min(high, limit),
                "ci_covers": covered(group.draws, len(runs), stated),
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
        f"{who} learned from {collection}"
        for name in train_sets
        for collection, who in lineage[name]["labels"].items()
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
        part = runs[(runs["model"] == each["model"]) & (runs["train_set"] == each["train_set"])]
        rows.append(
            {
                "experiment": place["experiment"],
                "model": each["model"],
                "train_set": each["train_set"],
                "test_set": place["test_set"],
                **{name: each[name] for name in ("draws", "seeds", "n")},
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
