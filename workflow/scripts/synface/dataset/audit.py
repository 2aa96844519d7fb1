"""The audit of a training set: which of its pictures are, or are nearly, among those that its models are tested on.

A model knows such pictures by heart, and its accuracy on them says nothing: public results of 99 % on RAF-DB came about
so.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from synface.core.copies import Signatures, find_copies, signature, stack
from synface.core.errors import InputError
from synface.core.images import read_image
from synface.core.progress import progress
from synface.core.tables import read_table, write_table

logger = logging.getLogger(__name__)

COPIES = ["file_name", "label", "test_set", "copy_of", "copy_label", "kind", "similarity", "dropped"]
WITHIN = ""
"""What stands for ``test_set`` where both pictures are in the training set itself."""


def audit_training_set(
    *,
    metadata: Path | str,
    tests: Sequence[tuple[str, Path | str]],
    copies: Path | str,
    failed: Path | str,
    leaks: str,
    name: str,
) -> None:
    """List the pictures of a training set that are copies of each other or of test pictures.

    Args:
        metadata: the training set's metadata.csv; its train split is looked at.
        tests: (name, metadata.csv) of each set that a model trained on it is tested on; their test splits.
        copies: written: `COPIES`. ``dropped`` is whether training leaves the picture out.
        failed: written in place of it where the audit refuses.
        leaks: ``refuse`` ends with a sentence for a training picture that equals a test picture, ``drop`` marks it for
            leaving out, ``tell`` lists it. Near copies are listed.
        name: of the training set.

    Raises:
        InputError: a picture is in training and in a test set, and ``leaks`` is ``refuse``.
    """
    train, pictures = _pictures(metadata, "train")
    rows: list[tuple] = []
    # A merge repeats pictures on purpose: those are not told.
    for copy in find_copies(pictures):
        one, other = train.iloc[copy.first], train.iloc[copy.second]
        if (one["dataset"], one["source_id"]) != (other["dataset"], other["source_id"]):
            rows.append(_row(one, WITHIN, other, copy.kind, copy.similarity, False))
    for test_set, table in tests:
        test, tested = _pictures(table, "test")
        for copy in find_copies(pictures, tested):
            dropped = leaks == "drop" and copy.kind == "exact"
            rows.append(
                _row(train.iloc[copy.first], test_set, test.iloc[copy.second], copy.kind, copy.similarity, dropped)
            )
    found = pd.DataFrame(rows, columns=COPIES).sort_values(["test_set", "file_name", "copy_of"])
    leaking = found[(found["test_set"] != WITHIN) & (found["kind"] == "exact")]
    logger.info("%s: %s", name, found.groupby(["test_set", "kind"]).size().to_dict() or "no copies")
    if len(leaking) and leaks == "refuse":
        write_table(found, failed)
        first = leaking.iloc[0]
        raise InputError(
            f"datasets.{name}: {leaking['file_name'].nunique():,} of its training images are the same pictures as test "
            f"images ({first['file_name']} is {first['copy_of']} of {first['test_set']}; all are listed in {failed}), "
            "which a model knows by heart; take them out of either set, or set `leaks` to drop (them from training) or "
            "tell"
        )
    write_table(found, copies)


def dropped_by(copies: Path | str) -> set[str]:
    """Return the file names that training leaves out."""
    table = read_table(copies, text=["file_name"], columns=["file_name", "dropped"])
    return set(table.loc[table["dropped"].astype(bool), "file_name"])


def _pictures(metadata: Path | str, split: str) -> tuple[pd.DataFrame, Signatures]:
    facts = ["file_name", "label", "split", "dataset", "source_id"]
    rows = read_table(metadata, text=facts, columns=facts)
    rows = rows[rows["split"] == split].reset_index(drop=True)
    folder = Path(metadata).parent
    paths = progress(rows["file_name"], total=len(rows), what="images")
    return rows, stack(signature(read_image(folder / name)) for name in paths)


def _row(one: pd.Series, test_set: str, other: pd.Series, kind: str, similarity: float, dropped: bool) -> tuple:
    return (one["file_name"], one["label"], test_set, other["file_name"], other["label"], kind, similarity, dropped)
