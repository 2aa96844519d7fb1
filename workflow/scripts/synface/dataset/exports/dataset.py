"""What is exported: a dataset of ours, read row by row and checked on the way."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd
from huggingface_hub import DatasetCard

from synface.core.counts import SPLITS
from synface.core.errors import InputError
from synface.core.progress import progress
from synface.core.tables import read_table
from synface.dataset.columns import METADATA, NUMBERS


@dataclass(frozen=True)
class Dataset:
    """A dataset as it lies on the disk, in the order of its metadata.csv, in which kinds of rows are mixed."""

    folder: Path
    rows: pd.DataFrame

    @classmethod
    def of(cls, folder: Path | str) -> "Dataset":
        """Return the dataset in ``folder``; `InputError` where its table is none of ours."""
        text = [column for column in METADATA if column not in NUMBERS]
        return cls(Path(folder), read_table(Path(folder) / "metadata.csv", text=text, columns=METADATA))

    @property
    def name(self) -> str:
        """Its name."""
        return self.folder.name

    @property
    def splits(self) -> dict[str, pd.DataFrame]:
        """The rows of each split that has any."""
        parts = {split: self.rows[self.rows["split"] == split] for split in SPLITS}
        return {split: rows for split, rows in parts.items() if len(rows)}

    @property
    def suffixes(self) -> set[str]:
        """The suffixes of its images."""
        return {PurePosixPath(name).suffix for name in self.rows["file_name"]}

    def images(self, rows: pd.DataFrame) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Yield (the facts of an image, its file's bytes) for ``rows``; `InputError` for one that has changed."""
        for row in progress(rows.to_dict("records"), what="images"):
            data = (self.folder / row["file_name"]).read_bytes()
            if hashlib.sha256(data).hexdigest() != row["sha256"]:
                raise InputError(
                    f"{self.folder / row['file_name']}: its content is not the one that metadata.csv tells of; make "
                    f"the dataset again: snakemake --cores all --force {self.folder / 'digest.txt'}"
                )
            yield row, data

    def sizes(self, rows: pd.DataFrame) -> list[int]:
        """Return the bytes of each image's file."""
        return [(self.folder / name).stat().st_size for name in rows["file_name"]]

    def write_card(self, target: Path, loading: str, **head: Any) -> None:
        """Write the card and the license into ``target``: the dataset's own, with another way of loading.

        ``head`` replaces ``configs``, which tell where the files of the dataset itself lie.
        """
        card = DatasetCard.load(self.folder / "README.md")
        del card.data.configs
        for key, value in head.items():
            setattr(card.data, key, value)
        before, _, rest = card.text.partition("## Loading\n")
        after = rest[rest.index("\n## ") :]
        (target / "README.md").write_text(
            f"---\n{card.data.to_yaml(line_break=chr(10))}\n---\n{before}## Loading\n\n{loading}\n{after}",
            encoding="utf-8",
        )
        (target / "LICENSE").write_bytes((self.folder / "LICENSE").read_bytes())


def told(facts: Mapping[str, Any], columns: Iterable[str]) -> dict[str, Any]:
    """Return these facts of an image, with None for one that does not apply."""
    return {column: None if pd.isna(facts[column]) or facts[column] == "" else facts[column] for column in columns}


def in_shards(sizes: list[int], most: int) -> list[slice]:
    """Return the slices of consecutive items that hold at most ``most`` bytes each, or one item that has more."""
    starts, held = [0], 0
    for index, size in enumerate(sizes):
        if held and held + size > most:
            starts.append(index)
            held = 0
        held += size
    return [slice(start, end) for start, end in zip(starts, [*starts[1:], len(sizes)], strict=True)]
