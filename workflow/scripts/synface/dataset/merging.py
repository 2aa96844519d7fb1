"""Merging: natural and synthetic datasets, whole or in part, become a hybrid one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from synface.core.counts import count_images, scaled_counts
from synface.core.draws import keyed_generator, keyed_order
from synface.core.errors import InputError
from synface.core.progress import progress
from synface.core.tables import read_table
from synface.dataset.columns import METADATA
from synface.dataset.describing import describe_dataset
from synface.dataset.kinds import Origin
from synface.dataset.writing import file_name, write_images, write_tables


def merge_datasets(
    *,
    inputs: Iterable[tuple[Path | str, Path | str]],
    parts: Sequence[Mapping[str, Any]],
    seed: int,
    origins: Sequence[Origin],
    labels: str = "kept",
    images: Path | str,
    metadata: Path | str,
    counts: Path | str,
    card: Path | str,
    name: str,
    digest: Path | str | None = None,
) -> None:
    """Write the dataset ``name`` from parts of others.

    Args:
        inputs: (metadata.csv, images folder) of each part.
        parts: ``dataset``, ``fraction`` and ``repeat`` of each part, in the order of ``inputs``; the fraction holds for
            every class and split, scaled as `scaled_counts` does. Training images come ``repeat`` times, and again for
            a fraction above 1.
        seed: which images a fraction takes, a larger one keeps those of a smaller; and how labels are shuffled.
        origins: what it is made of; see `synface.dataset.kinds`.
        labels: kept, or shuffled among the training images of each part.
        images: folder to write.
        metadata: table to write, last; each row keeps its origin in ``dataset``, ``source`` and ``source_id``.
        counts: table of counts to write.
        card: README.md to write, with what else describes the set beside it.
        name: of the merged dataset.
        digest: see `describe_dataset`.

    Raises:
        InputError: an image would come in twice, or a portrait in both train and test.
    """
    taken = []
    for (table, folder), part in zip(inputs, parts, strict=True):
        rows = read_table(table, text=METADATA, columns=METADATA)  # all as text: numbers are copied to the digit
        rows["path"] = [str(Path(folder) / PurePosixPath(item).relative_to("images")) for item in rows["file_name"]]
        taken.append(take_fraction(rows, min(part["fraction"], 1), seed))
    check_merge(pd.concat(taken), name)
    if labels == "shuffled":
        taken = [shuffle_labels(rows, seed, part["dataset"]) for rows, part in zip(taken, parts, strict=True)]
    taken = [
        repeat_training(rows, max(part["fraction"], 1) * part["repeat"], seed)
        for rows, part in zip(taken, parts, strict=True)
    ]
    merged = pd.concat(taken, ignore_index=True)
    merged["file_name"] = [
        file_name(row.split, row.label, f"{row.dataset}.{row.source_id}{row.copy}", PurePosixPath(row.file_name).suffix)
        for row in merged.itertuples()
    ]
    merged = merged.drop(columns="copy")
    sums = write_images(_read_images(merged), images)
    edited = bool((merged["edit"] != "").any())
    merged_sets = [
        f"`{part['dataset']}`"
        + (f" times {part['fraction']:g}" if part["fraction"] != 1 else "")
        + (f", its training images {part['repeat']} times" if part["repeat"] != 1 else "")
        for part in parts
    ]
    write_tables(merged, sums, images=images, metadata=metadata, counts=counts)
    describe_dataset(
        card,
        metadata=metadata,
        digest=digest,
        name=name,
        what=f"A merge of {', '.join(merged_sets)}"
        + ("; what came from an edit or a generator has an entry in the column `edit`" if edited else "")
        + (
            ". The labels of the training images are shuffled: a control, not for use." if labels == "shuffled" else "."
        ),
        recipe={
            **{f"images of {part['dataset']}": f"{len(rows):,}" for part, rows in zip(parts, taken, strict=True)},
            "seed": seed,
        },
        origins=origins,
    )


def take_fraction(rows: pd.DataFrame, fraction: float, seed: int) -> pd.DataFrame:
    """Return ``fraction`` of the rows of each class and split, chosen by a keyed order of (dataset, source_id)."""
    wanted = scaled_counts(count_images(rows), fraction)
    keys = rows["dataset"] + "/" + rows["source_id"]
    place = {key: rank for rank, key in enumerate(keyed_order(seed, "merge", keys))}
    ranked = rows.assign(place=keys.map(place)).sort_values("place")
    limit = [wanted[cell] for cell in zip(ranked["split"], ranked["label"], strict=True)]
    return ranked[ranked.groupby(["split", "label"]).cumcount() < limit].drop(columns="place")


def shuffle_labels(rows: pd.DataFrame, seed: int, part: str) -> pd.DataFrame:
    """Return the rows with the labels of the train split exchanged at random; the counts of classes stay."""
    train = rows["split"] == "train"
    shuffled = keyed_generator(seed, "shuffled labels", part).permutation(rows.loc[train, "label"].to_numpy())
    return rows.assign(label=rows["label"].mask(train, pd.Series(shuffled, index=rows.index[train])))


def repeat_training(rows: pd.DataFrame, times: float, seed: int) -> pd.DataFrame:
    """Return the rows with those of the train split so many ``times``, at least once; of a rest, a part once more.

    The column ``copy`` is what to add to a file's name.
    """
    train, whole = rows[rows["split"] == "train"], int(times)
    copies = [train.assign(copy=f".copy{number}") for number in range(2, whole + 1)]
    if times > whole and len(train):
        rest = take_fraction(train, float(Decimal(str(times)) - whole), seed)
        copies.append(rest.assign(copy=f".copy{whole + 1}"))
    return pd.concat([rows.assign(copy=""), *copies], ignore_index=True)


def check_merge(merged: pd.DataFrame, name: str) -> None:
    """Raise `InputError` for an image that comes twice and for a portrait that is in train and in test."""
    twice = merged.loc[merged.duplicated(["dataset", "source_id"]), ["dataset", "source_id"]]
    if len(twice):
        first = twice.iloc[0]
        raise InputError(
            f"datasets.{name}.merge: {len(twice)} images would come in twice, {first['source_id']} of "
            f"{first['dataset']} first; name each dataset in one part only"
        )
    splits = merged.groupby(["source", "source_id"])["split"].nunique()
    leaking = splits[splits > 1].index
    if len(leaking):
        named = ", ".join(f"{source_id} of {source}" for source, source_id in leaking[:5])
        raise InputError(
            f"datasets.{name}.merge: {len(leaking)} portraits would be in train and in test, so faces would leak: "
            f"{named}{', …' if len(leaking) > 5 else ''}; merge datasets whose sources were indexed alike"
        )


def _read_images(merged: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    pairs = list(zip(merged["file_name"], merged["path"], strict=True))
    for name, path in progress(pairs, what="images"):
        yield name, Path(path).read_bytes()
