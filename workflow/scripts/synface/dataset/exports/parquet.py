"""Parquet as Hugging Face writes it: `data/train-00000-of-00001.parquet`, images inside, types in the schema.

What `Dataset.push_to_hub` would have made (datasets 5.2): a column `image` of bytes and path, `label` as a ClassLabel,
row groups of 100 images, chunks cut by content so that a changed dataset shares what has not changed.
"""

import json
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from synface.core.emotions import LABELS, Emotion
from synface.dataset.columns import METADATA, NUMBERS
from synface.dataset.exports.dataset import Dataset, in_shards, told

_MOST_BYTES = 500_000_000
_ROW_GROUP = 100
_CHUNKS = {"min_chunk_size": 256 * 1024, "max_chunk_size": 1024 * 1024, "norm_level": 0}
_FACTS = [column for column in METADATA if column not in ("file_name", "label")]

_LOADING = """\
```python
from datasets import load_dataset

dataset = load_dataset("{name}")  # the splits train and test; label is a ClassLabel, in the order above
```"""


def write_parquet(dataset: Dataset, target: Path) -> None:
    """Write ``dataset`` into the folder ``target``."""
    (target / "data").mkdir()
    schema = _schema()
    for split, rows in dataset.splits.items():
        shards = in_shards(dataset.sizes(rows), _MOST_BYTES)
        for number, shard in enumerate(shards):
            path = target / f"data/{split}-{number:05d}-of-{len(shards):05d}.parquet"
            options = {"use_content_defined_chunking": _CHUNKS, "write_page_index": True}
            with pq.ParquetWriter(path, schema, **options) as writer:
                images = dataset.images(rows[shard])
                while group := [_row(*item) for item in islice(images, _ROW_GROUP)]:
                    writer.write_table(pa.Table.from_pylist(group, schema))
                writer.add_key_value_metadata({"content_defined_chunking": json.dumps(_CHUNKS)})
    files = [{"split": split, "path": f"data/{split}-*"} for split in dataset.splits]
    configs = [{"config_name": "default", "data_files": files}]
    dataset.write_card(target, _LOADING.format(name=dataset.name), configs=configs)


def _row(facts: dict, data: bytes) -> dict:
    image = {"bytes": data, "path": Path(facts["file_name"]).name}
    return {"image": image, "label": Emotion.from_label(facts["label"]).value, **told(facts, _FACTS)}


def _schema() -> pa.Schema:
    types = {column: ("float64", pa.float64()) if column in NUMBERS else ("string", pa.string()) for column in _FACTS}
    features = {
        "image": {"_type": "Image"},
        "label": {"names": list(LABELS), "_type": "ClassLabel"},
        **{column: {"dtype": name, "_type": "Value"} for column, (name, _) in types.items()},
    }
    fields = [
        pa.field("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        pa.field("label", pa.int64()),
        *(pa.field(column, kind) for column, (_, kind) in types.items()),
    ]
    return pa.schema(fields, {"huggingface": json.dumps({"info": {"features": features}})})
