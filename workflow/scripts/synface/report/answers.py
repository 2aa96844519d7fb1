"""The page's first screen: can synthetic faces replace or extend the real set, by rule, and what to mind.

The rules stand in docs/verdicts.md, a row each.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import pandas as pd

from synface.core.emotions import LABELS
from synface.core.tables import read_table
from synface.report.facts import count_runs, in_points, put_in_words

QUESTIONS = {
    "replace": "Can synthetic faces replace the real training set?",
    "extend": "Does adding synthetic faces to the real training set help?",
}


def kind_of(config: Mapping, dataset: str) -> str:
    """Return natural, synthetic (nothing in it is natural) or hybrid."""
    entry = config["datasets"][dataset]
    if "merge" not in entry:
        return "natural" if "natural" in entry else "synthetic"
    kinds = {kind_of(config, part["dataset"]) for part in entry["merge"]}
    return kinds.pop() if len(kinds) == 1 else "hybrid"


def is_published(model: str, config: Mapping) -> bool:
    """Return whether a model was trained elsewhere and is only tested."""
    return "checkpoint" in config.get("models", {}).get(model, {})


def answer_questions(comparisons: pd.DataFrame, config: Mapping) -> list[dict]:
    """Return the answers: question, heading, and per experiment and model a verdict in two words with its sentence.

    Of the primary contrasts with a natural training set (the first that is asked about), on independent test sets or
    on all natural ones where none is independent, each question takes the training set with the greatest difference,
    averaged over these test sets: synthetic-only ones for "replace", hybrid ones for "extend". All contrasts that
    compete were corrected together.
    """
    asked = comparisons[comparisons["primary"].astype(bool)].copy()
    asked = asked[asked["model"] == asked["baseline_model"]]
    # A list would pick columns where there is no row: an experiment with one training set asks nothing.
    asked = asked[asked["baseline"].map(lambda name: kind_of(config, name) == "natural").astype(bool)]
    asked["kind"] = asked["train_set"].map(lambda name: kind_of(config, name))
    answers = []
    for question, kind in (("replace", "synthetic"), ("extend", "hybrid")):
        rows = asked[asked["kind"] == kind]
        cells = []
        for (experiment, model), part in rows.groupby(["experiment", "model"], sort=False):
            if part["independent"].any():
                part = part[part["independent"].astype(bool)]
            part = part[part["baseline"] == part["baseline"].iloc[0]]
            best = part.groupby("train_set", sort=False)["difference"].mean().idxmax()
            for row in part[part["train_set"] == best].to_dict("records"):
                place = {"experiment": experiment, "model": model, "test_set": row["test_set"]}
                status, verdict = judge(row)
                cells.append(
                    {
                        **place,
                        "train_set": best,
                        "baseline": row["baseline"],
                        "status": status,
                        "kind": verdict,
                        "runs": count_runs(row),
                        "sentence": put_in_words(row),
                    }
                )
        if cells:
            answers.append({"question": question, "heading": QUESTIONS[question], "cells": cells})
    return answers


def say_answers(comparisons: Path | str, config: Mapping) -> str:
    """Return for each question a line with the answer of the first experiment, model and test set; "" for none.

    ``comparisons`` is comparisons.csv, ``config`` the configuration with every default filled in.
    """
    answers = answer_questions(read_table(comparisons, text=["shared_labels", "differ_in"]), config)
    firsts = [(answer["heading"], answer["cells"][0]) for answer in answers]
    return "\n".join(f"{heading} {cell['status'].capitalize()}. {cell['sentence']}" for heading, cell in firsts)


def judge(row: Mapping) -> tuple[str, str]:
    """Return the answer in words, and the kind of verdict that colors it.

    A gain shows both that a set can replace and that it extends. Equivalence shows that it replaces, and that it does
    not extend by more than the margin. A loss shows neither. Otherwise nothing is shown; what it would take is said.
    """
    margin = in_points(row["margin"])
    if row["verdict"] == "better":
        return "shown: it gains", "better"
    if row["verdict"] == "worse":
        return "not so: it loses", "worse"
    if row["verdict"].startswith("equivalent"):
        return f"shown to be equal within {margin} points", "equivalent"
    if row["about"] != "training sets":
        return "undecided: one training each; train with 3 to 5 seeds", "not"
    needed = what_it_takes(row)
    return (f"undecided: would need about {needed}" if needed else "undecided"), "not"


def what_it_takes(row: Mapping) -> str:
    """Say what would find the larger of the difference seen and the margin in 4 of 5 experiments; "" if this would.

    The variance of a difference is that of test images, which falls with their number, plus that of seeds (or of draws
    of the training set), which falls with theirs. Where one of the two alone is more than may be left, more of the
    other does not help.
    """
    wanted = max(abs(row["difference"]), row["margin"])
    images, seeds = row["error_images"] ** 2, row["error_seeds"] ** 2
    total = images + seeds
    allowed = total * (wanted / row["detectable"]) ** 2
    if allowed >= total:
        return ""
    ways = []
    if images < allowed:
        what, have = ("draws", row["draws"]) if row["draws"] > 1 else ("seeds", row["seeds"])
        ways.append(f"{ceil(have * seeds / (allowed - images))} {what} each")
    if seeds < allowed:
        ways.append(f"{_times(images / (allowed - seeds))} times as many test images")
    return ", or ".join(ways) or f"{_times(total / allowed)} times as many test images and seeds"


def _times(factor: float) -> str:
    return f"{factor:.1f}" if factor < 10 else f"{factor:.0f}"


def list_warnings(
    comparisons: pd.DataFrame,
    confusions: Mapping[str, Mapping[str, Mapping[str, Sequence[Mapping]]]],
    config: Mapping[str, Any],
) -> list[str]:
    """Return what a reader must mind, a sentence each: classes never predicted, one seed, shared labels.

    Args:
        comparisons: comparisons.csv.
        confusions: model -> train set -> test set -> rows of counts in the order of `Emotion`.
        config: the configuration of the study.
    """
    found = []
    for model, by_train in confusions.items():
        silent: dict[str, list[str]] = {}
        for train_set, by_test in by_train.items():
            said = [
                sum(row["counts"][index] for rows in by_test.values() for row in rows) for index in range(len(LABELS))
            ]
            never = [label for label, count in zip(LABELS, said, strict=True) if not count]
            if never:
                silent.setdefault(", ".join(never), []).append(train_set)
        for labels, train_sets in silent.items():
            when = "" if is_published(model, config) else f" when trained on {', '.join(train_sets)}"
            found.append(f"{model} never says {labels} on any test set{when}.")
    if (comparisons["about"] == "trained models").any():
        found.append("One seed: what is said is about these trained models, and nothing follows about training sets.")
    if (comparisons["ci_covers"] == "images and a stated spread of seeds").any():
        found.append(
            "One seed: the intervals rest on a spread of seeds that the configuration states, not on a measured one."
        )
    shared = comparisons["shared_labels"].dropna()
    for words in dict.fromkeys(part for text in shared for part in text.split("; ") if part):
        found.append(f"{words}, which is also tested on: a gain there may be those labels'.")
    return found


def list_doubts(orders: Mapping[str, Path | str]) -> list[str]:
    """Return what speaks for other labels or channels of published models, a sentence each.

    Args:
        orders: orders.csv of each published model.
    """
    tables = (read_table(path, text=["finding"], columns=["finding"]) for path in orders.values())
    return [sentence for table in tables for sentence in table["finding"] if sentence]
