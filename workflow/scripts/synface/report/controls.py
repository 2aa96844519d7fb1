"""Controls: training sets whose labels say nothing of expressions. A model of one must be at chance everywhere."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd


def controls_of(config: Mapping[str, Any]) -> list[str]:
    """Return the datasets whose labels are shuffled, or whose edits ask for no expression whatever the label."""
    return [name for name, entry in config["datasets"].items() if _says_nothing(entry, config)]


def _says_nothing(entry: Mapping[str, Any], config: Mapping[str, Any]) -> bool:
    if "merge" in entry:
        return entry.get("labels") == "shuffled"
    if "synthetic" not in entry or entry["synthetic"].get("unedited"):
        return False
    edit = config["edits"][entry["synthetic"]["edit"]]
    intensities = [edit.get("rho"), edit.get("neutral_rho")]
    return all(value is not None and not np.any(value) for value in intensities) and not edit.get("ranges")


def judge_controls(
    summary: pd.DataFrame, confusions: Mapping[str, Mapping[str, Mapping[str, Sequence[Mapping]]]], config: Mapping
) -> list[dict]:
    """Say of every control and model whether it is at chance: ``kind`` (equivalent or worse) and ``sentence``.

    Chance is the share of the largest class of a test set, which a model that always says it would reach. A control is
    above it where the whole 95 % interval of its accuracy is.

    Args:
        summary: summary.csv.
        confusions: model -> train set -> test set -> rows with support, in the order of `Emotion`.
        config: the configuration of the study.
    """
    found = []
    rows = summary[summary["train_set"].isin(controls_of(config))]
    for (model, train_set), part in rows.groupby(["model", "train_set"], sort=False):
        cells, above = [], False
        for row in part.drop_duplicates("test_set").to_dict("records"):
            support = [each["support"] for each in confusions[model][train_set][row["test_set"]]]
            chance = max(support) / max(sum(support), 1)
            above = above or row["ci_low"] > chance
            interval = f"{row['ci_low']:.3f} to {row['ci_high']:.3f}"
            cells.append(f"{row['accuracy']:.3f} on {row['test_set']} ({interval}; chance {chance:.3f})")
        if above:
            says = "is above chance, though its labels say nothing of expressions: something else gives them away"
        else:
            says = "is at chance, as it must be: nothing but expressions gives its labels away"
        sentence = f"{train_set} ({model}) {says}: {', '.join(cells)}."
        found.append({"kind": "worse" if above else "equivalent", "sentence": sentence})
    return found
