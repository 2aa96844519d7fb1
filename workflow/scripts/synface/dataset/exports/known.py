"""All forms in which a dataset can be exported."""

from collections.abc import Callable, Mapping
from pathlib import Path

from synface.core.files import new_folder
from synface.dataset.exports.dataset import Dataset
from synface.dataset.exports.parquet import write_parquet
from synface.dataset.exports.raf_db import write_raf_db
from synface.dataset.exports.webdataset import write_webdataset

FORMATS: Mapping[str, Callable[[Dataset, Path], None]] = {
    "parquet": write_parquet,
    "raf-db": write_raf_db,
    "webdataset": write_webdataset,
}


def export_dataset(folder: Path | str, target: Path | str, *, form: str) -> None:
    """Write the dataset in ``folder`` into the new folder ``target``, which is there only when all of it is.

    The same dataset gives the same bytes, with the same versions of Pillow and pyarrow.

    Args:
        folder: with metadata.csv, images/, README.md and LICENSE.
        target: the folder to write; an older one is replaced.
        form: one of `FORMATS`.

    Raises:
        InputError: an image is not the one that metadata.csv tells of.
    """
    dataset = Dataset.of(folder)
    with new_folder(target) as temporary:
        FORMATS[form](dataset, temporary)
