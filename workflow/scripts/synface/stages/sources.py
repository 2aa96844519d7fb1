"""Sources of portraits: which images a folder or zip file holds, under which id, in which split.

A portrait belongs to one split for good, so that every edit of it falls on the same side and no face leaks from
training into testing. Only headers are read here; a file that breaks later is rejected, with its reason, later.
"""

import logging
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

import pandas as pd
from PIL import Image, UnidentifiedImageError

from synface.core.counts import share
from synface.core.draws import keyed_order
from synface.core.errors import InputError
from synface.core.ids import source_ids
from synface.core.images import FORMATS, MAX_PIXELS
from synface.core.progress import progress
from synface.core.tables import write_table

logger = logging.getLogger(__name__)

# What lies beside the images of published sets. Every other file is taken for an image until its header says no.
_DOCUMENT_SUFFIX = re.compile(
    r"\.(json|txt|csv|tsv|md|rst|html?|xml|ya?ml|pdf|log|py|ipynb|sh|npy|npz|mat|pts|pkl|h5|zip|tar|gz|tgz|bz2|xz|7z|rar"
    r"|tfrecords?|lmdb|db|ini|md5|sha256|torrent|url)",
    re.IGNORECASE,
)
_DOCUMENT_NAMES = frozenset({"license", "licence", "readme", "copying", "notice", "authors", "makefile", "checksums"})
_MAX_BYTES = 1 << 29  # of one file; a zip member can promise more than any disk holds


def index_source(
    *, images: Path | str, index: Path | str, rejects: Path | str, test_fraction: float, seed: int
) -> None:
    """List the portraits in ``images`` and give each an id and a split.

    Args:
        images: a folder, searched recursively, or a ``.zip`` file.
        index: written: source_id, path (inside ``images``), width, height (pixels, as stored), split; by source_id.
        rejects: written: path, reason; every file that looks like an image and is none that can be read.
        test_fraction: this share of the portraits, in [0, 1], rounded half up, becomes ``test``.
        seed: of the draw of the split.

    Raises:
        InputError: ``images`` does not exist, is no folder or zip, or holds no readable image.
    """
    rows, rejected = [], []
    with _open_files(images) as (paths, open_file):
        for path in progress([path for path in paths if _may_be_image(path)], what="portraits"):
            try:
                with open_file(path) as file:
                    rows.append((path, *_image_size(file)))
            except InputError as error:
                rejected.append((path, str(error)))
    if not rows:
        raise InputError(
            f"{images}: {len(rejected)} files looked like images and none could be read; expected portraits (PNG, "
            "JPEG, WebP, BMP or TIFF) in a folder, at any depth, or in a .zip file"
        )
    frame = pd.DataFrame(rows, columns=["path", "width", "height"])
    ids = source_ids(frame["path"])
    frame.insert(0, "source_id", [ids[path] for path in frame["path"]])
    test = set(keyed_order(seed, "split", frame["source_id"])[: share(test_fraction, len(frame))])
    frame["split"] = ["test" if source_id in test else "train" for source_id in frame["source_id"]]
    logger.info("%s: %d portraits, %d of them test, %d files rejected", images, len(frame), len(test), len(rejected))
    write_table(pd.DataFrame(rejected, columns=["path", "reason"]).sort_values("path"), rejects)
    write_table(frame.sort_values("source_id"), index)


@contextmanager
def open_source(images: Path | str) -> Iterator[Callable[[str], bytes]]:
    """Yield ``read(path) -> bytes`` for the paths that an index of ``images``, a folder or zip file, lists.

    ``read`` raises `InputError`, naming the path, for a file that is missing, outside ``images`` or damaged.
    """
    with _open_files(images, listing=False) as (_, open_file):

        def read(path: str) -> bytes:
            with open_file(path) as file:
                try:
                    data = file.read(_MAX_BYTES + 1)
                except (OSError, EOFError, RuntimeError, zipfile.BadZipFile, zipfile.zlib.error) as error:
                    raise InputError(f"{path} in {images}: cannot be read ({error})") from error
            if len(data) > _MAX_BYTES:
                raise InputError(f"{path} in {images}: larger than {_MAX_BYTES >> 20} MiB")
            return data

        yield read


@contextmanager
def _open_files(images: Path | str, listing: bool = True) -> Iterator[tuple[list[str], Callable[[str], IO[bytes]]]]:
    """Yield the relative paths of all files, sorted, and a function that opens one of them."""
    images = Path(images)
    if images.is_dir():

        def open_in_folder(path: str) -> IO[bytes]:
            if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
                raise InputError(f"{path}: leads out of {images}; index the source again")
            try:
                return (images / path).open("rb")
            except OSError as error:
                raise InputError(f"{path} in {images}: cannot be opened ({error.strerror})") from error

        yield (_files_in_folder(images) if listing else []), open_in_folder
    elif zipfile.is_zipfile(images):
        # Members are read by name and never unpacked, so a name like ../../x cannot write anywhere.
        with zipfile.ZipFile(images) as archive:

            def open_in_zip(path: str) -> IO[bytes]:
                try:
                    return archive.open(path)
                except (KeyError, OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
                    raise InputError(f"{path} in {images}: cannot be opened ({error})") from error

            yield sorted({item.filename for item in archive.infolist() if not item.is_dir()}), open_in_zip
    else:
        found = "a file that is no zip" if images.exists() else "nothing"
        raise InputError(f"{images}: expected a folder of portraits or a .zip file, found {found}")


def _files_in_folder(folder: Path) -> list[str]:
    """Relative paths of all files below ``folder``; linked folders are entered, each real folder once."""
    found, visited = [], set()
    for parent, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(parent)
        if real in visited:
            folders.clear()
            continue
        visited.add(real)
        folders.sort()
        found.extend(Path(parent, name).relative_to(folder).as_posix() for name in names)
    return sorted(found)


def _may_be_image(path: str) -> bool:
    parts = PurePosixPath(path).parts
    if any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return False
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
