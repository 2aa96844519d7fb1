"""Assembling: the selected crops of all shards become a synthetic dataset."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from synface.core.errors import InputError
from synface.core.progress import progress
from synface.core.shards import read_shard_bytes
from synface.core.tables import read_table
from synface.dataset.describing import describe_dataset
from synface.dataset.kinds import Origin
from synface.dataset.writing import file_name, write_images, write_tables


def assemble_dataset(
    *,
    selection: Path | str,
    crops: Iterable[Path | str],
    images: Path | str,
    metadata: Path | str,
    counts: Path | str,
    card: Path | str,
    name: str,
    digest: Path | str | None = None,
    facts: Mapping[str, Any],
    origins: Sequence[Origin],
) -> None:
    """Write the dataset ``name`` from the selected images of the shards.

    Args:
        selection: the dataset's selection.csv.
        crops: the shards of crops; their PNG bytes are copied as they are.
        images: folder to write.
        metadata: table to write, last.
        counts: table of counts to write.
        card: README.md to write, with what else describes the set beside it.
        name: of the dataset.
        digest: see `describe_dataset`.
        facts: ``source``, ``edit``, ``generator`` and ``seed`` are written for every image; these and all others (as
            ``like``, ``fraction``, ``color``, ``blend``, ``crop``) are the recipe in the card.
        origins: what it is made of; see `synface.dataset.kinds`.

    Raises:
        InputError: a selected image is in no shard, or in two.
    """
    rows = read_table(selection, text=["source_id", "split", "label"])
    rows["file_name"] = [file_name(row.split, row.label, row.source_id, ".png") for row in rows.itertuples()]
    rows = rows.assign(dataset=name, **{fact: facts[fact] for fact in ("source", "edit", "generator", "seed")})
    wanted = dict(zip(rows["source_id"], rows["file_name"], strict=True))
    sums = write_images(_selected(crops, wanted, selection), images)
    write_tables(rows, sums, images=images, metadata=metadata, counts=counts)
    describe_dataset(
        card, metadata=metadata, digest=digest, name=name, what=_describe(facts), recipe=facts, origins=origins
    )


def _describe(facts: Mapping[str, Any]) -> str:
    fraction = facts.get("fraction", 1)
    times = {1: "", "largest": ", or the same part of each, as large as the portraits allow"}.get(
        fraction, f", times {fraction}"
    )
    if facts.get("test_fraction"):
        times += f" (its test split times {facts['test_fraction']})"
    if facts.get("unedited"):
        return (
            f"Faces of portraits from `{facts['source']}` as they are, labelled by the model "
            f"`{facts['unedited']['model']}`, which was trained on `{facts['unedited']['train_set']}`: a control. Of "
            f"each emotion and split there are as many as `{facts['like']}` has{times}, or as the model found."
        )
    maker = "" if facts.get("faces edited elsewhere") else "the GANmut generator "
    return (
        f"Synthetic faces: the emotion of portraits from `{facts['source']}` was edited with {maker}"
        f"`{facts['generator']}`, and as many were chosen of each emotion and split as `{facts['like']}` has{times}."
        + _describe_choice(facts)
    )


def _describe_choice(facts: Mapping[str, Any]) -> str:
    keep, balance = facts.get("keep"), facts.get("balance")
    told = ""
    if keep:
        told += (
            f" Only faces in which the judge `{keep['judge']}` reads that emotion with a probability of at least "
            f"{keep['at_least']:g} were taken."
        )
    if balance:
        told += f" Of each emotion, faces were balanced by {' and '.join(balance)} as far as there are some."
    return told


def _selected(
    crops: Iterable[Path | str], wanted: Mapping[str, str], selection: Path | str
) -> Iterator[tuple[str, bytes]]:
    found: set[str] = set()
    for shard in progress(list(crops), what="shards"):
        for source_id, data in read_shard_bytes(shard):
            if source_id not in wanted:
                continue
            if source_id in found:
                raise InputError(
                    f"{shard}: {source_id} was already in an earlier shard; delete the crops and run again"
                )
            found.add(source_id)
            yield wanted[source_id], data
    if missing := sorted(wanted.keys() - found):
        raise InputError(
            f"{selection}: {len(missing)} selected images are in no shard of crops, {missing[0]} first; the crops "
            "belong to another selection, so delete them and run again"
        )
