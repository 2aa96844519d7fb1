"""How faces lie in the pictures of each dataset, and which datasets differ so much that the framing is compared too."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from synface.core.tables import read_table
from synface.report.facts import in_words

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
    """Return sentences for the datasets that are compared, or tested on, and show faces otherwise.

    One sentence tells of one dataset and all those it differs from; it begins with the one that differs from most.

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
    left = {pair for pair in pairs if any(_differs(*(by_name[name] for name in pair), measure) for measure in _WORDS)}
    found = []
    while left:
        often = Counter(name for pair in left for name in pair)
        first = min(often, key=lambda name: (-often[name], name))
        others = [name for name in by_name if tuple(sorted((first, name))) in left]
        left = {pair for pair in left if first not in pair}
        told = "; ".join(_told(by_name[first], [by_name[name] for name in others]))
        found.append(
            f"{first} shows faces otherwise than {in_words(others)}: {told}. A difference between them may be that of "
            "the framing; the key crop brings them to one."
        )
    return found


_WORDS = {
    "side": ("faces fill", "of the side"),
    "eye_distance": ("eyes are apart by", "of the side"),
    "eye_height": ("eyes lie at", "of the height"),
}


def _differs(one: Mapping, other: Mapping, measure: str) -> bool:
    first, second = one[measure][0], other[measure][0]
    if measure == "eye_height":
        return abs(first - second) > ALLOWED
    return max(first, second) > (1 + ALLOWED) * min(first, second)


def _told(one: Mapping, others: Sequence[Mapping]) -> Iterator[str]:
    for measure, (words, of_what) in _WORDS.items():
        values = [other[measure][0] for other in others if _differs(one, other, measure)]
        if values:
            ends = dict.fromkeys(f"{100 * end:.0f}" for end in (min(values), max(values)))
            yield f"{words} {100 * one[measure][0]:.0f} % {of_what}, there {' to '.join(ends)} %"
