"""Folders for splits and classes: `train/happy/a.jpg`, `DATASET/Test/7/b.png`, `valid_set/3_happiness/c.webp`.

Classes are English names. What numbers mean is the layout's to say: in RAF-DB's they run from 1 (surprise), or from 0
(neutral) as EfficientFace documents it, in AffectNet's from 0 (neutral). Of other sets nothing is guessed: `classes`
tells.
"""

import re
from collections import Counter
from pathlib import PurePosixPath

from synface.core.emotions import AFFECTNET, Emotion
from synface.core.errors import InputError
from synface.dataset.layouts.folder import SetFolder, is_image_name
from synface.dataset.layouts.rows import none_of_seven
from synface.dataset.layouts.words import (
    AFFECTNET_CODES,
    EMOTIONS,
    NAMED,
    OTHERS,
    RAF_DB_CODES,
    Classes,
    codes,
    mean_anything,
    part_named,
    plain,
)
from synface.dataset.listing import Listed, Listing

_FROM_0 = codes(AFFECTNET, {}, "0 (neutral) to 6 (anger)")
_KAGGLE = re.compile(r"class0*(\d+)")  # AffectNet's class001 (neutral) to class008 (contempt)
_ENOUGH = 500  # labelled images in which happiness, two fifths of RAF-DB, is the largest class beyond doubt


def has_class_folders(folder: SetFolder) -> bool:
    """Tell whether there are folders for classes, inside folders for splits or alone."""
    base = _base(folder)
    parts = _part_folders(folder, base)
    return any(_is_class(name) for above in parts or [base] for name in folder.folders_in(above))


def has_raf_db_folders(folder: SetFolder) -> bool:
    """Tell whether the folders for classes are numbers, and images are called as RAF-DB's are."""
    base = _base(folder)
    names = {name for above in _part_folders(folder, base) or [base] for name in folder.folders_in(above)}
    named = r"(?:train|test)_\d{4,5}(?:_aligned)?\.(?:jpg|png)"
    return any(_number(name) for name in names) and bool(folder.matching(named))


def list_class_folders(folder: SetFolder, layout: str, split: str, classes: Classes | None) -> Listing:
    """List folders for splits with folders for classes, or the latter alone where ``split`` says which they are.

    Args:
        folder: the set.
        layout: ``raf-db``, ``affectnet`` or ``class-folders``: what numbers mean.
        split: ``all``, ``train``, ``val`` or ``test``.
        classes: what the user says the folders' names mean.

    Raises:
        InputError: a folder of images that is neither a split nor a class, or a number that may mean anything.
    """
    base = _base(folder)
    parts = _part_folders(folder, base)
    if not parts and split == "all":
        raise InputError(
            f"{folder.root / base}: found folders for classes and neither train/ nor test/; for class folders "
            "alone set `split` to train, val or test, or `test_fraction`"
        )
    if not parts:
        parts = {base: split}
    for name in folder.folders_in(base):
        path = f"{base}/{name}".lstrip("/")
        if path not in parts and base not in parts and any(map(is_image_name, folder.below(path))):
            raise InputError(
                f"{folder.root / path}: images in a folder that is no split; expected train, val or test (or other "
                f"words for them) beside {', '.join(PurePosixPath(each).name for each in parts)}; "
                "rename it or take it away"
            )
    names = sorted({name for above in parts for name in folder.folders_in(above)})
    classes = classes or _classes_of(folder, layout, names)
    listing = Listing(beside={path for path in folder.by_folder.get(base, ()) if not is_image_name(path)})
    for above, part in parts.items():
        _list_part(folder, above, part, classes, listing)
    listing.images = _with_keys(listing.images, parts)
    if layout == "raf-db":
        _check_largest(folder, listing)
        if classes is _FROM_0:
            listing.note = "its folders 0 to 6 were read as neutral, happiness, sadness, surprise, fear, disgust, anger"
    return listing


def _list_part(folder: SetFolder, above: str, part: str, classes: Classes, listing: Listing) -> None:
    for name in folder.folders_in(above):
        path = f"{above}/{name}".lstrip("/")
        meaning = classes.meaning.get(plain(name))
        inside = folder.below(path)
        if meaning is None:
            if not any(map(is_image_name, inside)):
                continue
            raise InputError(
                f"{folder.root / path}: unknown class; expected {', '.join(EMOTIONS)}, or to be skipped "
                f"{', '.join(sorted(OTHERS))}"
                if classes is NAMED
                else f"{folder.root / path}: unknown class; expected {classes.told}"
            )
        for file in filter(is_image_name, inside):
            if isinstance(meaning, Emotion):
                listing.images.append(Listed(file, part, meaning, ""))
            else:
                listing.skipped.append(none_of_seven(file, part, meaning))


def _with_keys(images: list[Listed], parts: dict[str, str]) -> list[Listed]:
    """Return the images with keys of split and file, and of the class where another image would share them."""
    above = sorted(parts, key=len, reverse=True)
    short, long = [], []
    for image in images:
        top = next(each for each in above if image.path.startswith(f"{each}/" if each else ""))
        inside = PurePosixPath(image.path).relative_to(top or ".").with_suffix("")
        name = str(inside.relative_to(inside.parts[0])).removesuffix("_aligned")
        short.append(name if re.fullmatch(rf"{image.split}_\d+", name) else f"{image.split}/{name}")
        long.append(f"{image.split}/{image.emotion.label}/{name}")
    users = Counter(short)
    numbered = all(_number(PurePosixPath(image.path).parent.name) for image in images)
    return [
        Listed(image.path, image.part, image.emotion, brief if numbered and users[brief] == 1 else full)
        for image, brief, full in zip(images, short, long, strict=True)
    ]


def _classes_of(folder: SetFolder, layout: str, names: list[str]) -> Classes:
    numbers = {_number(name) for name in names} - {None}
    if not numbers:
        kaggle = {name: int(match[1]) for name in names if (match := _KAGGLE.fullmatch(name.lower()))}
        if layout == "affectnet" and kaggle:
            meaning = {plain(name): AFFECTNET_CODES.meaning.get(str(code - 1)) for name, code in kaggle.items()}
            return Classes({name: found for name, found in meaning.items() if found}, "class001 to class008")
        return NAMED
    if layout == "affectnet":
        return AFFECTNET_CODES
    if layout == "raf-db" and "0" not in numbers:
        return RAF_DB_CODES
    if layout == "raf-db" and numbers <= set(_FROM_0.meaning):
        return _FROM_0
    raise InputError(f"{folder.root}: its folders for classes {mean_anything(filter(None, numbers))}")


def _check_largest(folder: SetFolder, listing: Listing) -> None:
    """Happiness is RAF-DB's largest class: another one says that the folders are in another order."""
    counts = Counter(image.emotion for image in listing.images)
    if sum(counts.values()) < _ENOUGH:
        return
    largest = max(counts, key=lambda emotion: counts[emotion])
    if largest != Emotion.HAPPINESS and counts[largest] > counts[Emotion.HAPPINESS]:
        path = next(image.path for image in listing.images if image.emotion == largest)
        raise InputError(
            f"{folder.root}: its largest class, {PurePosixPath(path).parent.name}, would be {largest.label}, and "
            "RAF-DB's is happiness: its folders are in another order; say what they are with `classes`"
        )


def _base(folder: SetFolder) -> str:
    """Return the folder in which the splits or classes lie: the top, or what alone lies in it."""
    base = ""
    while True:
        names = folder.folders_in(base)
        if len(names) != 1 or part_named(names[0]) or _is_class(names[0]):
            return base
        base = f"{base}/{names[0]}".lstrip("/")


def _part_folders(folder: SetFolder, base: str) -> dict[str, str]:
    """Return the folders of splits in ``base``: path -> part."""
    named = {f"{base}/{name}".lstrip("/"): part_named(name) for name in folder.folders_in(base)}
    return {path: part for path, part in named.items() if part}


def _is_class(name: str) -> bool:
    label = plain(name)
    return label in EMOTIONS or label in OTHERS or bool(_number(name)) or bool(_KAGGLE.fullmatch(label))


def _number(name: str) -> str | None:
    return plain(name) if name.isdecimal() and len(name) <= 2 else None
