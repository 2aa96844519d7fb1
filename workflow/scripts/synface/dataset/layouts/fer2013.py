"""FER2013 (Goodfellow et al., 2013) and its relabelling FER+ (Barsoum et al., 2016), as their tables have them.

`fer2013.csv` or `icml_face_data.csv`: emotion, pixels (48 x 48 grey values), Usage. FER+ as Microsoft's script writes
it: `FER2013Train/fer0000000.png` with `FER2013Train/label.csv`: name, box, and the votes of ten people for neutral,
happiness, surprise, sadness, anger, disgust, fear, contempt, unknown and no face. `fer2013new.csv` has the same votes
for the rows of fer2013.csv. PublicTest (and FER2013Valid) is the validation part, PrivateTest the test part.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath

import cv2
import numpy as np

from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.dataset.layouts.folder import SetFolder, first_of, is_image_name
from synface.dataset.layouts.rows import Row, listing_of
from synface.dataset.layouts.texts import read_rows
from synface.dataset.layouts.words import FER2013_CODES, NAMED, Classes, part_named
from synface.dataset.listing import Listing

_PIXELS = r"(?:fer2013|icml_face_data|train|test)[^/]*\.csv"
_VOTES = r"FER2013(?:Train|Valid|Test)/label\.csv"
_VOTED_FOR = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "nf")


def pixel_table(folder: SetFolder) -> str | None:
    """Return the table of grey values, if there is one."""
    return first_of(path for path in folder.matching(_PIXELS) if _header_has(folder, path, "pixels"))


def list_pixels(folder: SetFolder, classes: Classes | None) -> Listing:
    """List FER2013's own labels, or FER+'s where `fer2013new.csv` lies beside them; ``classes`` may say otherwise."""
    table = pixel_table(folder)
    assert table is not None
    place = folder.root / table
    frame = read_rows(place)
    frame.columns = [str(name).lower() for name in frame.columns]
    votes = first_of(folder.matching(r"fer2013new\.csv"))
    if "usage" not in frame:
        frame["usage"] = part_named(PurePosixPath(table).stem) or "Training"
    if missing := [name for name in ("emotion", "pixels") if name not in frame]:
        raise InputError(f"{place}: expected the columns emotion, pixels and Usage, found no {missing[0]}")
    labels = frame["emotion"].tolist()
    if votes:
        voted = read_rows(folder.root / votes)
        if len(voted) != len(frame):
            raise InputError(
                f"{folder.root / votes}: {len(voted)} rows for the {len(frame)} images of {table}; expected as many"
            )
        labels = [_most_votes(list(line)[-len(_VOTED_FOR) :], str(folder.root / votes)) for line in voted.to_numpy()]
    rows = []
    for index, (number, label, pixels, usage) in enumerate(
        zip(frame.index, labels, frame["pixels"], frame["usage"], strict=True)
    ):
        part = part_named(usage)
        where = f"{table}, line {number}"
        if part is None:
            raise InputError(
                f"{folder.root / where}: expected the Usage Training, PublicTest or PrivateTest, found {usage!r}"
            )
        read: Callable[[], bytes] = partial(_encode, pixels, where)
        rows.append(Row(f"{table}/{index:05d}.png", label, part, where, read=read))
    listing = listing_of(folder, rows, classes or (NAMED if votes else FER2013_CODES), [""])
    listing.beside = set(folder.files) - {path for path in folder.files if is_image_name(path)}
    return listing


def has_votes(folder: SetFolder) -> bool:
    """Tell whether there is FER+ in Microsoft's form."""
    return bool(folder.matching(_VOTES))


def list_votes(folder: SetFolder, classes: Classes | None) -> Listing:
    """List FER+ in Microsoft's form; the emotion with the most votes is the label, no other as many.

    ``classes`` may say what becomes of one, by its name.
    """
    rows = [row for table in folder.matching(_VOTES) for row in _vote_rows(folder, table)]
    listing = listing_of(folder, rows, classes or NAMED, [""])
    listing.beside |= {path for path in folder.files if not is_image_name(path)}
    return listing


def _vote_rows(folder: SetFolder, table: str) -> Iterator[Row]:
    above = table.rpartition("/")[0]
    part = part_named(PurePosixPath(above).name.removeprefix("FER2013")) or ""
    frame = read_rows(folder.root / table, header=False)
    for number, fields in zip(frame.index, frame.to_numpy(), strict=True):
        where = f"{table}, line {number}"
        if len(fields) != 2 + len(_VOTED_FOR):
            raise InputError(
                f"{folder.root / where}: expected a name, a box and {len(_VOTED_FOR)} votes, found {len(fields)} fields"
            )
        yield Row(f"{above}/{fields[0]}", _most_votes(list(fields[2:]), str(folder.root / where)), part, where)


def _most_votes(votes: list[str], where: str) -> str:
    """Return what has the most votes; "" for a tie, which is no label."""
    try:
        counts = [int(vote) for vote in votes]
    except ValueError:
        raise InputError(f"{where}: expected {len(_VOTED_FOR)} numbers of votes, found {', '.join(votes)}") from None
    most = max(counts)
    return _VOTED_FOR[counts.index(most)] if counts.count(most) == 1 and most > 0 else ""


def _encode(pixels: str, where: str) -> bytes:
    """Return a square image of grey values, written with spaces, as PNG."""
    try:
        values = np.array(pixels.split(), dtype=np.int64)
    except ValueError:
        raise InputError(f"its grey values are no numbers ({where})") from None
    side = round(len(values) ** 0.5)
    if not len(values) or side * side != len(values) or values.min() < 0 or values.max() > 255:
        raise InputError(f"its grey values are no square image of 0 to 255 ({len(values)} in {where})")
    grey = values.astype(np.uint8).reshape(side, side)
    return encode_png(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB))


def _header_has(folder: SetFolder, table: str, name: str) -> bool:
    try:
        with (folder.root / table).open(encoding="utf-8-sig", errors="replace") as file:
            return name in file.readline(10_000).lower()
    except OSError:
        return False
