"""All layouts: which one a folder has, and what is in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from synface.core.counts import share
from synface.core.draws import keyed_order
from synface.core.emotions import Emotion
from synface.core.errors import InputError
from synface.dataset.layouts import affectnet, class_folders, expw, fer2013, raf_db, table
from synface.dataset.layouts.folder import SetFolder, is_image_name
from synface.dataset.layouts.words import NAMED, Classes, plain
from synface.dataset.listing import Listing, Skipped, unlisted


@dataclass(frozen=True)
class Asked:
    """What the configuration says about a set beside its place.

    Attributes:
        split: ``all``, ``train``, ``val`` or ``test``.
        test_fraction: of each class, what becomes the test split of a set that has no split; None for no such part.
        classes: what labels or folders mean, None where the layout says it.
        columns: of the layout ``table``.
        keep: further columns of a set's table that are kept.
    """

    split: str = "all"
    test_fraction: float | None = None
    classes: Classes | None = None
    columns: Mapping[str, Any] | None = None
    keep: Sequence[str] = ()

    @property
    def alone(self) -> str:
        """The part that images are in where the set tells none; ``all`` where nothing says it."""
        return "train" if self.split == "all" and self.test_fraction is not None else self.split


@dataclass(frozen=True)
class Form:
    """One form of a layout: whether a folder has it, and what it lists."""

    has: Callable[[SetFolder], bool]
    list: Callable[[SetFolder, Asked], Listing]


@dataclass(frozen=True)
class Layout:
    """A layout, with what it looks like and what of it is published."""

    forms: tuple[Form, ...]
    looks: str
    complete: Mapping[str, int]
    terms: str


def _folders_as(layout: str) -> Form:
    return Form(
        class_folders.has_class_folders,
        lambda folder, asked: class_folders.list_class_folders(folder, layout, asked.alone, asked.classes),
    )


def _terms(name: str) -> str:
    return f"{name} itself is for non-commercial research and may not be passed on"


LAYOUTS: Mapping[str, Layout] = {
    "synface": Layout(
        (Form(table.is_own, lambda folder, asked: table.list_metadata(folder, asked.alone, NAMED)),),
        "metadata.csv as synface writes it",
        {},
        "",
    ),
    "raf-db": Layout(
        (
            Form(raf_db.has_label_list, lambda folder, _asked: raf_db.list_label_list(folder)),
            _folders_as("raf-db"),
        ),
        "EmoLabel/list_patition_label.txt with Image/aligned/ or Image/original/ (as published), or train/ and test/ "
        "with folders 1 to 7 (Kaggle, POSTER++) or 0 to 6 (EfficientFace)",
        raf_db.COMPLETE,
        _terms("RAF-DB"),
    ),
    "affectnet": Layout(
        (
            Form(affectnet.has_phases, lambda folder, _asked: affectnet.list_phases(folder)),
            Form(affectnet.has_annotations, lambda folder, _asked: affectnet.list_annotations(folder)),
            Form(affectnet.has_texts, lambda folder, _asked: affectnet.list_texts(folder)),
            Form(affectnet.has_tables, lambda folder, _asked: affectnet.list_tables(folder)),
            _folders_as("affectnet"),
        ),
        "train_set/ or val_set/ with images/ and annotations/ (2021), training.csv or validation.csv with "
        "Manually_Annotated_Images/ (2017), affectnet.csv (DAN), train_set/train_annotations_7class.txt (POSTER), or "
        "train/ and val/ with folders 0 to 7",
        affectnet.COMPLETE,
        _terms("AffectNet"),
    ),
    "ferplus": Layout(
        (Form(fer2013.has_votes, lambda folder, _asked: fer2013.list_votes(folder)),),
        "FER2013Train/, FER2013Valid/ and FER2013Test/, each with label.csv",
        {"train": 28_709, "val": 3_589, "test": 3_589},
        "",
    ),
    "fer2013": Layout(
        (
            Form(
                lambda folder: fer2013.pixel_table(folder) is not None,
                lambda folder, _asked: fer2013.list_pixels(folder),
            ),
        ),
        "fer2013.csv with emotion, pixels and Usage",
        {"train": 28_709, "val": 3_589, "test": 3_589},
        "",
    ),
    "expw": Layout(
        (Form(expw.has_face_list, lambda folder, asked: expw.list_faces(folder, asked.alone)),),
        "image/ with label.lst",
        {},
        "ExpW itself is for non-commercial research",
    ),
    "hugging-face": Layout(
        (
            Form(
                lambda folder: bool(table.metadata_tables(folder)),
                lambda folder, asked: table.list_metadata(folder, asked.alone, asked.classes or NAMED, asked.keep),
            ),
            Form(
                lambda folder: bool(table.parquet_tables(folder)),
                lambda folder, asked: table.list_parquet(folder, asked.alone, asked.classes or NAMED),
            ),
        ),
        "metadata.csv or metadata.jsonl with file_name and label, or Parquet files with image and label",
        {},
        "",
    ),
    "class-folders": Layout(
        (_folders_as("class-folders"),),
        "train/ and test/ (or val/) with a folder for each emotion, or these folders alone",
        {},
        "",
    ),
    "table": Layout(
        (
            Form(
                lambda _folder: True,
                lambda folder, asked: table.list_table(
                    folder, asked.alone, asked.classes or NAMED, {**(asked.columns or {}), "keep": asked.keep}
                ),
            ),
        ),
        "a table that `table` describes",
        {},
        "",
    ),
}
"""In the order in which a folder is looked at; the last but one fits much, the last everything."""


def recognize(folder: SetFolder) -> str | None:
    """Return the layout that a folder has; None where it has none that one can tell."""
    for name, layout in LAYOUTS.items():
        if name == "table":
            return None
        forms = layout.forms
        if name in ("raf-db", "affectnet"):  # folders for classes alone are no sign of either
            forms = forms[:-1]
        if any(form.has(folder) for form in forms):
            if name == "class-folders" and class_folders.are_numbered(folder) and _has_raf_db_names(folder):
                return "raf-db"
            return name
    return None


def list_images(layout: str, path: Path, asked: Asked) -> tuple[str, Listing]:
    """Return the layout of the set at ``path`` and all of its files, listed, skipped or beside.

    Args:
        layout: one of `LAYOUTS`, or ``auto`` for the one that the folder has.
        path: the set's folder.
        asked: which part of it, and what its labels mean.

    Raises:
        InputError: the folder has another layout, or none.
    """
    folder = SetFolder.at(path)
    if not folder.files:
        raise InputError(f"{path}: expected a labelled set, found an empty folder")
    name = recognize(folder) if layout == "auto" else layout
    if name is None:
        raise InputError(
            f"{path}: its layout is none that is known; expected one of {', '.join(LAYOUTS)} (`table` takes any list), "
            f"found {_glimpse(folder)}"
        )
    form = next((form for form in LAYOUTS[name].forms if form.has(folder)), None)
    if form is None:
        other = recognize(folder)
        raise InputError(
            f"{path}: expected the layout {name}: {LAYOUTS[name].looks}; found "
            + (f"the layout {other}: set `layout: {other}`" if other else _glimpse(folder))
        )
    listing = form.list(folder, asked)
    if not listing.images and not listing.skipped:
        raise InputError(f"{path}: expected {LAYOUTS[name].looks}; found no labelled image in {_glimpse(folder)}")
    return name, with_test_part(_complete(folder, listing).limited_to(asked.split), asked)


def with_test_part(listing: Listing, asked: Asked) -> Listing:
    """Return the listing with the asked part of each class as test images, where it has training images alone."""
    if asked.test_fraction is None or asked.split != "all" or any(each.split == "test" for each in listing.images):
        return listing
    tested: set[str] = set()
    for emotion in Emotion:
        keys = [image.key for image in listing.images if image.emotion == emotion]
        tested.update(keyed_order(0, "test part", keys)[: share(asked.test_fraction, len(keys))])
    images = [
        replace(image, part="test", key=f"test/{image.key.removeprefix('train/')}") if image.key in tested else image
        for image in listing.images
    ]
    return replace(listing, images=images)


def classes_given(given: Mapping[str, str | None]) -> Classes:
    """Return the classes that a configuration tells: by label or folder, an emotion, or None for what is dropped."""
    meaning = {plain(name): Emotion.from_label(label) if label else f"class {name}" for name, label in given.items()}
    return Classes(meaning, f"what `classes` has: {', '.join(map(str, given))}")


def _complete(folder: SetFolder, listing: Listing) -> Listing:
    """Return the listing with every file that it does not mention, and what cannot be read, as skipped."""
    skipped = list(listing.skipped)
    images = []
    for image in listing.images:
        found = folder.files.get(image.path)
        if found is not None and found.problem:
            skipped.append(Skipped(image.path, image.part, image.emotion.label, found.problem))
        else:
            images.append(image)
    told = replace(listing, images=images, skipped=skipped)
    for path in unlisted(told, folder.files):
        problem = folder.files[path].problem
        if is_image_name(path) or problem:
            told.skipped.append(Skipped(path, "", "", problem or "is in no list and no class folder", bool(problem)))
        else:
            suffix = PurePosixPath(path).suffix or "none"
            told.skipped.append(Skipped(path, "", "", f"is no image (suffix {suffix})", fault=False))
    assert not unlisted(told, folder.files)
    return told


def _has_raf_db_names(folder: SetFolder) -> bool:
    return bool(folder.matching(r"(?:train|test)_\d{4,5}(?:_aligned)?\.(?:jpg|png)"))


def _glimpse(folder: SetFolder) -> str:
    names = [f"{name}/" for name in folder.folders_in("")] + folder.by_folder.get("", [])
    return f"{', '.join(names[:6])}{', …' if len(names) > 6 else ''}"
