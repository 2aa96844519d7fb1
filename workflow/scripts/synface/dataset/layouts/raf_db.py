"""RAF-DB's basic set (Li & Deng, 2017): as published, and its label list alone decides.

`EmoLabel/list_patition_label.txt` (their spelling) has lines `train_00001.jpg 5`. The faces are the 100 x 100 pixels of
`Image/aligned/train_00001_aligned.jpg`, or the photographs of `Image/original/train_00001.jpg` with their boxes in
`Annotation/boundingbox/train_00001_boundingbox.txt` (left, top, right, bottom). Other forms are folders for classes:
`synface.dataset.layouts.class_folders`.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from synface.core.errors import InputError
from synface.dataset.layouts.folder import SetFolder, first_of, is_image_name, leads_out
from synface.dataset.layouts.rows import Row, check_strictly, listing_of
from synface.dataset.layouts.texts import lines_of, read_text
from synface.dataset.layouts.words import RAF_DB_CODES, Classes, part_named
from synface.dataset.listing import Listing

COMPLETE = {"train": 12_271, "test": 3_068}
_LABELS = r"(?:EmoLabel/)?list_par?tition_label(?:\.txt|\.csv|\.lst)?"
# The first is what the study and most others use.
_FOLDERS = ("Image/aligned", "aligned", "Image/original", "original", "Image", "images", "")


def has_label_list(folder: SetFolder) -> bool:
    """Tell whether the published label list is there."""
    return bool(folder.matching(_LABELS))


def list_label_list(folder: SetFolder, classes: Classes | None) -> Listing:
    """List what the published label list names; `InputError` for a line that is none of it.

    ``classes`` are what a user says the labels mean, None for RAF-DB's own.
    """
    labels = first_of(folder.matching(_LABELS))
    assert labels is not None
    base = labels.rpartition("/")[0].removesuffix("EmoLabel").rstrip("/")
    images = _image_folders(folder, base)
    classes = classes or RAF_DB_CODES
    rows = check_strictly(folder, _rows(folder, labels, images), classes)
    listing = listing_of(folder, rows, classes, images)
    listing.beside |= {path for path in folder.below(base) if not is_image_name(path)}
    if images[0].endswith("original") and not any(image.box for image in listing.images):
        listing.note = "these are the original photographs, and no face boxes were there: they are taken whole"
    return listing


def _image_folders(folder: SetFolder, base: str) -> list[str]:
    """Return the folders of images: with aligned faces, of those alone, else the original photographs."""
    present = {name.lower(): name for name in folder.folders | {""}}
    for name in _FOLDERS:
        path = present.get(str(PurePosixPath(base, name)).removeprefix(".").lower())
        if path is not None and any(is_image_name(each) for each in folder.by_folder.get(path, ())):
            return [path]
    raise InputError(
        f"{folder.root / base / 'Image' / 'aligned'}: found no images there; RAF-DB's aligned faces belong there "
        "(unpack aligned.zip), or its photographs in Image/original with Annotation/boundingbox"
    )


def _rows(folder: SetFolder, labels: str, images: list[str]) -> Iterator[Row]:
    boxes = {PurePosixPath(path).name.lower(): path for path in folder.matching(r"[^/]*_boundingbox\.txt")}
    for number, fields in lines_of(folder.root / labels):
        where = f"{labels}, line {number}"
        name = fields[0]
        if len(fields) != 2 or leads_out(name):
            raise InputError(f"{folder.root / where}: expected a file name and a label, found {' '.join(fields)!r}")
        stem = PurePosixPath(name).stem.removesuffix("_aligned")
        part = part_named(stem.rstrip("0123456789_-"))
        if part is None:
            raise InputError(
                f"{folder.root / where}: expected train_… or test_… and a label, found {' '.join(fields)!r}"
            )
        suffix = PurePosixPath(name).suffix
        aligned = f"{stem}_aligned{suffix}"
        box = None
        if images[0].lower().endswith("original") and (file := boxes.get(f"{stem}_boundingbox.txt".lower())):
            box = read_text(folder.root / file).replace(",", " ").split()[:4]
        image = aligned if folder.find(aligned, images) else name
        yield Row(image, fields[1], part, where, key=stem, box=box)
