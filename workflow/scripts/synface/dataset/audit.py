"""The audit of a training set: which of its pictures are, or are nearly, among those that its models are tested on.

A model knows such pictures by heart, and its accuracy on them says nothing: public results of 99 % on RAF-DB came about
so.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from synface.core.copies import Signature, Signatures, find_copies, signature, stack
from synface.core.errors import InputError
from synface.core.images import read_image
from synface.core.progress import progress
from synface.core.shards import read_shard
from synface.core.tables import read_table, write_table
from synface.faces.cut import cut_out
from synface.faces.table import BOX

logger = logging.getLogger(__name__)

_FACTS = ["file_name", "label", "split", "dataset", "source_id", *BOX, "edit", "sha256"]
COPIES = ["file_name", "label", "test_set", "copy_of", "copy_label", "kind", "similarity", "through", "dropped"]
WITHIN = ""
"""What stands for ``test_set`` where both pictures are in the training set itself."""
PORTRAIT = "portrait"
"""What stands in ``through`` where not the training picture itself is the copy, but the portrait that was edited."""


def audit_training_set(
    *,
    metadata: Path | str,
    tests: Sequence[tuple[str, Path | str]],
    copies: Path | str,
    failed: Path | str,
    leaks: str,
    name: str,
    portraits: Mapping[str, tuple[Path | str, Sequence[Path | str]]] | None = None,
) -> None:
    """List the pictures of a training set that are copies of each other or of test pictures.

    Of an edited portrait, the portrait itself is looked at too, whole and as much of it as the edited face shows: a
    test picture that was edited leaks into training.

    Args:
        metadata: the training set's metadata.csv; its train split is looked at.
        tests: (name, metadata.csv) of each set that a model trained on it is tested on; their test splits.
        copies: written: `COPIES`. ``dropped`` is whether training leaves the picture out.
        failed: written in place of it where the audit refuses.
        leaks: ``refuse`` ends with a sentence for a training picture that equals a test picture, ``drop`` marks it for
            leaving out, ``tell`` lists it. Near copies are listed.
        name: of the training set.
        portraits: for every edit behind the training set, the index of its source, and its shards of frames.

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
    edited, originals = _portraits(train, portraits or {})
    files = _files_of(portraits or {})
    for test_set, table in tests:
        test, tested = _pictures(table, "test")
        for copy in find_copies(pictures, tested):
            dropped = leaks == "drop" and copy.kind == "exact"
            rows.append(
                _row(train.iloc[copy.first], test_set, test.iloc[copy.second], copy.kind, copy.similarity, dropped)
            )
        for place, other, kind, similarity in _through(edited, originals, files, test, tested):
            dropped = leaks == "drop" and kind == "exact"
            rows.append(
                _row(edited.iloc[place], test_set, test.iloc[other], kind, similarity, dropped, through=PORTRAIT)
            )
    found = pd.DataFrame(rows, columns=COPIES).sort_values(["test_set", "file_name", "copy_of", "through"])
    leaking = found[(found["test_set"] != WITHIN) & (found["kind"] == "exact")]
    logger.info("%s: %s", name, found.groupby(["test_set", "kind"]).size().to_dict() or "no copies")
    if len(leaking) and leaks == "refuse":
        write_table(found, failed)
        first = leaking.iloc[0]
        raise InputError(
            f"datasets.{name}: {leaking['file_name'].nunique():,} of its training images are the same pictures as test "
            f"images, or edits of them ({first['file_name']} is {'an edit of ' if first['through'] else ''}"
            f"{first['copy_of']} of {first['test_set']}; all are listed in {failed}), "
            "which a model knows by heart; take them out of either set, or set `leaks` to drop (them from training) or "
            "tell"
        )
    write_table(found, copies)


def dropped_by(copies: Path | str) -> set[str]:
    """Return the file names that training leaves out."""
    table = read_table(copies, text=["file_name"], columns=["file_name", "dropped"])
    return set(table.loc[table["dropped"].astype(bool), "file_name"])


def _pictures(metadata: Path | str, split: str) -> tuple[pd.DataFrame, Signatures]:
    rows = read_table(metadata, text=_FACTS, columns=_FACTS)
    rows = rows[rows["split"] == split].reset_index(drop=True)
    folder = Path(metadata).parent
    paths = progress(rows["file_name"], total=len(rows), what="images")
    return rows, stack(signature(read_image(folder / name)) for name in paths)


def _portraits(
    train: pd.DataFrame, portraits: Mapping[str, tuple[Path | str, Sequence[Path | str]]]
) -> tuple[pd.DataFrame, Signatures]:
    """Return the edited rows of ``train``, twice each, with the signatures of their portraits: whole, and cut out."""
    kept: list[int] = []
    signatures: list[Signature] = []
    for edit, (_, shards) in portraits.items():
        rows = train[train["edit"] == edit]
        places: dict[str, list[int]] = {}
        for index, source_id in rows["source_id"].items():
            places.setdefault(source_id, []).append(index)
        frames = (pair for shard in shards for pair in read_shard(shard) if pair[0] in places)
        for source_id, frame in progress(frames, total=len(places), what="portraits"):
            whole = signature(frame)
            for index in places[source_id]:
                box = tuple(int(float(train.loc[index, edge])) for edge in BOX)
                kept += [index, index]
                signatures += [whole, signature(cut_out(frame, box, box[2] - box[0]))]
    return train.loc[kept].reset_index(drop=True), stack(signatures)


def _files_of(portraits: Mapping[str, tuple[Path | str, Sequence[Path | str]]]) -> dict[tuple[str, str], str]:
    """Return the SHA-256 of the file of every portrait, by edit and source id."""
    found = {}
    for edit, (index, _) in portraits.items():
        table = read_table(index, text=["source_id", "sha256"], columns=["source_id", "sha256"])
        found |= {(edit, row.source_id): row.sha256 for row in table.itertuples()}
    return found


def _through(
    edited: pd.DataFrame,
    originals: Signatures,
    files: Mapping[tuple[str, str], str],
    test: pd.DataFrame,
    tested: Signatures,
) -> Iterator[tuple[int, int, str, float]]:
    """Yield (place in ``edited``, in ``test``, kind, similarity) of every edited picture and test picture once.

    The same file is the same picture, though its frame may be a smaller one.
    """
    best: dict[tuple[str, int], tuple[int, str, float]] = {}
    by_file: dict[str, list[int]] = {}
    for other, digest in enumerate(test["sha256"]):
        by_file.setdefault(digest, []).append(other)
    for place, row in enumerate(edited.itertuples()):
        for other in by_file.get(files.get((row.edit, row.source_id), ""), ()):
            best[row.file_name, other] = (place, "exact", 1.0)
    for copy in find_copies(originals, tested):
        key = edited.at[copy.first, "file_name"], copy.second
        if key not in best or copy.similarity > best[key][2]:
            best[key] = (copy.first, copy.kind, copy.similarity)
    for (_, other), (place, kind, similarity) in best.items():
        yield place, other, kind, similarity


def _row(
    one: pd.Series, test_set: str, other: pd.Series, kind: str, similarity: float, dropped: bool, *, through: str = ""
) -> tuple:
    names = (one["file_name"], one["label"], test_set, other["file_name"], other["label"])
    return (*names, kind, similarity, through, dropped)
