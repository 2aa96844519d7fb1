"""RAF-DB's basic set (Li & Deng, 2017) as published, and in the form found on Kaggle.

Published: `EmoLabel/list_patition_label.txt` (their spelling) with lines `train_00001.jpg 5` and the 100 x 100 faces in
`Image/aligned/train_00001_aligned.jpg`. Kaggle: `DATASET/{train,test}/{1..7}/`. Codes run from 1 in both.
"""

from pathlib import Path, PurePosixPath

from synface.core.emotions import RAF_DB, Emotion
from synface.core.errors import InputError
from synface.core.images import SUFFIXES
from synface.dataset.listing import Listed, Listing, Skipped, first_existing, leads_out

COMPLETE = {"train": 12_271, "test": 3_068}
_LABELS = "EmoLabel/list_patition_label.txt"


def list_raf_db(root: Path) -> Listing:
    """List what is in ``root``, or in ``basic/`` inside it; `InputError` says what was expected."""
    if labels := first_existing(root, (_LABELS, f"basic/{_LABELS}")):
        return _list_published(root, labels)
    for folder in (root / "DATASET", root):
        if (folder / "train").is_dir() and (folder / "test").is_dir():
            return _list_kaggle(root, folder)
    raise InputError(
        f"{root}: found neither {_LABELS} with Image/aligned/ (RAF-DB as published; unpack aligned.zip) nor "
        "DATASET/train/1 to DATASET/test/7 (its form on Kaggle)"
    )


def _list_published(root: Path, labels: Path) -> Listing:
    aligned = labels.parent.parent / "Image" / "aligned"
    if not aligned.is_dir():
        raise InputError(f"{aligned}: no such folder; RAF-DB's aligned faces belong there (unpack aligned.zip)")
    present = {path.name for path in aligned.iterdir()}
    listing = Listing()
    for number, line in enumerate(labels.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        name, _, code = line.strip().rpartition(" ")
        emotion = _emotion(code, f"{labels}, line {number}")
        split = next((split for split in ("train", "test") if name.startswith(split)), None)
        if split is None or leads_out(name):
            raise InputError(f"{labels}, line {number}: expected train_… or test_… and a label, found {line.strip()!r}")
        stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
        file = f"{stem}_aligned{suffix}"
        if file not in present and name in present:
            file = name
        listing.images.append(Listed((aligned / file).relative_to(root).as_posix(), split, emotion, stem))
    return listing


def _list_kaggle(root: Path, folder: Path) -> Listing:
    listing = Listing()
    for split in ("train", "test"):
        for labelled in sorted(path for path in (folder / split).iterdir() if path.is_dir()):
            emotion = _emotion(labelled.name, str(labelled))
            for file in sorted(path for path in labelled.iterdir() if path.is_file()):
                path = file.relative_to(root).as_posix()
                if file.suffix.lower() not in SUFFIXES:
                    listing.skipped.append(Skipped(path, split, labelled.name, "the suffix is none of an image"))
                    continue
                stem = file.stem.removesuffix("_aligned")
                listing.images.append(
                    Listed(path, split, emotion, stem if stem.startswith(split) else f"{split}/{stem}")
                )
    return listing


def _emotion(code: str, where: str) -> Emotion:
    if not code.isdecimal() or int(code) not in RAF_DB:
        raise InputError(f"{where}: expected a label from 1 (surprise) to 7 (neutral), found {code!r}")
    return RAF_DB[int(code)]
