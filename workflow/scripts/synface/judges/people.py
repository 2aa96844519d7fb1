"""People who are in a training set and in the sets that its models are tested on, as an identity network tells them.

A judge's word, not a fact: people are told, and nothing is refused or dropped for them. Nothing says who they are.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from synface.core.tables import read_table, write_table
from synface.judges.tables import PORTRAITS, read_arrays, read_judged

logger = logging.getLogger(__name__)

SAME = 0.36
"""Distance of identities below which two faces are taken for one person's. By face-api's network on MTCNN's squares of
100 pixels, of 28,680 pairs of 240 portraits of different people none was nearer than 0.40; of thirty pairs of press
photographs between 0.25 and 0.35 that were looked at, all showed one person, of ten at 0.38 eight did."""
PEOPLE = ["file_name", "label", "through", "test_set", "like", "like_label", "distance"]
"""``like`` is the nearest test picture; ``through`` is "portrait" where the training picture is an edit of one."""
_FACTS = ["file_name", "label", "split", "dataset", "source_id"]
_BLOCK = 1024


def find_people(
    *,
    metadata: Path | str,
    tests: Sequence[tuple[str, Path | str]],
    judged: Mapping[str, tuple[Path | str, Path | str]],
    people: Path | str,
    name: str,
) -> None:
    """List the pictures of a training set whose person seems to be in a test set too.

    Of edited faces the person is that of the portrait.

    Args:
        metadata: the training set's metadata.csv; its train split is looked at.
        tests: (name, metadata.csv) of each set that a model trained on it is tested on; their test splits.
        judged: the table and the arrays of every dataset that a judge read; images of others are not looked at.
        people: written: `PEOPLE`, for every training picture and test set at most one row.
        name: of the training set.
    """
    known = {dataset: _identities(*files) for dataset, files in judged.items()}
    train = _persons(metadata, "train", known)
    rows: list[tuple] = []
    for test_set, table in tests:
        test = _persons(table, "test", known)
        for place, nearest, distance in _nearest(train, test):
            one, other = train[place][0], test[nearest][0]
            through = "portrait" if known[one.dataset][1] else ""
            mine = (one.file_name, one.label, through)
            rows.append((*mine, test_set, other.file_name, other.label, round(distance, 4)))
    found = pd.DataFrame(rows, columns=PEOPLE).sort_values(["test_set", "file_name"])
    logger.info("%s: %s", name, found.groupby("test_set").size().to_dict() or "no people")
    write_table(found, people)


def _identities(table: Path | str, arrays: Path | str) -> tuple[dict[str, np.ndarray], bool]:
    """Return the identity of each source id, and whether these are edited portraits."""
    found = read_arrays(arrays)
    of = found.get(PORTRAITS, found["identities"]).astype(float)
    return dict(zip(read_judged(table)["source_id"], of, strict=True)), PORTRAITS in found


def _persons(metadata: Path | str, split: str, known: Mapping) -> list[tuple]:
    rows = read_table(metadata, text=_FACTS, columns=_FACTS)
    rows = rows[rows["split"] == split].drop_duplicates(["dataset", "source_id"])
    nobody: tuple[dict, bool] = ({}, False)
    pairs = ((row, known.get(row.dataset, nobody)[0].get(row.source_id)) for row in rows.itertuples())
    return [(row, identity) for row, identity in pairs if identity is not None]


def _nearest(train: Sequence[tuple], test: Sequence[tuple]) -> Iterator[tuple[int, int, float]]:
    """Yield (place in ``train``, place of the nearest in ``test``, distance) where that is below `SAME`."""
    if not test:
        return
    others = np.stack([identity for _, identity in test])
    lengths = (others**2).sum(axis=1)
    for start in range(0, len(train), _BLOCK):
        some = np.stack([identity for _, identity in train[start : start + _BLOCK]])
        squares = (some**2).sum(axis=1)[:, None] + lengths - 2 * some @ others.T
        nearest = squares.argmin(axis=1)
        distances = np.sqrt(np.maximum(squares[np.arange(len(some)), nearest], 0))
        for place in np.flatnonzero(distances < SAME):
            yield start + int(place), int(nearest[place]), float(distances[place])
