"""WebDataset: `data/train-000000.tar` with `00000000.png`, `00000000.cls` (0 to 6) and `00000000.json` for each image.

Members have neither times nor owners. All images have one suffix, since readers take the types of the first few for
those of all: of a set with several, each becomes a PNG of the same pixels.
"""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

from synface.core.emotions import LABELS, Emotion
from synface.core.images import decode_image, encode_png
from synface.dataset.columns import METADATA, NUMBERS
from synface.dataset.exports.dataset import Dataset, in_shards, told

_MOST_BYTES = 500_000_000

_LOADING = """\
```python
from datasets import load_dataset

dataset = load_dataset("{name}")  # {suffix}: the image, cls: the index of its class, json: every fact known about it
```

`webdataset.WebDataset("{name}/data/train-000000.tar").decode("pil")` reads the same files. Rows are mixed already."""


def write_webdataset(dataset: Dataset, target: Path) -> None:
    """Write ``dataset`` into the folder ``target``."""
    (target / "data").mkdir()
    suffix = next(iter(dataset.suffixes)) if len(dataset.suffixes) == 1 else ".png"
    for split, rows in dataset.splits.items():
        shards = in_shards(dataset.sizes(rows), _MOST_BYTES)
        for number, shard in enumerate(shards):
            with tarfile.open(target / f"data/{split}-{number:06d}.tar", "w") as archive:
                for place, (facts, data) in enumerate(dataset.images(rows[shard]), start=shard.start):
                    key = f"{place:08d}"
                    same = facts["file_name"].endswith(suffix)
                    picture = data if same else encode_png(decode_image(data, facts["file_name"]))
                    _add(archive, f"{key}{suffix}", picture)
                    _add(archive, f"{key}.cls", str(Emotion.from_label(facts["label"]).value).encode())
                    _add(archive, f"{key}.json", json.dumps(told(facts, METADATA), ensure_ascii=False).encode())
    files = [{"split": split, "path": f"data/{split}-*.tar"} for split in dataset.splits]
    dataset.write_card(
        target,
        _LOADING.format(name=dataset.name, suffix=suffix.lstrip(".")),
        configs=[{"config_name": "default", "data_files": files}],
        dataset_info={"features": _features(suffix.lstrip("."))},
    )


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def _features(suffix: str) -> list[dict[str, Any]]:
    """Return the types, which Hugging Face would guess from the first five images."""
    label = {"class_label": {"names": {str(index): label for index, label in enumerate(LABELS)}}}
    facts = [{"name": column, "dtype": "float64" if column in NUMBERS else "string"} for column in METADATA]
    return [
        {"name": suffix, "dtype": "image"},
        {"name": "cls", "dtype": label},
        {"name": "json", "struct": facts},
        {"name": "__key__", "dtype": "string"},
        {"name": "__url__", "dtype": "string"},
    ]
