"""The study's accuracy tables 5.1 and 5.3 with its published numbers beside ours."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from synface.core.errors import InputError
from synface.core.tables import read_table, write_table
from synface.evaluate.intervals import wilson_interval

COLUMNS = [
    "model",
    "train_set",
    "test_set",
    "published_n",
    "published",
    "published_ci_low",
    "published_ci_high",
    "n",
    "ours",
    "ours_sd",
    "ours_ci_low",
    "ours_ci_high",
    "seeds",
    "difference",
    "inside",
]
SUMMARY_COLUMNS = ["model", "train_set", "test_set", "n", "accuracy", "accuracy_sd", "ci_low", "ci_high", "seeds"]


def tabulate_published(
    *,
    published: Path | str,
    summary: Path | str,
    experiments: Mapping[str, Mapping[str, str]],
    tables: Mapping[str, Path | str],
) -> None:
    """Write for each table number, such as ``"5.1"``, the published accuracies beside the means over our seeds.

    Args:
        published: CSV with table, train_set, test_set, n and accuracy; its intervals are Wilson's for its n.
        summary: summary.csv.
        experiments: those to be set beside it, each with our names of the study's datasets, where they differ.
        tables: the file of each table number. Every published cell has a row; several models or experiments give
            several, and a cell that none of them has keeps ours empty. ``inside`` says whether the published accuracy
            lies inside our interval.
    """
    theirs = read_table(published, text=["table"], columns=["table", "train_set", "test_set", "n", "accuracy"])
    ours = read_table(summary, columns=["experiment", *SUMMARY_COLUMNS])
    parts = []
    for experiment, names in experiments.items():
        part = ours[ours["experiment"] == experiment].copy()
        study_names = {own: name for name, own in names.items()}
        for column in ("train_set", "test_set"):
            part[column] = part[column].replace(study_names)
        parts.append(part)
    for number, path in tables.items():
        cells = theirs[theirs["table"] == number]
        if cells.empty:
            known = ", ".join(sorted(set(theirs["table"])))
            raise InputError(f"{published}: no table {number!r}; it holds {known}")
        write_table(place_beside(cells, pd.concat(parts)[SUMMARY_COLUMNS]), path)


def place_beside(published: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """Join published and our accuracies (shares in [0, 1]) by train and test set, in the published order."""
    names = {"accuracy": "ours", "accuracy_sd": "ours_sd", "ci_low": "ours_ci_low", "ci_high": "ours_ci_high"}
    joined = published.merge(
        ours.rename(columns=names), on=["train_set", "test_set"], how="left", suffixes=("_published", "")
    ).rename(columns={"accuracy": "published", "n_published": "published_n"})
    intervals = [wilson_interval(*cell) for cell in zip(joined["published"], joined["published_n"], strict=True)]
    joined["published_ci_low"] = [low for low, _ in intervals]
    joined["published_ci_high"] = [high for _, high in intervals]
    joined["difference"] = joined["ours"] - joined["published"]
    inside = joined["published"].between(joined["ours_ci_low"], joined["ours_ci_high"])
    joined["inside"] = inside.where(joined["ours"].notna())
    return joined[COLUMNS]
