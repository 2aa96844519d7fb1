"""The folder of a dataset: written the same way whether its images are imported, assembled or merged.

`images/train/0_surprise/..` to `images/test/6_neutral/..`: the index makes the alphabetical class order of
ImageFolder the order of `Emotion`. `metadata.csv` has a row for every image; `images/train/` and `images/test/` have
theirs once more, in Hugging Face's imagefolder convention, in which a split is a folder with a table of its own.
`metadata.csv` is written last of the tables; what describes them comes after it, `digest.txt` at the very end: a
dataset that has one is complete (`synface.dataset.describing`).
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path

import pandas as pd

from synface.core.counts import SPLITS, count_images, write_counts
from synface.core.draws import keyed_order
from synface.core.emotions import Emotion
from synface.core.files import new_folder
from synface.core.tables import write_table
from synface.dataset.columns import METADATA

# Hugging Face takes a file whose name has one of these as a word for the whole of a split, and then reads neither the
# other files nor the metadata. It looks for lower case only.
_SPLIT_WORD = re.compile(
    r"(?<![^-._ 0-9])(train|training|validation|valid|dev|val|test|testing|eval|evaluation)(?=[-._ 0-9])"
)


def file_name(split: str, label: str, stem: str, suffix: str) -> str:
    """Return the path of an image in its dataset: ``images/train/0_surprise/Train_00001.jpg``."""
    name = _SPLIT_WORD.sub(lambda match: match[0].capitalize(), f"{stem}{suffix}")
    return f"images/{split}/{Emotion.from_label(label).value}_{label}/{name}"


def write_images(contents: Iterable[tuple[str, bytes]], images: Path | str) -> dict[str, str]:
    """Write each (file_name, bytes) into the new folder ``images``, where each split has all seven class folders.

    Returns the SHA-256 of every file by its name.
    """
    sums = {}
    with new_folder(images) as folder:
        for split, emotion in product(SPLITS, Emotion):
            (folder / split / f"{emotion.value}_{emotion.label}").mkdir(parents=True)
        for name, data in contents:
            (folder / Path(name).relative_to("images")).write_bytes(data)
            sums[name] = hashlib.sha256(data).hexdigest()
    return sums


def write_tables(
    rows: pd.DataFrame,
    sums: Mapping[str, str],
    *,
    images: Path | str,
    metadata: Path | str,
    counts: Path | str,
) -> None:
    """Write counts, the tables of both splits and metadata of ``rows`` (any of `METADATA`; the others become empty).

    ``sums`` are the images' SHA-256 by file name.

    Rows come in a keyed order, not by class: readers that infer column types from the first rows, as Hugging Face's
    does chunk by chunk, then see every kind of row in each chunk of a merged dataset.
    """
    rows = rows.assign(sha256=rows["file_name"].map(sums))
    rows = rows.reindex(columns=METADATA).set_index("file_name", drop=False)
    assert rows.index.is_unique
    rows = rows.loc[keyed_order(0, "rows", rows.index)]
    write_counts(count_images(rows), counts)
    for split in SPLITS:
        part = rows[rows["split"] == split]
        inside = part["file_name"].str.removeprefix(f"images/{split}/")
        write_table(part.assign(file_name=inside), Path(images) / split / "metadata.csv")
    write_table(rows, metadata)
