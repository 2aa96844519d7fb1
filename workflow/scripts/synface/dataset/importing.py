"""Importing: a natural set, in the layout in which people have it, becomes a dataset like all others."""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from synface.core.counts import Counts, read_counts, scaled_counts
from synface.core.draws import keyed_order
from synface.core.errors import InputError
from synface.core.ids import source_ids
from synface.core.images import decode_image, encode_png, picture_key
from synface.core.progress import progress
from synface.core.tables import write_table
from synface.dataset.cropping import Crop, crop_for
from synface.dataset.describing import describe_dataset
from synface.dataset.kinds import Origin
from synface.dataset.layouts.known import LAYOUTS, Asked, classes_given, list_images
from synface.dataset.listing import Listed, Listing, Skipped
from synface.dataset.writing import file_name, write_images, write_tables

logger = logging.getLogger(__name__)

REJECTS = ["path", "split", "label", "reason"]
FILES = ["path", "sha256", "file_name", "reason"]
_WHAT = {"photographs": "Photographs of faces, labelled by people", "drawings": "Faces drawn by this study itself,"}


def import_dataset(
    *,
    layout: str,
    path: Path | str,
    images: Path | str,
    metadata: Path | str,
    counts: Path | str,
    card: Path | str,
    rejects: Path | str,
    name: str,
    split: str,
    origins: Sequence[Origin],
    test_fraction: float | None = None,
    digest: Path | str | None = None,
    files: Path | str | None = None,
    failed: Path | str | None = None,
    classes: Mapping[str, str | None] | None = None,
    table: Mapping[str, Any] | None = None,
    crop: Mapping[str, Any] | None = None,
    leaks: str = "drop",
    made_by: str = "",
    like: Path | str | None = None,
    fraction: float = 1.0,
    keep: Sequence[str] | None = None,
) -> None:
    """Copy a natural set into the dataset ``name``: its image files byte for byte, or the faces that are cut out.

    Args:
        layout: one of `LAYOUTS`, or ``auto``.
        path: the set's folder.
        images: folder to write.
        metadata: table to write, last.
        counts: table of counts to write.
        card: README.md to write, with what else describes the set beside it.
        rejects: table to write: `REJECTS` of every file that is there or listed and is not taken.
        name: of the dataset, which is also the ``source`` of its images.
        split: ``all``, ``train``, ``val`` or ``test``; val and test become ``test``.
        origins: what it is made of, this set first; see `synface.dataset.kinds`.
        test_fraction: see `Asked`.
        digest: see `describe_dataset`.
        files: table to write: `FILES` of every file in the folder: what it became, or why it did not.
        failed: table to write where the import ends with an error: the rejects; no other file is left then.
        classes: what labels or folders mean, where the layout does not say it; see `classes_given`.
        table: the columns of the layout ``table``; see `layouts.table.list_table`.
        crop: see `crop_for`; its method None is ``box`` where the set has boxes, else ``as-is``.
        leaks: what becomes of a training image that is the same picture as a test image: ``refuse`` ends the import,
            ``drop`` rejects it, ``tell`` takes it.
        made_by: what made the images of an external set; "" for photographs.
        like: counts.csv of the set whose counts per class and split are met exactly; None takes all.
        fraction: of those counts.
        keep: columns of the set's table that are kept in ``files``.

    Raises:
        InputError: the folder has not this layout, fewer than half of the images that are asked for can be used, or a
            picture is in train and in test.
    """
    root = Path(path)
    asked = Asked(split, test_fraction, classes_given(classes) if classes else None, table, tuple(keep or ()))
    layout, listing = list_images(layout, root, asked)
    if listing.synthetic and not made_by:
        raise InputError(
            f"datasets.{name}.natural.path: {root} is a dataset of synface with edited faces, which is never called "
            "natural; give it as `external`, with what made it"
        )
    cutting = _crop_of(listing, crop)
    work = _Work(root, crop_for(cutting) if cutting else None, leaks, skipped=list(listing.skipped))
    if like is not None:
        work.room = scaled_counts(read_counts(like), fraction)
    ids = source_ids(image.key for image in listing.images)
    try:
        sums = write_images(work.images_of(listing.images, ids), images)
    except InputError as error:
        if failed is None:
            raise
        write_table(work.rejects(), failed)
        raise InputError(f"{error} (all are listed in {failed})") from error
    write_table(work.rejects(), rejects)
    manifest = work.manifest(listing)
    if files is not None:
        write_table(manifest, files)
    frame = pd.DataFrame(work.rows).assign(dataset=name, source=name)
    if made_by:
        frame = frame.assign(edit="external", generator=made_by)
    logger.info("%s: %d images imported from %s, %d not taken", name, len(frame), path, len(work.skipped))
    totals = frame["split"].value_counts()
    cut = cutting["method"] if cutting else "as-is"
    unchanged = "files are unchanged" if cut == "as-is" else f"the faces were cut out of their photographs ({cut})"
    write_tables(frame, sums, images=images, metadata=metadata, counts=counts)
    describe_dataset(
        card,
        metadata=metadata,
        digest=digest,
        name=name,
        what=(f"Faces made by `{made_by}`" if made_by else _WHAT[origins[0]["kind"]])
        + f" with one of seven emotions, as found on the user's disk in the layout `{layout}`; {unchanged}."
        + (f" Note: {listing.note}." if listing.note else ""),
        recipe={
            "layout": layout,
            "split": split,
            "classes": ", ".join(f"{key}: {label or 'dropped'}" for key, label in (classes or {}).items()),
            "crop": {key: value for key, value in (cutting or {}).items() if value not in (None, 0.0)},
            "files in the folder": f"{len(work.read):,}, each of them in `files.csv`",
            "not taken (`rejects.csv`)": work.summary(),
            "images of the complete published set, for comparison": {
                part: f"{number:,} (here {totals.get(part, 0):,})" for part, number in LAYOUTS[layout].complete.items()
            },
        },
        origins=[{**origin, "terms": LAYOUTS[layout].terms} for origin in origins],
    )


@dataclass
class _Work:
    """One import on its way: what was taken, what was not, and what each file of the folder holds."""

    root: Path
    crop: Crop | None
    leaks: str
    skipped: list[Skipped]
    rows: list[dict[str, str]] = field(default_factory=list)
    read: dict[str, str] = field(default_factory=dict)
    """SHA-256 of every file that could be read, by path."""
    tested: dict[str, str] = field(default_factory=dict)
    """Path of every test image, by its picture."""
    room: Counts | None = None
    """How many images of each split and label may still come; None for as many as there are."""
    leaking: list[tuple[str, str]] = field(default_factory=list)
    """(training image, test image) that are the same picture."""

    def images_of(self, listed: list[Listed], ids: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
        """Yield (file_name, bytes) of each image that can be used."""
        seen: set[str] = set()
        # Test images first: of a picture in both splits it is the training image that goes.
        for image in progress(self._in_order(listed), what="images"):
            cell = (image.split, image.emotion.label)
            if self.room is not None and not self.room[cell]:
                reason = "is beyond the counts of the set that is imitated"
                self.skipped.append(Skipped(image.path, image.part, image.emotion.label, reason, fault=False))
                continue
            try:
                item = ids[image.key]
                if item in seen:
                    raise InputError("has the name of another image")
                suffix, data = self._face(image)
            except (InputError, OSError) as error:
                told = f"cannot be opened ({error.strerror})" if isinstance(error, OSError) else str(error)
                reason = told.removeprefix("file: ")
                self.skipped.append(Skipped(image.path, image.part, image.emotion.label, reason))
                continue
            seen.add(item)
            if self.room is not None:
                self.room[cell] -= 1
            name = file_name(image.split, image.emotion.label, item, suffix)
            self.rows.append(
                {
                    "file_name": name,
                    "label": image.emotion.label,
                    "split": image.split,
                    "source_id": item,
                    "path": image.path,
                    "kept": image.kept,
                }
            )
            yield name, data
        self._check()

    def _in_order(self, listed: list[Listed]) -> list[Listed]:
        """Return test images first, and where not all are taken, in an order that one image more hardly changes."""
        if self.room is None:
            return sorted(listed, key=lambda image: image.split)
        place = {key: rank for rank, key in enumerate(keyed_order(0, "like", {image.key for image in listed}))}
        return sorted(listed, key=lambda image: (image.split, place[image.key]))

    def _face(self, image: Listed) -> tuple[str, bytes]:
        data = image.read() if image.read else self._bytes(image.path)
        pixels = decode_image(data, "file")
        if self.crop is not None:
            pixels = self.crop(pixels, image.box)
        self._compare(image, pixels)
        return (_suffix_of(image), data) if self.crop is None else (".png", encode_png(pixels))

    def _compare(self, image: Listed, pixels: np.ndarray) -> None:
        if (pixels == pixels[0, 0]).all():
            return  # of one color: nothing in it could be known
        picture = picture_key(pixels)
        if image.split == "test":
            self.tested.setdefault(picture, image.path)
        elif picture in self.tested and self.leaks != "tell":
            self.leaking.append((image.path, self.tested[picture]))
            raise InputError(f"is the same picture as a test image ({self.tested[picture]})")

    def _bytes(self, path: str) -> bytes:
        data = (self.root / path).read_bytes()
        self.read[path] = hashlib.sha256(data).hexdigest()
        return data

    def _check(self) -> None:
        """Raise `InputError` where less than half can be used, with the commonest reasons, and for refused copies."""
        lacking = {cell: count for cell, count in (self.room or {}).items() if count}
        if lacking:
            told = ", ".join(f"{split} {label} {count:,}" for (split, label), count in lacking.items())
            raise InputError(
                f"{self.root}: there are too few images to be as many as the set that is imitated has: {told} lacking; "
                "lower `fraction`, or leave out `like`"
            )
        if self.leaking and self.leaks == "refuse":
            train, test = self.leaking[0]
            raise InputError(
                f"{self.root}: {len(self.leaking):,} training images are the same pictures as test images ({train} and "
                f"{test} first), which a model would know by heart; take them out, or set `leaks` to drop (them from "
                "training) or tell"
            )
        faults = [each for each in self.skipped if each.fault]
        if self.rows and len(faults) <= len(self.rows):
            return
        reasons = Counter(_kind(each.reason) for each in faults).most_common(3)
        told = "; ".join(f"{count:,}: {reason}" for reason, count in reasons) or "none has one of the seven emotions"
        first = f"; the first: {faults[0].path}: {faults[0].reason}" if faults else ""
        raise InputError(
            f"{self.root}: of {len(self.rows) + len(faults):,} labelled images only {len(self.rows):,} can be used; "
            f"{told}{first}"
        )

    def rejects(self) -> pd.DataFrame:
        """Return what was not taken, by path."""
        rows = [
            (each.path, {"val": "test"}.get(each.part, each.part), each.label, each.reason) for each in self.skipped
        ]
        return pd.DataFrame(sorted(rows), columns=REJECTS)

    def manifest(self, listing: Listing) -> pd.DataFrame:
        """Return a row for every file of the folder and every image inside a table; all are accounted for."""
        became = [(row["path"], row["file_name"], "") for row in self.rows]
        became += [(each.path, "", each.reason) for each in self.skipped]
        told = {path for path, _, _ in became}
        became += [(path, "", "tells the labels, or belongs to the layout") for path in listing.beside - told]
        for path in listing.beside | {each.path for each in self.skipped}:
            if path not in self.read and (self.root / path).is_file():
                try:
                    self._bytes(path)
                except OSError:
                    logger.info("%s: not readable", path)
        assert set(self.read) <= {path for path, _, _ in became}
        rows = [(path, self.read.get(path, ""), file, reason) for path, file, reason in sorted(became)]
        kept = pd.DataFrame({row["file_name"]: row["kept"] for row in self.rows if row["kept"]}).T
        return pd.DataFrame(rows, columns=FILES).join(kept, on="file_name")

    def summary(self) -> str:
        """Count what was not taken, by what was wrong."""
        reasons = Counter(_kind(each.reason) for each in self.skipped)
        return "; ".join(f"{count:,}: {reason}" for reason, count in reasons.most_common()) or "none"


def _crop_of(listing: Listing, crop: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the settings of the crop with the method that is meant; None for none."""
    settings = dict(crop or {"method": None, "margin": 0.0, "size": None})
    if settings["method"] is None:
        settings["method"] = "box" if any(image.box for image in listing.images) else "as-is"
    return settings if settings["method"] != "as-is" else None


def _suffix_of(image: Listed) -> str:
    """Return the suffix of an image's file, as it is written."""
    return PurePosixPath(image.path).suffix.lower() or ".png"


def _kind(reason: str) -> str:
    """Return a reason without what is special about one file, which stands in parentheses."""
    return reason.split(" (")[0]
