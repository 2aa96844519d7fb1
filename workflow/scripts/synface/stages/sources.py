"""Sources of portraits: which images a folder or zip file holds, under which id, in which split.

A portrait belongs to one split for good, so that every edit of it falls on the same side and no face leaks from
training into testing. Every portrait is decoded once, so that a damaged one is rejected before the split.
"""

import hashlib
import io
import logging
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO

import pandas as pd
from PIL import Image, UnidentifiedImageError

from synface.core.copies import Signature, find_copies, signature, stack
from synface.core.counts import read_counts, share
from synface.core.draws import keyed_order
from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.folders import files_in, is_clutter
from synface.core.ids import source_ids
from synface.core.images import FORMATS, MAX_PIXELS, decode_image
from synface.core.parts import Joined, parts_in, whole_of
from synface.core.progress import progress
from synface.core.tables import write_table
from synface.stages.deal import LARGEST, Demand, largest_share, needed_for
from synface.stages.licenses import LICENSES, read_licenses, reason_to_leave_out

logger = logging.getLogger(__name__)

# What lies beside the images of published sets. Every other file is taken for an image until its header says no.
_DOCUMENT_SUFFIX = re.compile(
    r"\.(json|txt|csv|tsv|md|rst|html?|xml|ya?ml|pdf|log|py|ipynb|sh|npy|npz|mat|pts|pkl|h5|zip|tar|gz|tgz|bz2|xz|7z|rar"
    r"|tfrecords?|lmdb|db|ini|md5|sha256|torrent|url)",
    re.IGNORECASE,
)
_DOCUMENT_NAMES = frozenset({"license", "licence", "readme", "copying", "notice", "authors", "makefile", "checksums"})
# FFHQ has each person as an aligned portrait, its thumbnail and the photograph behind it, under one number.
_FFHQ = re.compile(r"(?:.*/)?(images1024x1024|thumbnails128x128|in-the-wild-images)[^/]*/(?:.*/)?(\d{5})\.\w+")
_WILD = "in-the-wild-images"
INDEX = ["source_id", "path", "width", "height", "sha256", "split"]
REJECTS = ["path", "reason", "sha256"]
_USUAL_TEST_SHARE = 0.2  # RAF-DB's
_USUAL_SPARES = 0.1
_AT_ONCE = 512
_BUFFER = 1 << 16  # bytes
OpenFile = Callable[[str], IO[bytes]]
_MAX_BYTES = 1 << 29  # of one file; a zip member can promise more than any disk holds


def index_source(
    *,
    images: Path | str,
    index: Path | str,
    rejects: Path | str,
    test_fraction: float | None,
    seed: int,
    counts: Iterable[Path | str] = (),
    threads: int = 1,
    license_file: Path | str | None = None,
    licenses: Sequence[str] = LICENSES,
) -> None:
    """List the portraits in ``images``, each picture once, and give each an id and a split.

    Of a picture that is there several times, as in another size, mirrored or in a backup folder, the largest is taken:
    else its copies could fall on both sides of the split.

    Args:
        images: a folder, searched recursively, zip files in it (whole, or as .zip.001, .zip.002 ...) included, or a
            ``.zip`` file.
        index: written: `INDEX`, by source_id; the path is inside ``images``, width and height are pixels as stored.
        rejects: written: `REJECTS`; every file that looks like an image and is none that can be read.
        test_fraction: this share of the portraits, in [0, 1], rounded half up, becomes ``test``; None is what the sets
            that are imitated ask for, see `share_for_testing`.
        seed: of the draw of the split.
        counts: counts.csv of each of those sets.
        threads: that read and decode.
        license_file: FFHQ's list of portraits with their licenses, None to take all; see `read_licenses`.
        licenses: those that are taken.

    Raises:
        InputError: ``images`` does not exist, is no folder or zip, or holds no readable image.
    """
    rows: list[tuple] = []
    rejected: list[tuple[str, str, str]] = []
    pictures: list[Signature] = []
    with _open_files(images) as (found, open_file), ThreadPoolExecutor(threads) as pool:
        # So many at a time: a million results need not wait in memory.
        groups = (found[start : start + _AT_ONCE] for start in range(0, len(found), _AT_ONCE))
        examined = (each for group in groups for each in pool.map(partial(_examine, open_file), group))
        for each in progress(examined, total=len(found), what="portraits"):
            if isinstance(each[-1], Signature):
                rows.append(each[:-1])
                pictures.append(each[-1])
            else:
                rejected.append(each)
    if license_file is not None:
        known = read_licenses(license_file)
        told = [reason_to_leave_out(row[0], known, licenses) for row in rows]
        rejected += [(row[0], reason, row[3]) for row, reason in zip(rows, told, strict=True) if reason]
        pictures = [picture for picture, reason in zip(pictures, told, strict=True) if not reason]
        rows = [row for row, reason in zip(rows, told, strict=True) if not reason]
    rows, copies = leave_out_copies(rows, pictures)
    rejected += copies
    if not rows:
        reasons = Counter(reason.split(" (")[0] for _, reason, _ in rejected).most_common(3)
        told = f" ({'; '.join(f'{count:,}: {reason}' for reason, count in reasons)})" if reasons else ""
        raise InputError(
            f"{images}: {len(rejected)} files looked like images and none could be read{told}; expected portraits "
            "(PNG, JPEG, WebP, BMP or TIFF) in a folder, at any depth, or in .zip files"
        )
    frame = pd.DataFrame(rows, columns=INDEX[1:-1])
    ids = source_ids(frame["path"])
    frame.insert(0, "source_id", [ids[path] for path in frame["path"]])
    fraction = share_for_testing(counts, len(frame)) if test_fraction is None else test_fraction
    test = set(keyed_order(seed, "split", frame["source_id"])[: share(fraction, len(frame))])
    frame["split"] = ["test" if source_id in test else "train" for source_id in frame["source_id"]]
    logger.info(
        "%s: %d portraits, %d of them test, %d files rejected, %d of them copies",
        *(images, len(frame), len(test), len(rejected), len(copies)),
    )
    assert len(rows) + len(rejected) == len(found)
    write_table(pd.DataFrame(rejected, columns=REJECTS).sort_values("path"), rejects)
    write_table(frame.sort_values("source_id"), index)


def _examine(open_file: OpenFile, entry: tuple[str, str]) -> tuple:
    """Return (path, width, height, SHA-256, picture) of a file, or (path, reason, SHA-256) where it is no picture."""
    path, problem = entry
    data = b""
    try:
        if problem:
            raise InputError(problem)
        data = read_whole(open_file, path)
        width, height = _image_size(io.BytesIO(data))
        return path, width, height, _sha256(data), signature(decode_image(data, "file"))
    except InputError as error:
        return path, str(error).removeprefix("file: "), _sha256(data) if data else ""


def leave_out_copies(rows: list[tuple], pictures: list[Signature]) -> tuple[list[tuple], list[tuple[str, str, str]]]:
    """Return the rows (path, width, height, SHA-256) without copies, and (path, reason, SHA-256) of these.

    Of each group of copies the one with the most pixels stays, the first by path of several. What FFHQ
    has under one number is one portrait, however many there are; its unaligned photographs are taken where there is
    nothing else.
    """
    pairs = [(copy.first, copy.second) for copy in find_copies(stack(pictures))]
    pairs += _pairs_in_ffhq([row[0] for row in rows])
    stays = list(range(len(rows)))

    def group_of(place: int) -> int:
        while stays[place] != place:
            place = stays[place]
        return place

    for first, second in pairs:
        one, other = group_of(first), group_of(second)
        largest = min((one, other), key=lambda place: _rank(*rows[place][:3]))
        stays[one] = stays[other] = largest
    kept = [row for place, row in enumerate(rows) if group_of(place) == place]
    copies = [
        (row[0], f"is a copy of another portrait ({rows[group_of(place)][0]})", row[3])
        for place, row in enumerate(rows)
        if group_of(place) != place
    ]
    return kept, copies


def _pairs_in_ffhq(paths: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the places of paths that FFHQ has under one number, in its different folders."""
    first: dict[str, int] = {}
    for place, path in enumerate(paths):
        if found := _FFHQ.fullmatch(path):
            earlier = first.setdefault(found[2], place)
            if earlier != place:
                yield earlier, place


def _rank(path: str, width: int, height: int) -> tuple[bool, int, str]:
    """Return by what of several copies the one that is taken is the smallest."""
    found = _FFHQ.fullmatch(path)
    return bool(found and found[1] == _WILD), -width * height, path


def share_for_testing(counts: Iterable[Path | str], portraits: int) -> float:
    """Return the share of portraits for testing that sets with these counts.csv ask for; 0.2 where there is no set.

    It is that of the test images, usual spares included, in the largest part of a set that so many portraits allow: of
    few portraits more, since each class has at least one image in either split. Of several sets, the largest share.
    """
    shares = []
    for path in counts:
        demands = [Demand("", read_counts(path), LARGEST)]
        largest = largest_share(demands, _USUAL_SPARES, lambda needed: sum(needed.values()) <= portraits)
        needed = needed_for(demands, largest, _USUAL_SPARES)
        shares.append(sum(needed["test", label] for label in LABELS) / sum(needed.values()))
    return max(shares, default=_USUAL_TEST_SHARE)


@contextmanager
def open_source(images: Path | str) -> Iterator[Callable[[str], bytes]]:
    """Yield ``read(path) -> bytes`` for the paths that an index of ``images``, a folder or zip file, lists.

    ``read`` raises `InputError`, naming the path, for a file that is missing, outside ``images`` or damaged.
    """
    with _open_files(images, listing=False) as (_, open_file):

        def read(path: str) -> bytes:
            try:
                return read_whole(open_file, path)
            except InputError as error:
                raise InputError(f"{path} in {images}: {error}") from error

        yield read


def read_whole(open_file: OpenFile, path: str) -> bytes:
    """Return the bytes of a file; `InputError` with the reason, for one that is damaged or absurdly large."""
    with open_file(path) as file:
        try:
            data = file.read(_MAX_BYTES + 1)
        except (OSError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
            raise InputError(f"cannot be read ({error})") from error
    if len(data) > _MAX_BYTES:
        raise InputError(f"larger than {_MAX_BYTES >> 20} MiB")
    return data


@contextmanager
def _open_files(images: Path | str, listing: bool = True) -> Iterator[tuple[list[tuple[str, str]], OpenFile]]:
    """Yield (relative path, problem) of all files that may be images, sorted, and a function that opens one of them.

    A file in a zip file has the path of that file and its own inside it.
    """
    images = Path(images)
    if not images.is_dir() and not zipfile.is_zipfile(images):
        found = "a file that is no zip" if images.exists() else "nothing"
        found = "a part of one; give the folder that has all its parts" if whole_of(images.name) else found
        raise InputError(f"{images}: expected a folder of portraits or a .zip file, found {found}")
    with ExitStack() as stack:
        archives: dict[Path, zipfile.ZipFile] = {}

        def archive_at(path: Path) -> zipfile.ZipFile:
            if path not in archives:
                file = path if path.is_file() else stack.enter_context(_joined(path))
                archives[path] = stack.enter_context(zipfile.ZipFile(file))
            return archives[path]

        def open_file(path: str) -> IO[bytes]:
            parts = PurePosixPath(path).parts
            if not images.is_dir():
                return _open_member(archive_at(images), path)
            if PurePosixPath(path).is_absolute() or ".." in parts:
                raise InputError(f"leads out of {images}; index the source again")
            for depth in range(1, len(parts)):
                above = images.joinpath(*parts[:depth])
                if above.suffix.lower() == ".zip" and (above.is_file() or _first_part(above).is_file()):
                    return _open_member(archive_at(above), "/".join(parts[depth:]))
            try:
                return (images / path).open("rb")
            except OSError as error:
                raise InputError(f"cannot be opened ({error.strerror})") from error

        yield (sorted(_list_files(images, archive_at)) if listing else []), open_file


def _list_files(images: Path, archive_at: Callable[[Path], zipfile.ZipFile]) -> Iterator[tuple[str, str]]:
    if not images.is_dir():
        yield from ((name, "") for name in _members(archive_at(images)))
        return
    found = files_in(images)
    in_parts = parts_in((each.path for each in found if not each.problem), images)
    for whole, parts in in_parts.items():
        if any(each.path == whole for each in found):
            raise InputError(f"{images / whole}: is there whole and in parts, {parts[0]} first; keep one of them")
        try:
            yield from ((f"{whole}/{name}", "") for name in _members(archive_at(images / whole)))
        except (zipfile.BadZipFile, OSError) as error:
            raise InputError(
                f"{images / whole}: its {len(parts)} parts, {parts[-1]} the last, do not make up a zip file ({error}); "
                "a later part is missing, or one is damaged: download them again"
            ) from error
    for each in found:
        if whole_of(each.path) in in_parts:
            continue
        if each.path.lower().endswith(".zip") and not each.problem:
            try:
                yield from ((f"{each.path}/{name}", "") for name in _members(archive_at(images / each.path)))
            except (zipfile.BadZipFile, OSError) as error:
                yield each.path, f"not a readable zip file ({error})"
        elif each.problem or _may_be_image(each.path):
            yield each.path, each.problem


def _first_part(whole: Path) -> Path:
    return whole.with_name(f"{whole.name}.001")


def _joined(whole: Path) -> io.BufferedReader:
    """Open a zip file that is there in parts."""
    names = parts_in((path.name for path in whole.parent.iterdir()), whole.parent)[whole.name]
    return io.BufferedReader(Joined([whole.parent / name for name in names]), _BUFFER)


def _members(archive: zipfile.ZipFile) -> list[str]:
    names = {item.filename for item in archive.infolist() if not item.is_dir()}
    return [name for name in names if not is_clutter(name) and _may_be_image(name)]


def _open_member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """Members are read by name and never unpacked, so a name like ../../x cannot write anywhere."""
    try:
        return archive.open(name)
    except KeyError:
        raise InputError("is not in the zip file any more; index the source again") from None
    except (OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
        raise InputError(f"cannot be opened ({error})") from error


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _may_be_image(path: str) -> bool:
    name = PurePosixPath(path)
    return not _DOCUMENT_SUFFIX.fullmatch(name.suffix) and name.name.lower() not in _DOCUMENT_NAMES


def _image_size(file: IO[bytes]) -> tuple[int, int]:
    """Width and height from the header; `InputError` for no image or one too large to be read."""
    limit = Image.MAX_IMAGE_PIXELS
    try:
        Image.MAX_IMAGE_PIXELS = None  # our own limit, below, has a sentence
        with Image.open(file, formats=FORMATS) as image:
            width, height = image.size
    except UnidentifiedImageError as error:
        raise InputError("not a readable image (unknown format)") from error
    except Exception as error:  # Pillow's parsers raise many kinds for damaged files, struct.error among them
        raise InputError(f"not a readable image ({type(error).__name__})") from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit
    if width * height > MAX_PIXELS:
        raise InputError(f"{width} x {height} pixels, more than the {MAX_PIXELS} that are read")
    return width, height
