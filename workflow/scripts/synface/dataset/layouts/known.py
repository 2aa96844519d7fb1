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
from synface.dataset.layouts.words import Classes, plain
from synface.dataset.listing import Listing, Skipped, unlisted


@dataclass(frozen=True)
class Asked:
    """What the configuration says about a set beside its place.

    Attributes:
        split: ``all``, ``train``, ``val`` or ``test``.
        test_fraction: of each class, what becomes the test split of a set without test images; None for no such part.
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
    """One form of a layout.

    Attributes:
        has: tells whether a folder has it.
        list: lists the folder.
        tells: whether a folder that has it is of this layout and no other, so that `recognize` may say so.
        keeps: whether a table tells more of each image, so that `Asked.keep` can be met.
    """

    has: Callable[[SetFolder], bool]
    list: Callable[[SetFolder, Asked], Listing]
    tells: bool = True
    keeps: bool = False


@dataclass(frozen=True)
class Layout:
    """A layout, with what it looks like and what of it is published."""

    forms: tuple[Form, ...]
    looks: str
    complete: Mapping[str, int]
    terms: str


def _folders_as(
    layout: str, has: Callable[[SetFolder], bool] = class_folders.has_class_folders, *, tells: bool = False
) -> Form:
    return Form(
        has,
        lambda folder, asked: class_folders.list_class_folders(folder, layout, asked.alone, asked.classes),
        tells=tells,
    )


def _list_metadata(folder: SetFolder, asked: Asked) -> Listing:
    return table.list_metadata(folder, asked.alone, asked.classes, asked.keep)


def _terms(name: str) -> str:
    return f"{name} itself is for non-commercial research and may not be passed on"


LAYOUTS: Mapping[str, Layout] = {
    "synface": Layout(
        (Form(table.is_own, _list_metadata, keeps=True),),
        "metadata.csv as synface writes it",
        {},
        "",
    ),
    "raf-db": Layout(
        (
            Form(raf_db.has_label_list, lambda folder, asked: raf_db.list_label_list(folder, asked.classes)),
            _folders_as("raf-db", class_folders.has_raf_db_folders, tells=True),
            _folders_as("raf-db"),
        ),
        "EmoLabel/list_patition_label.txt with Image/aligned/ or Image/original/ (as published), or train/ and test/ "
        "with folders 1 to 7 (Kaggle, POSTER++) or 0 to 6 (EfficientFace)",
        raf_db.COMPLETE,
        _terms("RAF-DB"),
    ),
    "affectnet": Layout(
        (
            Form(affectnet.has_phases, lambda folder, asked: affectnet.list_phases(folder, asked.classes)),
            Form(affectnet.has_annotations, lambda folder, asked: affectnet.list_annotations(folder, asked.classes)),
            Form(affectnet.has_texts, lambda folder, asked: affectnet.list_texts(folder, asked.classes)),
            Form(affectnet.has_tables, lambda folder, asked: affectnet.list_tables(folder, asked.classes)),
            _folders_as("affectnet"),
        ),
        "train_set/ or val_set/ with images/ and annotations/ (2021), training.csv or validation.csv with "
        "Manually_Annotated_Images/ (2017), affectnet.csv (DAN), train_set/train_annotations_7class.txt (POSTER), or "
        "train/ and val/ with folders 0 to 7",
        affectnet.COMPLETE,
        _terms("AffectNet"),
    ),
    "ferplus": Layout(
        (Form(fer2013.has_votes, lambda folder, asked: fer2013.list_votes(folder, asked.classes)),),
        "FER2013Train/, FER2013Valid/ and FER2013Test/, each with label.csv",
        {"train": 28_709, "val": 3_589, "test": 3_589},
        "",
    ),
    "fer2013": Layout(
        (
            Form(
                lambda folder: fer2013.pixel_table(folder) is not None,
                lambda folder, asked: fer2013.list_pixels(folder, asked.classes),
            ),
        ),
        "fer2013.csv with emotion, pixels and Usage",
        {"train": 28_709, "val": 3_589, "test": 3_589},
        "",
    ),
    "expw": Layout(
        (Form(expw.has_face_list, lambda folder, asked: expw.list_faces(folder, asked.alone, asked.classes)),),
        "image/ with label.lst",
        {},
        "ExpW itself is for non-commercial research",
    ),
    "hugging-face": Layout(
        (
            Form(table.names_labels, _list_metadata, keeps=True),
            Form(
                lambda folder: bool(table.parquet_tables(folder)),
                lambda folder, asked: table.list_parquet(folder, asked.alone, asked.classes, asked.keep),
                keeps=True,
            ),
        ),
        "metadata.csv or metadata.jsonl with file_name and label, or Parquet files with image and label",
        {},
        "",
    ),
    "class-folders": Layout(
        (_folders_as("class-folders", tells=True),),
        "train/ and test/ (or val/) with a folder for each emotion, or these folders alone",
        {},
        "",
    ),
    "table": Layout(
        (
            Form(
                lambda _folder: True,
                lambda folder, asked: table.list_table(
                    folder, asked.alone, asked.classes, {**(asked.columns or {}), "keep": asked.keep}
                ),
                tells=False,
                keeps=True,
            ),
        ),
        "a table that `table` describes",
        {},
        "",
    ),
}
"""In the order in which a folder is looked at: what is particular comes first."""


def recognize(folder: SetFolder) -> str | None:
    """Return the layout that a folder has; None where it has none that one can tell."""
    found = (name for name, layout in LAYOUTS.items() for form in layout.forms if form.tells and form.has(folder))
    return next(found, None)


def list_images(layout: str, path: Path, asked: Asked) -> tuple[str, Listing]:
    """Return the layout of the set at ``path`` and all of its files, listed, skipped or beside.

    Args:
        layout: one of `LAYOUTS`, or ``auto`` for the one that the folder has.
        path: the set's folder.
        asked: which part of it, and what its labels mean.

    Raises:
        InputError: the folder has another layout, or none, or not what ``asked`` asks for.
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
    if asked.keep and not form.keeps:
        raise InputError(
            f"{path}: `keep` asks for the columns {', '.join(asked.keep)}, and the layout {name} as it is here has no "
            "table with columns of its own; leave `keep` out"
        )
    listing = form.list(folder, asked)
    if not listing.images and not listing.skipped:
        raise InputError(f"{path}: expected {LAYOUTS[name].looks}; found no labelled image in {_glimpse(folder)}")
    limited = _complete(folder, listing).limited_to(asked.split)
    if listing.images and not limited.images:
        parts = ", ".join(sorted({image.part for image in listing.images}))
        raise InputError(
            f"{path}: `split` is {asked.split}, and the labelled images are in {parts}; expected one of these, or all"
        )
    if asked.test_fraction is None or any(image.split == "test" for image in limited.images):
        return name, limited
    return name, _with_test_part(limited, asked.test_fraction)


def _with_test_part(listing: Listing, fraction: float) -> Listing:
    """Return a listing of training images with ``fraction`` of each class as test images."""
    tested: set[str] = set()
    for emotion in Emotion:
        keys = [image.key for image in listing.images if image.emotion == emotion]
        tested.update(keyed_order(0, "test part", keys)[: share(fraction, len(keys))])
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


def _glimpse(folder: SetFolder) -> str:
    names = [f"{name}/" for name in folder.folders_in("")] + folder.by_folder.get("", [])
    return f"{', '.join(names[:6])}{', …' if len(names) > 6 else ''}"
