"""Any set with a table: which columns name the image, its label, its split and the box of its face.

With the same reading, what others have written as a table in a known form: Hugging Face's imagefolder
(`metadata.csv` or `metadata.jsonl` beside the images, with `file_name`), Parquet with the images inside, and synface's
own datasets.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd

from synface.core.errors import InputError
from synface.dataset.layouts.folder import SetFolder, is_image_name
from synface.dataset.layouts.rows import Row, listing_of
from synface.dataset.layouts.texts import read_rows, read_text
from synface.dataset.layouts.words import NAMED, Classes, mean_anything, part_named, plain
from synface.dataset.listing import Listing

_TABLES = (".csv", ".tsv", ".txt", ".lst", ".jsonl", ".parquet")
_FILE_NAME = "file_name"
_LABELS = ("label", "labels", "emotion", "expression", "class")
_OWN = ("file_name", "label", "split", "dataset", "source", "source_id")


def list_table(folder: SetFolder, split: str, classes: Classes | None, columns: Mapping[str, Any]) -> Listing:
    """List a set by its table.

    Args:
        folder: the set.
        split: the part that all images are in, where no column tells it.
        classes: what the labels mean, None for English names.
        columns: ``file``, null for the only table; ``image``, ``label``, ``split``, ``box`` (four columns), ``edges``
            (false where the box is left, top, width, height), ``folder`` (of the images), ``keep`` (further columns).

    Raises:
        InputError: no such table or column, a split that is none, or labels that are numbers without ``classes``.
    """
    tables = [path for path in folder.files if PurePosixPath(path).suffix.lower() in _TABLES]
    table = columns["file"] or (tables[0] if len(tables) == 1 else None)
    if table is None or table not in folder.files:
        found = ", ".join(tables[:5]) or "none"
        raise InputError(
            f"{folder.root / (table or '')}: expected the table that `table: {{file: ...}}` names; found {found}"
        )
    frame = _read(folder, table)
    listing = _list(folder, table, frame, split, classes, columns)
    listing.beside |= {path for path in folder.files if not is_image_name(path)}
    return listing


def metadata_tables(folder: SetFolder) -> list[str]:
    """Return the tables of Hugging Face's imagefolder or of a dataset that synface wrote, those least deep.

    Below them, a dataset of synface tells the same again for each split.
    """
    tables = folder.matching(r"metadata\.(?:csv|jsonl)")
    return [table for table in tables if table.count("/") == tables[0].count("/")]


def names_labels(folder: SetFolder) -> bool:
    """Tell whether the metadata tables tell labels, and are no list of something else; a damaged one is for reading."""
    return any((columns := _columns(folder, table)) is None or _tell(columns) for table in metadata_tables(folder))


def parquet_tables(folder: SetFolder) -> list[str]:
    """Return the tables with images inside."""
    return folder.matching(r"[^/]*\.parquet")


def is_own(folder: SetFolder) -> bool:
    """Tell whether synface wrote the folder: its tables have all that synface writes."""
    tables = metadata_tables(folder)
    return bool(tables) and all(set(_OWN) <= set(_columns(folder, table) or ()) for table in tables)


def list_metadata(folder: SetFolder, split: str, classes: Classes | None, keep: Sequence[str]) -> Listing:
    """List what the metadata tables name; an own dataset keeps its splits and source ids.

    ``split``, ``classes`` and ``keep`` are as for `list_table`.
    """
    listing = Listing()
    for table in metadata_tables(folder):
        frame = _read(folder, table)
        columns = _known_columns(folder, table, frame) | {"keep": keep}
        found = _list(folder, table, frame, split, classes, columns)
        listing.images += found.images
        listing.skipped += found.skipped
        listing.synthetic |= bool(columns["id"]) and "edit" in frame and bool((frame["edit"] != "").any())
    listing.beside |= {path for path in folder.files if not is_image_name(path)}
    return listing


def list_parquet(folder: SetFolder, split: str, classes: Classes | None, keep: Sequence[str]) -> Listing:
    """List the images inside Parquet tables, as Hugging Face writes them; a file's name tells its split.

    Labels that are numbers mean what the table's own class names say. ``classes`` and ``keep`` are as for `list_table`.
    """
    listing = Listing()
    for table in parquet_tables(folder):
        place, frame, names = folder.root / table, _read(folder, table), _class_names(folder, table)
        label = _label_column(place, frame, "image")
        _check_columns(place, frame, keep)
        if names:
            frame[label] = [
                names[int(code)] if str(code).isdecimal() and int(code) < len(names) else code for code in frame[label]
            ]
        told = (part_named(name.split("-")[0]) for name in PurePosixPath(table).with_suffix("").parts)
        here = next(filter(None, told), None) or ("" if split == "all" else split)
        if not here:
            raise InputError(f"{place}: its name tells no split; set `split` to train, val or test")
        rows = []
        for index, line in enumerate(frame.to_dict("records")):
            read = partial(_image_in_parquet, str(place), index)
            kept = {name: str(line[name]) for name in keep}
            rows.append(
                Row(f"{table}/{index:06d}", line[label], here, f"{table}, row {index + 1}", read=read, kept=kept)
            )
        found = listing_of(folder, rows, _meaning(place, frame[label], classes), [""])
        listing.images += found.images
        listing.skipped += found.skipped
    listing.beside = set(folder.files)
    return listing


def _known_columns(folder: SetFolder, table: str, frame: pd.DataFrame) -> dict[str, Any]:
    label = _label_column(folder.root / table, frame, _FILE_NAME)
    own = set(_OWN) <= set(frame.columns)
    return {
        "image": _FILE_NAME,
        "label": label,
        "split": "split" if "split" in frame else None,
        "box": None,
        "edges": True,
        "folder": "",
        "id": "source_id" if own else None,
    }


def _list(
    folder: SetFolder, table: str, frame: pd.DataFrame, split: str, classes: Classes | None, columns: Mapping[str, Any]
) -> Listing:
    place, above = folder.root / table, table.rpartition("/")[0]
    keep = columns["keep"]
    told = filter(None, [columns["split"]])
    _check_columns(place, frame, [columns["image"], columns["label"], *told, *(columns["box"] or ()), *keep])
    in_path = next((part for name in PurePosixPath(table).parts[:-1] if (part := part_named(name))), None)
    ids = columns.get("id")
    known = frame[ids] if ids else [""] * len(frame)
    double = bool(ids) and frame[ids].duplicated().any()
    rows = []
    for number, line, own in zip(frame.index, frame.to_dict("records"), known, strict=True):
        where = f"{table}, line {number}"
        part = part_named(str(line[columns["split"]])) if columns["split"] else in_path or (split != "all" and split)
        if not part:
            found = f"found {line[columns['split']]!r}" if columns["split"] else "no column tells it"
            raise InputError(
                f"{folder.root / where}: expected a split (train, val or test), {found}; "
                "name the column, or set `split`"
            )
        box = _box([line[name] for name in columns["box"] or ()], columns["edges"])
        key = f"{line['dataset']}.{own}" if double else own
        kept = {name: str(line[name]) for name in keep}
        rows.append(Row(str(line[columns["image"]]), line[columns["label"]], part, where, key=key, box=box, kept=kept))
    given = str(columns["folder"] or "")
    meaning = _meaning(place, frame[columns["label"]], classes)
    return listing_of(folder, rows, meaning, [given] if given else [above, ""])


def _label_column(place: Path, frame: pd.DataFrame, image: str) -> str:
    """Return which column tells the labels of a table in a known form, whose images are in the column ``image``."""
    label = next((name for name in _LABELS if name in frame), None)
    if label is None or image not in frame:
        raise InputError(f"{place}: expected the columns {image} and label, found {', '.join(map(str, frame.columns))}")
    return label


def _check_columns(place: Path, frame: pd.DataFrame, wanted: Iterable[str]) -> None:
    if missing := [name for name in wanted if name not in frame]:
        raise InputError(f"{place}: expected the column {missing[0]!r}, found {', '.join(map(str, frame.columns))}")


def _meaning(place: Path, labels: Iterable[object], classes: Classes | None) -> Classes:
    """Return what labels mean: what the user says, else English names; `InputError` where all are numbers."""
    if classes is not None:
        return classes
    told = {plain(label) for label in labels} - {""}
    if told and all(label.isdecimal() for label in told):
        raise InputError(f"{place}: its labels {mean_anything(told)}")
    return NAMED


def _box(edges: Sequence[Any], are_edges: bool) -> list[Any] | None:
    if not edges:
        return None
    if are_edges:
        return list(edges)
    try:
        left, top, width, height = map(float, edges)
    except ValueError:
        return list(edges)
    return [left, top, left + width, top + height]


def _columns(folder: SetFolder, table: str) -> list[str] | None:
    """Return the columns of a table; None for one that cannot be read."""
    try:
        return [str(name) for name in _read(folder, table).columns]
    except InputError:
        return None


def _tell(columns: Sequence[str]) -> bool:
    return _FILE_NAME in columns and any(name in columns for name in _LABELS)


def _read(folder: SetFolder, table: str) -> pd.DataFrame:
    place = folder.root / table
    suffix = PurePosixPath(table).suffix.lower()
    if suffix == ".jsonl":
        return _read_jsonl(folder, table)
    if suffix != ".parquet":
        return read_rows(place)
    try:
        import pyarrow.parquet as parquet

        names = [name for name in parquet.read_schema(place).names if name != "image"]
        frame = parquet.read_table(place, columns=names).to_pandas()
        return frame.assign(image="") if "image" in parquet.read_schema(place).names else frame
    except ImportError:
        raise InputError(f"{place}: reading Parquet needs the package pyarrow; install it with pip") from None
    except Exception as error:  # pyarrow's own kinds
        raise InputError(f"{place}: not a readable Parquet file ({str(error).splitlines()[0]})") from error


def _read_jsonl(folder: SetFolder, table: str) -> pd.DataFrame:
    rows, numbers = [], []
    for number, line in enumerate(read_text(folder.root / table).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise InputError(f"{folder.root / table}, line {number}: not a JSON object ({error})") from error
        if not isinstance(row, dict):
            raise InputError(f"{folder.root / table}, line {number}: expected a JSON object, found {line[:40]!r}")
        rows.append(row)
        numbers.append(number)
    return pd.DataFrame(rows, index=numbers).astype("object").where(lambda frame: frame.notna(), "")


def _class_names(folder: SetFolder, table: str) -> list[str]:
    """Return the names that Hugging Face's datasets wrote into the file for its class numbers; none without."""
    import pyarrow.parquet as parquet

    metadata = parquet.read_schema(folder.root / table).metadata or {}
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        return next(list(features[name]["names"]) for name in _LABELS if "names" in features.get(name, {}))
    except (KeyError, StopIteration, TypeError, json.JSONDecodeError):
        return []


def _image_in_parquet(table: str, row: int) -> bytes:
    group, first = _group_of(table, row)
    value = _column(table, group)[row - first]
    data = value.get("bytes") if isinstance(value, dict) else value
    if not isinstance(data, bytes):
        raise InputError("has no bytes of an image in the table")
    return data


@lru_cache(maxsize=1)
def _column(table: str, group: int) -> list[Any]:
    import pyarrow.parquet as parquet

    return parquet.ParquetFile(table).read_row_group(group, columns=["image"]).column("image").to_pylist()


def _group_of(table: str, row: int) -> tuple[int, int]:
    """Return the row group that ``row`` is in, and the group's first row."""
    first = 0
    for group, count in enumerate(_group_sizes(table)):
        if row < first + count:
            return group, first
        first += count
    raise IndexError(row)


@lru_cache(maxsize=8)
def _group_sizes(table: str) -> tuple[int, ...]:
    import pyarrow.parquet as parquet

    metadata = parquet.ParquetFile(table).metadata
    return tuple(metadata.row_group(group).num_rows for group in range(metadata.num_row_groups))
