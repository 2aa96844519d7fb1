"""AffectNet (Mollahosseini et al., 2017) in the three forms in which people have it.

Release of 2017: `training.csv`, `validation.csv` and `Manually_Annotated_Images/<folder>/<hash>.jpg`. Release of 2021:
`train_set|val_set/images/<n>.jpg` with `annotations/<n>_exp.npy`. POSTER's form: lines `<n>.jpg <code>` in
`{train,valid}_annotations_7class.txt`. The published validation set is the test split; codes from 7 (contempt) on are
none of the seven emotions and are listed as skipped.
"""

from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from synface.core.emotions import AFFECTNET
from synface.core.errors import InputError
from synface.core.images import SUFFIXES
from synface.dataset.listing import Listed, Listing, Skipped, first_existing, leads_out

COMPLETE = {"train": 283_901, "test": 3_500}
_OTHERS = {7: "contempt", 8: "none", 9: "uncertain", 10: "no face"}
_TABLES = {"train": ("training.csv",), "test": ("validation.csv",)}
_SETS = {"train": ("train_set",), "test": ("val_set", "valid_set")}
_TEXTS = {
    "train": ("train_annotations_7class.txt", "train_annotations_8class.txt"),
    "test": tuple(f"{name}_annotations_{classes}class.txt" for name in ("valid", "val") for classes in (7, 8)),
}


def list_affectnet(root: Path) -> Listing:
    """List what is in ``root``, whichever form it has; `InputError` says what was expected."""
    listing = Listing()
    for split in ("train", "test"):
        folder = first_existing(root, _SETS[split])
        table = first_existing(
            root, _TABLES[split] + tuple(f"Manually_Annotated_file_lists/{n}" for n in _TABLES[split])
        )
        text = first_existing(root, _TEXTS[split]) or (folder and first_existing(folder, _TEXTS[split]))
        if folder and (folder / "annotations").is_dir():
            _list_annotations(root, folder, split, listing)
        elif text:
            _list_text(root, folder or root, text, split, listing)
        elif table:
            _list_table(root, table, split, listing)
    if not listing.images and not listing.skipped:
        raise InputError(
            f"{root}: found no AffectNet: neither train_set/ or val_set/ with images/ and annotations/ (2021), nor "
            "training.csv or validation.csv with Manually_Annotated_Images/ (2017), nor "
            "train_set/train_annotations_7class.txt (POSTER)"
        )
    return listing


def _list_annotations(root: Path, folder: Path, split: str, listing: Listing) -> None:
    found = sorted((folder / "images").glob("*"), key=lambda path: (len(path.stem), path.name))
    images = {path.stem: path for path in found if path.suffix.lower() in SUFFIXES}
    labelled = {path.name.removesuffix("_exp.npy") for path in (folder / "annotations").glob("*_exp.npy")}
    for stem in [*images, *sorted(labelled - images.keys())]:
        path = images.get(stem, folder / "images" / f"{stem}.jpg").relative_to(root).as_posix()
        if stem not in labelled:
            listing.skipped.append(Skipped(path, split, "", f"no annotation {stem}_exp.npy"))
            continue
        try:
            # Published as text or as a number; objects, which could run code, are never unpickled.
            code = int(np.load(folder / "annotations" / f"{stem}_exp.npy", allow_pickle=False).item())
        except (OSError, ValueError, EOFError) as error:
            listing.skipped.append(Skipped(path, split, "", f"annotation {stem}_exp.npy cannot be read ({error})"))
            continue
        _add(listing, path, split, code, f"{split}/{stem}")


def _list_text(root: Path, folder: Path, text: Path, split: str, listing: Listing) -> None:
    for number, line in enumerate(text.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        name, _, code = line.strip().rpartition(" ")
        if not code.isdecimal() or leads_out(name):
            raise InputError(f"{text}, line {number}: expected a file name and a code, found {line.strip()!r}")
        file = first_existing(folder, (f"images/{name}", name)) or folder / "images" / name
        _add(listing, file.relative_to(root).as_posix(), split, int(code), f"{split}/{name}")


def _list_table(root: Path, table: Path, split: str, listing: Listing) -> None:
    names = ["subDirectory_filePath", "expression"]
    frame = pd.read_csv(table, dtype={names[0]: "str"})
    if names[0] not in frame:  # copies without a header are about; the columns keep their places
        frame = pd.read_csv(table, header=None).rename(columns={0: names[0], 6: names[1]})
    if any(name not in frame for name in names):
        raise InputError(f"{table}: expected the columns {' and '.join(names)}, found {', '.join(map(str, frame))}")
    images = first_existing(root, ("Manually_Annotated_Images", "Manually_Annotated/Manually_Annotated_Images"))
    if images is None:
        raise InputError(
            f"{root / 'Manually_Annotated_Images'}: no such folder; the images of {table.name} belong there"
        )
    for name, code in zip(frame[names[0]], frame[names[1]], strict=True):
        if leads_out(name):
            raise InputError(f"{table}: {name} leads out of {images}")
        _add(listing, (images / name).relative_to(root).as_posix(), split, int(code), f"{split}/{name}")


def _add(listing: Listing, path: str, split: str, code: int, key: str) -> None:
    if code in AFFECTNET:
        listing.images.append(Listed(path, split, AFFECTNET[code], str(PurePosixPath(key).with_suffix(""))))
    else:
        label = _OTHERS.get(code, str(code))
        listing.skipped.append(Skipped(path, split, label, f"{label} is none of the seven emotions"))
