"""From the rows of a label list to a listing: the one way for every layout that has a list."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from synface.core.emotions import Emotion
from synface.core.errors import InputError
from synface.dataset.layouts.folder import SetFolder, without_suffix
from synface.dataset.layouts.words import Classes, plain
from synface.dataset.listing import Listed, Listing, Skipped


@dataclass(frozen=True)
class Row:
    """What a list says of one image.

    Attributes:
        image: what the list calls it.
        label: as the list has it; empty for none.
        part: ``train``, ``val`` or ``test``.
        where: file, relative to the set, and line, for a sentence.
        key: see `Listed`; "" for split and name.
        box: four numbers or texts (left, top, right, bottom), None for none.
        read: see `Listed`.
        kept: see `Listed`.
    """

    image: str
    label: object
    part: str
    where: str
    key: str = ""
    box: Sequence[object] | None = None
    read: Callable[[], bytes] | None = None
    kept: Mapping[str, str] = field(default_factory=dict)


def listing_of(folder: SetFolder, rows: Iterable[Row], classes: Classes, folders: Sequence[str]) -> Listing:
    """Look up what the rows name, in ``folders`` of the set, and read their labels.

    An image that is listed with two labels is taken with neither; one that is listed twice alike is taken once. Where
    a set labels several faces of an image, each by its box, each is an image of its own.
    """
    listing = Listing()
    faces: dict[tuple[str, tuple[float, ...] | None], list[Listed]] = defaultdict(list)
    for row in rows:
        path = row.image if row.read else folder.find(row.image, folders)
        shown = path or _as_listed(row.image, folders)
        label = plain(row.label)
        meaning = classes.meaning.get(label)
        if not row.image.strip():
            listing.skipped.append(Skipped("", row.part, label, f"the list names no image ({row.where})"))
        elif not label:
            listing.skipped.append(Skipped(shown, row.part, "", f"has no label ({row.where})"))
        elif meaning is None:
            found = str(row.label).strip()
            reason = f"its label is none of {classes.told} ({found!r} in {row.where})"
            listing.skipped.append(Skipped(shown, row.part, str(row.label).strip(), reason))
        elif not isinstance(meaning, Emotion):
            listing.skipped.append(none_of_seven(shown, row.part, meaning))
        elif path is None:
            reason = f"is listed and is not there ({row.where})"
            listing.skipped.append(Skipped(shown, row.part, meaning.label, reason))
        else:
            try:
                box = box_of(row.box)
            except ValueError:
                reason = f"its face box is none ({', '.join(map(str, row.box or ()))} in {row.where})"
                listing.skipped.append(Skipped(path, row.part, meaning.label, reason))
                continue
            split = "train" if row.part == "train" else "test"
            key = row.key or str(PurePosixPath(split, without_suffix(row.image)))
            faces[path, box].append(Listed(path, row.part, meaning, key, box, row.read, row.kept))
    _add_faces(listing, faces)
    return listing


def box_of(given: Sequence[object] | None) -> tuple[float, float, float, float] | None:
    """Return (left, top, right, bottom) as numbers; ValueError for what is no box."""
    if given is None:
        return None
    left, top, right, bottom = (float(str(edge)) for edge in given)
    if not (all(map(math.isfinite, (left, top, right, bottom))) and right > left and bottom > top):
        raise ValueError("no box")
    return left, top, right, bottom


def _add_faces(listing: Listing, faces: dict) -> None:
    boxes: dict[str, int] = defaultdict(int)
    for path, _ in faces:
        boxes[path] += 1
    for (path, _), alike in faces.items():
        first = alike[0]
        labels = sorted({each.emotion.label for each in alike})
        parts = sorted({each.split for each in alike})
        if len(labels) > 1:
            reason = f"has contradictory labels ({' and '.join(labels)})"
            listing.skipped.append(Skipped(path, first.part, first.emotion.label, reason))
        elif len(parts) > 1:
            reason = "is listed for training and for testing, a contradiction"
            listing.skipped.append(Skipped(path, first.part, first.emotion.label, reason))
        else:
            again = [Skipped(path, each.part, each.emotion.label, "is listed again") for each in alike[1:]]
            listing.skipped += again
            listing.images.append(first)


def _as_listed(image: str, folders: Sequence[str]) -> str:
    return str(PurePosixPath(folders[0] if folders else "", image))


def none_of_seven(path: str, part: str, meaning: str) -> Skipped:
    """Return what is skipped for its class."""
    return Skipped(path, part, meaning, f"{meaning} is none of the seven emotions", fault=False)


def check_strictly(folder: SetFolder, rows: Iterable[Row], classes: Classes) -> list[Row]:
    """Return the rows; `InputError` for the first whose label is no class: of a list with one form only."""
    checked = list(rows)
    for row in checked:
        if plain(row.label) not in classes.meaning:
            raise InputError(
                f"{folder.root / row.where}: expected a label from {classes.told}, found {str(row.label)!r}"
            )
    return checked
