"""Describing a dataset that is written: its card, its license and its Croissant, beside metadata.csv."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synface.core.counts import count_images
from synface.core.files import atomic_path
from synface.core.files import digest as file_digest
from synface.core.tables import read_table
from synface.dataset.card import write_card
from synface.dataset.croissant import write_croissant
from synface.dataset.kinds import Origin
from synface.dataset.license import write_license


def describe_dataset(
    card: Path | str,
    *,
    metadata: Path | str,
    digest: Path | str | None = None,
    name: str,
    what: str,
    recipe: Mapping[str, Any],
    origins: Sequence[Origin],
) -> None:
    """Write the card with ``LICENSE`` and ``croissant.json`` beside it, and then what says that all is complete.

    Args:
        card: README.md to write, in the dataset's folder.
        metadata: the dataset's metadata.csv.
        digest: gets the SHA-256 of metadata.csv, and so of the whole dataset: what is made of a dataset depends on
            these 64 characters, not on any file's time. It is written last: a dataset that has it is complete.
        name: of the dataset.
        what: one paragraph.
        recipe: the facts of how it was made.
        origins: what it was made of; see `synface.dataset.kinds`.
    """
    rows, folder, found = read_table(metadata), Path(card).parent, file_digest(metadata)
    told = {"name": name, "what": what, "recipe": recipe, "origins": origins}
    write_license(folder / "LICENSE", name=name, origins=origins)
    write_croissant(folder / "croissant.json", rows=rows, **told)
    write_card(card, counts=count_images(rows), digest=found, **told)
    if digest is not None:
        with atomic_path(digest) as temporary:
            temporary.write_text(f"{found}\n")
