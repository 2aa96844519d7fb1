"""AffectNet (Mollahosseini et al., 2017) in the forms in which people have it.

2017: `training.csv`, `validation.csv` (with the box of the face: `face_x`, `face_y`, `face_width`, `face_height`) and
the photographs in `Manually_Annotated_Images/<folder>/<hash>.jpg`. 2021: `train_set|val_set/images/<n>.jpg` with
`annotations/<n>_exp.npy`. POSTER's: lines `<n>.jpg <code>` in `{train,valid}_annotations_7class.txt`. DAN's: one
`affectnet.csv` with path, label and phase. The published validation set is the test split; codes from 7 (contempt) on
are none of the seven emotions. A user's ``classes`` may say otherwise. Folders for classes:
`synface.dataset.layouts.class_folders`.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from synface.core.errors import InputError
from synface.dataset.layouts.folder import SetFolder, first_of, is_image_name, without_suffix
from synface.dataset.layouts.rows import Row, listing_of
from synface.dataset.layouts.texts import lines_of, read_code, read_rows
from synface.dataset.layouts.words import AFFECTNET_CODES, Classes, part_named
from synface.dataset.listing import Listing, Skipped

COMPLETE = {"train": 283_901, "test": 3_500}
_TABLES = r"(?:training|validation|train|valid|val|automatically_annotated)\.csv"
_TEXTS = r"[^/]*annotations?_[78]class\.txt"
_PHASES = r"[^/]*affectnet[^/]*\.csv"
_NAMES = ["subDirectory_filePath", "face_x", "face_y", "face_width", "face_height", "landmarks", "expression"]


def has_annotations(folder: SetFolder) -> bool:
    """Tell whether there is an annotation file for each image."""
    return any(path.endswith("_exp.npy") for path in folder.files)


def list_annotations(folder: SetFolder, classes: Classes | None) -> Listing:
    """List the form of 2021; an annotation that cannot be read ends the import where no image has one that can."""
    listing = Listing()
    rows: list[Row] = []
    for annotations in sorted(path for path in folder.folders if PurePosixPath(path).name.lower() == "annotations"):
        above = annotations.rpartition("/")[0]
        part = part_named(PurePosixPath(above).name)
        if part is None:
            raise InputError(f"{folder.root / above}: expected train_set/ or val_set/ around annotations/")
        labelled = {
            PurePosixPath(path).name.removesuffix("_exp.npy"): path
            for path in folder.by_folder.get(annotations, ())
            if path.endswith("_exp.npy")
        }
        inside = [path for path in folder.below(above) if is_image_name(path) and not path.startswith(annotations)]
        images = {PurePosixPath(path).stem: path for path in inside}
        split = "train" if part == "train" else "test"
        for stem in sorted({*images, *labelled}, key=lambda stem: (len(stem), stem)):
            path = images.get(stem, f"{above}/images/{stem}.jpg")
            if stem not in labelled:
                listing.skipped.append(Skipped(path, part, "", f"has no annotation {stem}_exp.npy"))
                continue
            try:
                code = read_code(folder.root / labelled[stem])
            except InputError as error:
                listing.skipped.append(Skipped(path, part, "", f"its annotation {error} ({labelled[stem]})"))
                continue
            rows.append(Row(path, code, part, labelled[stem], key=f"{split}/{stem}"))
    found = listing_of(folder, rows, classes or AFFECTNET_CODES, [""])
    listing.images = found.images
    listing.skipped += found.skipped
    listing.beside = {path for path in folder.files if path.endswith(".npy")}
    if not rows and listing.skipped:
        reason, _, file = listing.skipped[0].reason.removesuffix(")").rpartition(" (")
        raise InputError(
            f"{folder.root / file}: {reason.removeprefix('its annotation ')}; "
            f"none of {len(listing.skipped)} annotations could be read"
        )
    return listing


def has_tables(folder: SetFolder) -> bool:
    """Tell whether there is a list of 2017."""
    return any(_has_column(folder, path, "subDirectory_filePath") for path in folder.matching(_TABLES)) or (
        bool(folder.matching(_TABLES)) and any("Manually_Annotated" in path for path in folder.folders)
    )


def list_tables(folder: SetFolder, classes: Classes | None) -> Listing:
    """List the form of 2017, each image with the box of its face."""
    tables = [path for path in folder.matching(_TABLES) if part_named(PurePosixPath(path).stem)]
    rows = [row for table in tables for row in _rows_of_2017(folder, table)]
    tops = [path for path in folder.folders if PurePosixPath(path).name.lower() == "manually_annotated_images"]
    if not tops and not any(folder.find(row.image, [""]) for row in rows):
        raise InputError(
            f"{folder.root / 'Manually_Annotated_Images'}: no such folder; the images of {tables[0]} belong there"
        )
    listing = listing_of(folder, rows, classes or AFFECTNET_CODES, [*sorted(tops), ""])
    listing.beside |= {path for path in folder.files if not is_image_name(path)}
    return listing


def _rows_of_2017(folder: SetFolder, table: str) -> Iterator[Row]:
    place = folder.root / table
    part = part_named(PurePosixPath(table).stem) or ""
    frame = read_rows(place, header=_NAMES[0])
    if _NAMES[0] not in frame:  # copies without a header are about; the columns keep their places
        frame = frame.rename(columns=dict(enumerate(_NAMES)))
    if missing := [name for name in (_NAMES[0], _NAMES[-1]) if name not in frame]:
        raise InputError(f"{place}: expected the column {missing[0]}, found {', '.join(map(str, frame.columns))}")
    boxed = all(name in frame for name in _NAMES[1:5])
    for number, line in zip(frame.index, frame.to_dict("records"), strict=True):
        box = _edges(*(line[name] for name in _NAMES[1:5])) if boxed else None
        yield Row(line[_NAMES[0]], line[_NAMES[-1]], part, f"{table}, line {number}", box=box)


def _edges(left: str, top: str, width: str, height: str) -> list[object]:
    try:
        return [float(left), float(top), float(left) + float(width), float(top) + float(height)]
    except ValueError:
        return [left, top, width, height]


def has_texts(folder: SetFolder) -> bool:
    """Tell whether there is a list of POSTER's form."""
    return bool(folder.matching(_TEXTS))


def list_texts(folder: SetFolder, classes: Classes | None) -> Listing:
    """List POSTER's form."""
    listing = Listing()
    for text in folder.matching(_TEXTS):
        place, above = folder.root / text, text.rpartition("/")[0]
        part = part_named(PurePosixPath(text).name.split("_")[0])
        if part is None:
            raise InputError(f"{place}: expected a name that begins with train_ or valid_")
        sets = [name for name in folder.folders if part_named(PurePosixPath(name).name) == part]
        folders = [path for each in (above, *sorted(sets)) for path in (f"{each}/images".lstrip("/"), each)]
        rows = []
        for number, fields in lines_of(place):
            if len(fields) != 2 or not fields[1].isdecimal():
                raise InputError(f"{place}, line {number}: expected a file name and a code, found {' '.join(fields)!r}")
            split = "train" if part == "train" else "test"
            key = f"{split}/{without_suffix(fields[0])}"
            rows.append(Row(fields[0], fields[1], part, f"{text}, line {number}", key=key))
        found = listing_of(folder, rows, classes or AFFECTNET_CODES, folders)
        listing.images += found.images
        listing.skipped += found.skipped
        listing.beside |= {text, *(path for path in folder.files if path.endswith(".npy"))}
    return listing


def has_phases(folder: SetFolder) -> bool:
    """Tell whether there is one table with a column for the split."""
    return _phases_table(folder) is not None


def list_phases(folder: SetFolder, classes: Classes | None) -> Listing:
    """List DAN's form."""
    table = _phases_table(folder)
    assert table is not None
    place, above = folder.root / table, table.rpartition("/")[0]
    frame = read_rows(place)
    label = "label" if "label" in frame else "expression"
    name = next(column for column in frame.columns if str(column).lower() == "subdirectory_filepath")
    rows = []
    for number, line in zip(frame.index, frame.to_dict("records"), strict=True):
        part = part_named(line["phase"])
        if part is None:
            raise InputError(f"{place}, line {number}: expected the phase train or val, found {line['phase']!r}")
        rows.append(Row(line[name], line[label], part, f"{table}, line {number}"))
    listing = listing_of(folder, rows, classes or AFFECTNET_CODES, [above])
    listing.beside |= {path for path in folder.files if not is_image_name(path)}
    return listing


def _phases_table(folder: SetFolder) -> str | None:
    return first_of(path for path in folder.matching(_PHASES) if _has_column(folder, path, "phase"))


def _has_column(folder: SetFolder, table: str, name: str) -> bool:
    try:
        with (folder.root / table).open(encoding="utf-8-sig", errors="replace") as file:
            return name.lower() in file.readline(10_000).lower()
    except OSError:
        return False
