"""RAF-DB's own layout, which code for facial expressions reads: `basic/Image/aligned/` and `basic/EmoLabel/`.

Names are `train_00001_aligned.jpg` and `test_0001_aligned.jpg`; a set that came from RAF-DB keeps its numbers.
Files that are no JPEG become one (quality 95, all colors kept), since that code takes the suffix for granted; sizes
stay. `metadata.csv` says what each was.
"""

import io
import re
from pathlib import Path, PurePosixPath

import pandas as pd
from PIL import Image

from synface.core.emotions import RAF_DB
from synface.core.images import decode_image
from synface.core.tables import write_table
from synface.dataset.exports.dataset import Dataset

_CODES = {emotion.label: code for code, emotion in RAF_DB.items()}
_DIGITS = {"train": 5, "test": 4}

_LOADING = """\
The faces lie as RAF-DB's do: `basic/Image/aligned/train_00001_aligned.jpg`, with `train_00001.jpg 5` in
`basic/EmoLabel/list_patition_label.txt`, whose numbers are {codes}.

The column `name` of `metadata.csv` says which is which; its SHA-256 are those of the original files. This layout does
not make it RAF-DB."""


def write_raf_db(dataset: Dataset, target: Path) -> None:
    """Write ``dataset`` into the folder ``target``."""
    aligned, labels = target / "basic/Image/aligned", target / "basic/EmoLabel"
    aligned.mkdir(parents=True)
    labels.mkdir()
    rows = dataset.rows.assign(name=_names(dataset.rows)).sort_values("name")
    for facts, data in dataset.images(rows):
        (aligned / f"{facts['name']}_aligned.jpg").write_bytes(_as_jpeg(data, facts["file_name"]))
    lines = [f"{name}.jpg {_CODES[label]}\n" for name, label in zip(rows["name"], rows["label"], strict=True)]
    (labels / "list_patition_label.txt").write_text("".join(lines))
    write_table(rows, target / "metadata.csv")
    codes = ", ".join(f"{code} {label}" for label, code in _CODES.items())
    dataset.write_card(target, _LOADING.format(codes=codes))


def _names(rows: pd.DataFrame) -> pd.Series:
    """Return RAF-DB's names: those that the images had, or new ones in the order of the table."""
    pattern = {split: re.compile(rf"{split}_\d{{{digits}}}") for split, digits in _DIGITS.items()}
    had = rows["source_id"]
    if had.is_unique and all(pattern[split].fullmatch(name) for split, name in zip(rows["split"], had, strict=True)):
        return had
    places = rows.groupby("split").cumcount() + 1
    return pd.Series(
        [f"{split}_{place:0{_DIGITS[split]}d}" for split, place in zip(rows["split"], places, strict=True)], rows.index
    )


def _as_jpeg(data: bytes, name: str) -> bytes:
    if PurePosixPath(name).suffix in (".jpg", ".jpeg"):
        return data
    buffer = io.BytesIO()
    Image.fromarray(decode_image(data, name)).save(buffer, "JPEG", quality=95, subsampling=0)
    return buffer.getvalue()
