"""The tables of what judges found: per edit, class and intensity; between real and synthetic faces; by group."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from synface.core.draws import keyed_order
from synface.core.emotions import LABELS
from synface.core.tables import read_table, write_table
from synface.evaluate.intervals import wilson_interval
from synface.judges.groups import groups_of, places_of, ranges_of
from synface.judges.intervals import Estimate, kernel_distance, mean_of, share_gained
from synface.judges.tables import read_arrays, read_judged

ALL = "all"
JUDGED = ["judge", "dataset", "measure", "label", "rho", "n", "value", "ci_low", "ci_high", "before", "after"]
"""``label`` and ``rho`` are `ALL` or a part; ``before`` and ``after`` are given where ``value`` is their difference."""
DISTANCES = ["judge", "first", "second", "n_first", "n_second", "kid", "ci_low", "ci_high"]
GROUPS = ["judge", "dataset", "split", "trait", "group", "label", "count"]
GROUP_ACCURACY = ["judge", "trait", "group", "model", "train_set", "test_set", "n", "accuracy", "ci_low", "ci_high"]
_MOST = 10_000  # images of a set whose features are compared
_IMAGE = ["dataset", "source_id", "split", "label"]
_MEANS = ("own", "others", "nearest", "along", "skin", "around")

Judged = Sequence[tuple[str, str, Path | str]]
"""(judge, dataset, table) of what was read."""


def measure_edits(*, edits: Judged, sets: Judged, judged: Path | str) -> None:
    """Measure what judges read in edited faces, and how well they read labelled photographs.

    Args:
        edits: tables of `judge_edits`.
        sets: tables of `judge_set`.
        judged: written: `JUDGED`. Measures are ``lift`` (share read as intended after the edit minus before) and, as
            means, the columns of `EDITS`; ``agreement`` is the share of a labelled set read as labelled.
    """
    rows: list[tuple] = []
    for judge, dataset, path in edits:
        table = read_judged(path)
        for label, rho, part in _parts(table):
            rows += [(judge, dataset, measure, label, rho, *rest) for measure, *rest in _measured(part)]
    for judge, dataset, path in sets:
        table = read_judged(path)
        for label, _, part in _parts(table.assign(rho=np.nan)):
            share = float((part["read"] == part["label"]).mean())
            interval = wilson_interval(share, len(part))
            rows.append((judge, dataset, "agreement", label, ALL, len(part), share, *interval, np.nan, np.nan))
    write_table(pd.DataFrame(rows, columns=JUDGED).round(5), judged)


def _parts(table: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield (label, rho, rows) for all rows, each label, each range of rho, and each of both.

    All labels of a range are those without neutral, whose rho is another one than that of the expressions.
    """
    found = ranges_of(table["rho"])
    ranges = sorted(set(found.dropna()), key=lambda name: float(name.split()[0]))
    ranges = ranges if len(ranges) > 1 else []
    for label in (ALL, *LABELS):
        mine = table["label"].to_numpy() == label if label != ALL else np.ones(len(table), bool)
        if mine.any():
            yield label, ALL, table[mine]
        mine = mine & (table["label"].to_numpy() != "neutral") if label == ALL else mine
        for name in ranges:
            there = mine & (found == name).to_numpy()
            if there.any():
                yield label, name, table[there]


def _measured(part: pd.DataFrame) -> Iterator[tuple]:
    """Yield (measure, n, value, ends of the interval, before, after)."""
    before, after = ((part[name] == part["label"]).to_numpy() for name in ("read_before", "read"))
    yield ("lift", len(part), *share_gained(before, after), float(before.mean()), float(after.mean()))
    for measure in _MEANS:
        values = part[measure].to_numpy(float)
        known = int((~np.isnan(values)).sum())
        if known:
            estimate: Estimate = mean_of(values)
            if measure == "nearest":
                estimate = (estimate[0], *wilson_interval(estimate[0], known))
            yield (measure, known, *estimate, np.nan, np.nan)


def measure_distances(
    *,
    pairs: Sequence[tuple[str, str, str]],
    judged: Mapping[tuple[str, str], tuple[Path | str, Path | str]],
    chosen: Mapping[str, Path | str],
    distances: Path | str,
) -> None:
    """Measure the kernel distance (`kernel_distance`) between sets by the features of each judge.

    Args:
        pairs: (judge, first, second) to compare, each a dataset and a split, such as ``RAF-DB/train``.
        judged: the table and the arrays of (judge, dataset).
        chosen: metadata.csv of synthetic datasets, whose judged faces may be more than the dataset has.
        distances: written: `DISTANCES`. Of more than 10,000 images, a keyed choice is compared. Features are divided by
            the root mean square of those of ``first``, so that distances by different judges are of one order.
    """
    rows = []
    for judge, *both in pairs:
        found = [_features(*judged[judge, name.rpartition("/")[0]], name, chosen) for name in both]
        unit = float(np.sqrt(np.square(found[0], dtype=float).mean())) or 1.0
        rows.append((judge, *both, *map(len, found), *kernel_distance(*(features / unit for features in found))))
    write_table(pd.DataFrame(rows, columns=DISTANCES).round(6), distances)


def _features(table: Path | str, arrays: Path | str, name: str, chosen: Mapping[str, Path | str]) -> np.ndarray:
    dataset, _, split = name.rpartition("/")
    rows = read_judged(table)
    wanted = (rows["split"] == split).to_numpy()
    if dataset in chosen:
        wanted = wanted & rows["source_id"].isin(_chosen_ids(chosen[dataset])).to_numpy()
    places = {
        source_id: place for place, source_id in zip(np.flatnonzero(wanted), rows["source_id"][wanted], strict=True)
    }
    taken = sorted(places[source_id] for source_id in keyed_order(0, "kernel distance", places)[:_MOST])
    return read_arrays(arrays)["features"][taken]


def _chosen_ids(metadata: Path | str) -> pd.Series:
    return read_table(metadata, text=["source_id"], columns=["source_id"])["source_id"]


def measure_groups(
    *,
    judged: Judged,
    chosen: Mapping[str, Path | str],
    merged: Mapping[str, Path | str],
    groups: Path | str,
) -> None:
    """Count the images of every set by skin tone, gender and age as a judge reads them, and by class.

    Args:
        judged: tables of `judge_set` and `judge_edits` of judges that tell them.
        chosen: metadata.csv of synthetic datasets.
        merged: metadata.csv of merged datasets, whose parts were all judged. What comes in several times counts as
            often; labels are those of the merge.
        groups: written: `GROUPS`.
    """
    parts = []
    told: dict[str, dict[str, list[pd.DataFrame]]] = {}
    for judge, dataset, path in judged:
        rows = read_judged(path)
        if dataset in chosen:
            rows = rows[rows["source_id"].isin(_chosen_ids(chosen[dataset]))]
        for trait, group in groups_of(rows).items():
            grouped = rows[["source_id", "split", "label"]].assign(dataset=dataset, group=group)
            parts.append(_counted(grouped).assign(judge=judge, dataset=dataset, trait=trait))
            told.setdefault(judge, {}).setdefault(trait, []).append(grouped)
    for judge, traits in told.items():
        for name, path in merged.items():
            images = read_table(path, text=_IMAGE, columns=_IMAGE)[_IMAGE]
            for trait, tables in traits.items():
                known = pd.concat(tables)[["dataset", "source_id", "group"]]
                grouped = images.merge(known, on=["dataset", "source_id"], validate="m:1")
                assert len(grouped) == len(images), f"{name}: {judge} read {len(grouped)} of {len(images)} images"
                parts.append(_counted(grouped).assign(judge=judge, dataset=name, trait=trait))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=GROUPS)
    write_table(table[GROUPS], groups)


def _counted(grouped: pd.DataFrame) -> pd.DataFrame:
    counted = grouped.groupby(["split", "group", "label"]).size().rename("count").reset_index()
    return counted.sort_values(["split", "group"], key=places_of, kind="stable")


def measure_group_accuracy(
    *,
    predictions: Sequence[tuple[str, str, Path | str]],
    judged: Judged,
    metadata: Mapping[str, Path | str],
    accuracy: Path | str,
) -> None:
    """Measure the accuracy of every model by group on the test sets that were judged.

    Args:
        predictions: (model, training set, predictions.csv) of every training; several of one pair are pooled: the share
            is their mean, the interval that of so many images.
        judged: tables of `judge_set` of the test sets.
        metadata: metadata.csv of those sets, whose file names the predictions have.
        accuracy: written: `GROUP_ACCURACY`.
    """
    found = [
        read_table(path, text=["file_name", "predicted"]).assign(model=model, train_set=train_set)
        for model, train_set, path in predictions
    ]
    answers = pd.concat(found, ignore_index=True)
    answers["right"] = answers["predicted"] == answers["label"]
    rows = []
    for judge, dataset, path in judged:
        table = read_judged(path)
        names = read_table(metadata[dataset], text=["file_name"], columns=["file_name"])["file_name"]
        mine = answers[answers["test_set"] == dataset]
        for trait, group in groups_of(table).items():
            place = pd.DataFrame({"file_name": names.to_numpy(), "group": group.to_numpy()})
            joined = mine.merge(place, on="file_name", validate="m:1")
            joined = joined.sort_values("group", key=places_of, kind="stable")
            for key, part in joined.groupby(["group", "model", "train_set"], sort=False):
                n, share = part["file_name"].nunique(), float(part["right"].mean())
                rows.append((judge, trait, *key, dataset, n, share, *wilson_interval(share, n)))
    write_table(pd.DataFrame(rows, columns=GROUP_ACCURACY).round(5), accuracy)
