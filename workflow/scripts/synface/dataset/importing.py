"""Importing: a natural set, in the layout in which people have it, becomes a dataset like all others."""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path, PurePosixPath

import pandas as pd

from synface.core.counts import count_images
from synface.core.errors import InputError
from synface.core.ids import source_ids
from synface.core.images import SUFFIXES, decode_image
from synface.core.progress import progress
from synface.core.tables import write_table
from synface.dataset import affectnet, raf_db
from synface.dataset.card import write_card
from synface.dataset.class_folders import list_class_folders
from synface.dataset.listing import Listed, Listing, Skipped
from synface.dataset.writing import file_name, write_images, write_tables

logger = logging.getLogger(__name__)

LAYOUTS = ("raf-db", "affectnet", "class-folders")
_KNOWN = {
    "raf-db": (raf_db.COMPLETE, "RAF-DB itself is for non-commercial research and may not be passed on"),
    "affectnet": (affectnet.COMPLETE, "AffectNet itself is for non-commercial research and may not be passed on"),
    "class-folders": ({}, ""),
}


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
) -> None:
    """Copy a natural set, its image files byte for byte, into the dataset ``name``.

    Args:
        layout: one of `LAYOUTS`.
        path: the set's folder.
        images: folder to write.
        metadata: table to write, last.
        counts: table of counts to write.
        card: README.md to write.
        rejects: table to write: path, split, label, reason of every file that is listed in the set and not taken.
        name: of the dataset, which is also the ``source`` of its images.
        split: ``all``, ``train``, or ``val`` for the published validation or test set, which becomes ``test``.

    Raises:
        InputError: the folder has not this layout, or fewer than half of the listed images can be read.
    """
    listing = list_images(layout, Path(path), split)
    ids = source_ids(image.key for image in listing.images)
    rows: list[dict[str, str]] = []
    skipped = list(listing.skipped)
    write_images(_read_images(Path(path), listing.images, ids, rows, skipped), images)
    write_table(pd.DataFrame(map(asdict, skipped), columns=["path", "split", "label", "reason"]), rejects)
    frame = pd.DataFrame(rows).assign(dataset=name, source=name)
    logger.info("%s: %d images imported from %s, %d not taken", name, len(frame), path, len(skipped))
    complete, terms = _KNOWN[layout]
    found = count_images(frame)
    totals = frame["split"].value_counts()
    write_card(
        card,
        name=name,
        what="Photographs of faces, labelled by people with one of seven emotions, as found on the user's disk in the "
        f"layout `{layout}`; files are unchanged.",
        counts=found,
        recipe={
            "layout": layout,
            "split": split,
            "not taken (`rejects.csv`)": _summary(skipped),
            "images of the complete published set, for comparison": {
                part: f"{number:,} (here {totals.get(part, 0):,})" for part, number in complete.items()
            },
        },
        sources=f"the images and labels of `{name}`" + (f" ({terms})" if terms else ""),
        synthetic=False,
    )
    write_tables(frame, metadata=metadata, counts=counts)


def list_images(layout: str, path: Path, split: str) -> Listing:
    """Return what the set at ``path`` lists, limited to ``split`` (``all``, ``train`` or ``val``)."""
    if not path.is_dir():
        raise InputError(f"{path}: expected the folder of a labelled set in the layout {layout}, found nothing there")
    if layout == "raf-db":
        listing = raf_db.list_raf_db(path)
    elif layout == "affectnet":
        listing = affectnet.list_affectnet(path)
    elif layout == "class-folders":
        listing = list_class_folders(path, split)
    else:
        raise InputError(f"layout {layout!r}: expected one of {', '.join(LAYOUTS)}")
    return listing if split == "all" else listing.of_split("train" if split == "train" else "test")


def _read_images(
    root: Path, listed: list[Listed], ids: dict[str, str], rows: list[dict[str, str]], skipped: list[Skipped]
) -> Iterator[tuple[str, bytes]]:
    """Yield (file_name, bytes) of each image that can be decoded; fill ``rows`` and ``skipped`` on the way."""
    before, seen = len(skipped), set()
    for image in progress(listed, what="images"):
        suffix = PurePosixPath(image.path).suffix.lower()
        try:
            if image.key in seen:
                raise InputError("listed twice; the first label is kept")
            if suffix not in SUFFIXES:
                raise InputError(f"the suffix is none of {', '.join(sorted(SUFFIXES))}")
            data = (root / image.path).read_bytes()
            decode_image(data, "file")
        except (InputError, OSError) as error:
            reason = (
                f"cannot be opened ({error.strerror})"
                if isinstance(error, OSError)
                else str(error).removeprefix("file: ")
            )
            skipped.append(Skipped(image.path, image.split, image.emotion.label, reason))
            continue
        seen.add(image.key)
        item = ids[image.key]
        name = file_name(image.emotion.label, item, suffix)
        rows.append({"file_name": name, "label": image.emotion.label, "split": image.split, "source_id": item})
        yield name, data
    failed = skipped[before:]
    if not rows or len(failed) > len(listed) / 2:
        first = f"; the first: {failed[0].path}: {failed[0].reason}" if failed else ""
        raise InputError(f"{root}: of {len(listed)} labelled images only {len(rows)} can be used{first}")


def _summary(skipped: list[Skipped]) -> str:
    """Count by what was wrong, without the details in parentheses."""
    reasons = Counter(image.reason.split(" (")[0] for image in skipped)
    return "; ".join(f"{count:,}: {reason}" for reason, count in reasons.most_common()) or "none"
