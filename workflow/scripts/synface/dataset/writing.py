"""The folder of a dataset: written the same way whether its images are imported, assembled or merged.

`images/0_surprise/..` to `images/6_neutral/..`: the index makes the alphabetical class order of torchvision's
ImageFolder the order of `Emotion`. `metadata.csv` follows Hugging Face's imagefolder convention (`file_name` relative
to the table); it is written last of all, so that a dataset that has one is complete.
"""

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from synface.core.counts import count_images, write_counts
from synface.core.draws import keyed_order
from synface.core.emotions import Emotion
from synface.core.files import new_folder
from synface.core.tables import write_table

METADATA = [
    "file_name",
    "label",
    "split",
    "dataset",
    "source",
    "source_id",
    "theta",
    "rho",
    "code_x",
    "code_y",
    "left",
    "top",
    "right",
    "bottom",
    "probability",
    "edit",
    "generator",
    "seed",
]

# Hugging Face takes a file whose name has one of these as a word for the whole of a split, and then reads neither the
# other files nor the metadata. It looks for lower case only.
_SPLIT_WORD = re.compile(
    r"(?<![^-._ 0-9])(train|training|validation|valid|dev|val|test|testing|eval|evaluation)(?=[-._ 0-9])"
)


def file_name(label: str, stem: str, suffix: str) -> str:
    """Return the path of an image in its dataset: ``images/0_surprise/Train_00001.jpg``."""
    name = _SPLIT_WORD.sub(lambda match: match[0].capitalize(), f"{stem}{suffix}")
    return f"images/{Emotion.from_label(label).value}_{label}/{name}"


def write_images(contents: Iterable[tuple[str, bytes]], images: Path | str) -> None:
    """Write each (file_name, bytes) into the new folder ``images``, which has all seven class folders."""
    with new_folder(images) as folder:
        for emotion in Emotion:
            (folder / f"{emotion.value}_{emotion.label}").mkdir()
        for name, data in contents:
            (folder / Path(name).relative_to("images")).write_bytes(data)


def write_tables(rows: pd.DataFrame, *, metadata: Path | str, counts: Path | str) -> None:
    """Write counts, then metadata, of ``rows`` (any of the columns `METADATA`; the others become empty).

    Rows come in a keyed order, not by class: readers that infer column types from the first rows, as Hugging Face's
    does chunk by chunk, then see every kind of row in each chunk of a merged dataset.
    """
    rows = rows.reindex(columns=METADATA).set_index("file_name", drop=False)
    assert rows.index.is_unique
    rows = rows.loc[keyed_order(0, "rows", rows.index)]
    write_counts(count_images(rows), counts)
    write_table(rows, metadata)
