"""How faces lie in the pictures of each dataset, and which datasets differ so much that the framing is compared too."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from synface.core.tables import read_table

ALLOWED = 0.10
"""Ratio by which box and eye distance may differ; the eyes' height may by this fraction of the picture."""


def describe_geometry(geometry: Mapping[str, Path | str]) -> list[dict]:
    """Return a row for each dataset: mean and standard deviation of each measure, and in how many pictures it is."""
    rows = []
    for name, path in geometry.items():
        table = read_table(path, text=["measure"], columns=["measure", "mean", "sd", "measured", "looked_at"])
        row = {"name": name, "measured": int(table["measured"].max()), "looked_at": int(table["looked_at"].max())}
        for each in table.itertuples():
            row[each.measure] = (float(each.mean), float(each.sd))
        rows.append(row)
    return rows


def list_differing(rows: list[dict], comparisons: pd.DataFrame) -> list[str]:
    """Return a sentence for every two datasets that are compared, or tested on, and show faces otherwise.

    Args:
        rows: as `describe_geometry` returns it.
        comparisons: comparisons.csv: train_set, baseline, test_set.
    """
    by_name = {row["name"]: row for row in rows if row["measured"]}
    pairs = {
        tuple(sorted(pair))
        for row in comparisons.itertuples()
        for pair in ((row.train_set, row.baseline), (row.train_set, row.test_set), (row.baseline, row.test_set))
        if pair[0] != pair[1] and set(pair) <= by_name.keys()
    }
    found = []
    for first, second in sorted(pairs):
        told = _differences(by_name[first], by_name[second])
        if told:
            found.append(
                f"{first} and {second} show faces differently: {'; '.join(told)}. A difference between them may be "
                "that of the framing; the key `crop` brings both to one."
            )
    return found


def _differences(first: Mapping, second: Mapping) -> list[str]:
    told = []
    for measure, words in (("side", "faces fill"), ("eye_distance", "eyes are apart by")):
        one, other = first[measure][0], second[measure][0]
        if max(one, other) > (1 + ALLOWED) * min(one, other):
            told.append(f"{words} {100 * one:.0f} % and {100 * other:.0f} % of the side")
    one, other = first["eye_height"][0], second["eye_height"][0]
    if abs(one - other) > ALLOWED:
        told.append(f"eyes lie at {100 * one:.0f} % and {100 * other:.0f} % of the height")
    return told
