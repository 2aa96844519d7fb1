"""The study's accuracy tables 5.1 and 5.3 with its published numbers beside ours."""

from collections.abc import Collection, Mapping
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
    "seeds",
    "difference",
]


def tabulate_published(
    *, published: Path | str, summary: Path | str, experiments: Collection[str], tables: Mapping[str, Path | str]
) -> None:
    """Write for each table number, such as ``"5.1"``, the published accuracies beside the means over our seeds.

    ``published`` has the columns table, train_set, test_set, n and accuracy; its intervals are Wilson's for its n.
    Cells that ``experiments`` do not contain are left out; several models or experiments give several rows.
    """
    theirs = read_table(published, text=["table"], columns=["table", "train_set", "test_set", "n", "accuracy"])
    ours = read_table(
        summary, columns=["experiment", "model", "train_set", "test_set", "n", "accuracy", "accuracy_sd", "seeds"]
    )
    ours = ours[ours["experiment"].isin(list(experiments))]
    for number, path in tables.items():
        cells = theirs[theirs["table"] == number]
        if cells.empty:
            known = ", ".join(sorted(set(theirs["table"])))
            raise InputError(f"{published}: no table {number!r}; it holds {known}")
        write_table(place_beside(cells, ours), path)


def place_beside(published: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """Join published and our accuracies (shares in [0, 1]) by train and test set, in the published order."""
    joined = published.merge(
        ours.rename(columns={"accuracy": "ours", "accuracy_sd": "ours_sd"}),
        on=["train_set", "test_set"],
        suffixes=("_published", ""),
    ).rename(columns={"accuracy": "published", "n_published": "published_n"})
    intervals = [wilson_interval(*cell) for cell in zip(joined["published"], joined["published_n"], strict=True)]
    joined["published_ci_low"] = [low for low, _ in intervals]
    joined["published_ci_high"] = [high for _, high in intervals]
    joined["difference"] = joined["ours"] - joined["published"]
    return joined[COLUMNS]
