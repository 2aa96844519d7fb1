"""What outside judges say of the edits, in words by rule."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from synface.core.emotions import LABELS
from synface.core.tables import read_table
from synface.report.facts import MINUS, in_words

KNOWN = 0.25
"""A judge knows an emotion where the interval of the share that it reads in real faces of it reaches this share."""
_DRAW = "~"  # begins what tells a draw of a dataset from its recipe
_TEXT = ["judge", "measure", "rho", "first", "second", "trait", "group"]


def describe_judged(judged: Path | str, distances: Path | str, recipes: Mapping[str, Mapping]) -> list[dict]:
    """Return for every judge and edited dataset its sentences and its table.

    Args:
        judged: judged.csv.
        distances: kernel_distances.csv.
        recipes: of each edited dataset: ``like``, the natural set that it imitates, and ``keep``.
    """
    table = read_table(judged, text=_TEXT)
    apart = read_table(distances, text=_TEXT)
    found = []
    for (judge, dataset), rows in table[table["measure"] != "agreement"].groupby(["judge", "dataset"], sort=False):
        recipe = recipes[dataset.partition(_DRAW)[0]]
        real = table[(table["judge"] == judge) & (table["dataset"] == recipe["like"])]
        agreement = real[real["measure"] == "agreement"].set_index("label")
        whole = rows[rows["rho"] == "all"].set_index(["measure", "label"])
        sentences = [
            _lift(judge, dataset, whole, _unknown(whole, agreement)),
            *_classes(judge, whole, agreement),
            *_intensities(rows),
            *_identity(whole),
            *_landmarks(whole),
            *_kept(whole),
            *_distance(apart[apart["judge"] == judge], dataset),
            *_chose(judge, dataset, recipe.get("keep")),
        ]
        found.append(
            {"judge": judge, "dataset": dataset, "sentences": sentences, "rows": list(_rows(whole, agreement))}
        )
    return found


def _unknown(whole: pd.DataFrame, agreement: pd.DataFrame) -> list[str]:
    """Return the emotions that a judge hardly knows."""
    return [
        label
        for label in LABELS
        if ("lift", label) in whole.index and label in agreement.index and agreement.loc[label, "ci_high"] < KNOWN
    ]


def _lift(judge: str, dataset: str, whole: pd.DataFrame, unknown: Sequence[str]) -> str:
    row = whole.loc[("lift", "all")]
    if row["ci_low"] > 0:
        known = [label for label in LABELS if ("lift", label) in whole.index and label not in unknown]
        raised = sum(bool(whole.loc[("lift", label), "ci_low"] > 0) for label in known)
        verdict = f"It is shown to rise for {raised} of the {len(known)} emotions that this judge knows."
    elif row["ci_high"] < 0:
        verdict = "To this judge the edit does not show the expression."
    else:
        verdict = "By this judge it is not shown that the edit shows the expression."
    return (
        f"The expression: {judge} reads {_percent(row['after'])} of the {int(row['n']):,} edited faces of {dataset} as "
        f"intended, and {_percent(row['before'])} of the same portraits before the edit: a lift of {_points(row)}. "
        f"{verdict}"
    )


def _classes(judge: str, whole: pd.DataFrame, agreement: pd.DataFrame) -> list[str]:
    there = [label for label in LABELS if ("lift", label) in whole.index]
    unknown = _unknown(whole, agreement)
    lifts = {label: whole.loc[("lift", label)] for label in there if label not in unknown}
    raised = [label for label, row in lifts.items() if row["ci_low"] > 0]
    lowered = [label for label, row in lifts.items() if row["ci_high"] < 0]
    open_ = [label for label in lifts if label not in raised and label not in lowered]
    raised.sort(key=lambda label: -lifts[label]["value"])
    told = []
    if raised:
        told.append(f"It rises for {in_words(f'{label} ({_points(lifts[label])})' for label in raised)}")
    if open_:
        told.append(f"{'it ' if told else 'It '}is not shown to rise or fall for {in_words(open_)}")
    if lowered:
        told.append(f"{'it ' if told else 'It '}falls for {in_words(lowered)}")
    sentences = ["; ".join(told) + "."] if told else []
    if unknown:
        shares = in_words(f"{label} ({_percent(agreement.loc[label, 'value'])} of real faces)" for label in unknown)
        sentences.append(f"{judge} hardly knows {shares}: its lift there says little.")
    return sentences


def _intensities(rows: pd.DataFrame) -> list[str]:
    parts = rows[(rows["measure"] == "lift") & (rows["label"] == "all") & (rows["rho"] != "all")]
    if len(parts) < 2:
        return []
    first, last = parts.iloc[0], parts.iloc[-1]
    apart = first["ci_high"] < last["ci_low"]
    return [
        f"At rho {first['rho']} the lift is {_points(first)}, at {last['rho']} {_points(last)}: stronger codes are "
        f"{'read more often' if apart else 'not shown to be read more often'}."
    ]


def _identity(whole: pd.DataFrame) -> list[str]:
    if ("own", "all") not in whole.index:
        return []
    own, others, nearest = (whole.loc[(measure, "all")] for measure in ("own", "others", "nearest"))
    return [
        f"The person: the edited face's cosine with its own portrait is {_value(own, 3)}, with the other portraits "
        f"{others['value']:.3f}; of all {int(nearest['n']):,} portraits its own is the nearest for "
        f"{_percent(nearest['value'])} ({_percent(nearest['ci_low'])} to {_percent(nearest['ci_high'])})."
    ]


def _landmarks(whole: pd.DataFrame) -> list[str]:
    if ("along", "all") not in whole.index:
        return []
    row = whole.loc[("along", "all")]
    if row["ci_low"] > 0:
        says = "so features move as in real faces of the emotion, not only colors change"
    elif row["ci_high"] < 0:
        says = "so they move against it"
    else:
        says = "so they are not shown to move that way"
    return [
        f"The features: landmarks move {_value(row, 2)} of the way by which real faces of the emotion differ from "
        f"neutral ones, {says}."
    ]


def _kept(whole: pd.DataFrame) -> list[str]:
    if ("skin", "all") not in whole.index:
        return []
    skin, around = (whole.loc[(measure, "all")] for measure in ("skin", "around"))
    seen = "less than an eye sees" if skin["ci_high"] < 1 else "which an eye sees" if skin["ci_low"] > 1 else ""
    return [
        f"What should stay: the mean color of the skin changes by {_value(skin, 2)} (CIEDE2000{', ' if seen else ''}"
        f"{seen}), what is around the face by {_value(around, 2)} of 255 levels."
    ]


def _distance(apart: pd.DataFrame, dataset: str) -> list[str]:
    mine = apart[apart["second"].str.rpartition("/")[0] == dataset]
    if mine.empty or mine.iloc[0].isna()["kid"]:
        return []
    row = mine.iloc[0]
    floor = apart[(apart["first"] == row["first"]) & (apart["second"] == row["first"].rpartition("/")[0] + "/test")]
    text = f"Real and synthetic: the kernel distance of {row['first']} and {row['second']} is {_value(row, 3, 'kid')}"
    if len(floor) and not floor.iloc[0].isna()["kid"]:
        text += f"; of {row['first']} and {floor.iloc[0]['second']}, both real, {_value(floor.iloc[0], 3, 'kid')}"
    return [text + "."]


def _chose(judge: str, dataset: str, keep: Mapping | None) -> list[str]:
    if not keep or keep["judge"] != judge:
        return []
    return [
        f"The choice: {dataset} holds only faces in which {judge} reads the emotion with a probability of at least "
        f"{keep['at_least']:g}, so it is no outside judge of what was chosen. The shares above are of all edited "
        "faces, before that choice."
    ]


def _rows(whole: pd.DataFrame, agreement: pd.DataFrame) -> list[dict]:
    """Return a row for each emotion: what the table of the page shows."""
    rows = []
    for label in ("all", *LABELS):
        if ("lift", label) not in whole.index:
            continue
        row: dict = {"label": label, "real": agreement.loc[label].to_dict() if label in agreement.index else None}
        for measure in ("lift", "own", "nearest", "along", "skin", "around"):
            row[measure] = whole.loc[(measure, label)].to_dict() if (measure, label) in whole.index else None
        rows.append(row)
    return rows


def describe_groups(groups: Path | str) -> list[dict]:
    """Return for every judge, dataset, split and trait the number of images of each group and class."""
    table = read_table(groups, text=_TEXT)
    found = []
    for (judge, dataset, split, trait), part in table.groupby(["judge", "dataset", "split", "trait"], sort=False):
        counts = part.pivot(index="group", columns="label", values="count").reindex(columns=list(LABELS)).fillna(0)
        counts = counts.loc[part["group"].unique()]
        rows = {
            group: [int(value) for value in row] for group, row in zip(counts.index, counts.to_numpy(), strict=True)
        }
        found.append({"judge": judge, "dataset": dataset, "split": split, "trait": trait, "rows": rows})
    return found


def describe_group_accuracy(accuracy: Path | str) -> list[dict]:
    """Return for every judge, trait, model and test set: its groups and, by training set, a cell for each of them."""
    table = read_table(accuracy, text=_TEXT)
    found = []
    keys = ["judge", "trait", "model", "test_set"]
    for place, part in table.groupby(keys, sort=False):
        sizes = part.drop_duplicates("group").set_index("group")["n"].to_dict()
        cells: dict = {}
        for row in part.to_dict("records"):
            cells.setdefault(row["train_set"], {})[row["group"]] = row
        found.append({**dict(zip(keys, place, strict=True)), "groups": sizes, "cells": cells})
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _points(row: Mapping) -> str:
    low, high = (f"{100 * row[end]:+.1f}".replace("-", MINUS) for end in ("ci_low", "ci_high"))
    return f"{100 * row['value']:+.1f} points ({low} to {high})".replace("-", MINUS)


def _value(row: Mapping, digits: int, name: str = "value") -> str:
    if pd.isna(row["ci_low"]):
        return f"{row[name]:.{digits}f}".replace("-", MINUS)
    return f"{row[name]:.{digits}f} ({row['ci_low']:.{digits}f} to {row['ci_high']:.{digits}f})".replace("-", MINUS)
