"""Shards: many images in one uncompressed tar, which is also a valid WebDataset shard.

One file per shard keeps the number of jobs and inodes small. Members are ``{source_id}.png``, without time or
owner, so equal images give equal bytes.
"""

import io
import os
import tarfile
from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

import numpy as np

from synface.core.errors import InputError
from synface.core.files import atomic_path
from synface.core.images import decode_image, encode_png

_END = 1024  # bytes of zeros at the end of every tar


@contextmanager
def write_shard(path: Path | str) -> Iterator[Callable[[str, np.ndarray], None]]:
    """Yield ``write(source_id, image)`` for uint8 RGB images; ``path`` appears only when the block succeeds."""
    with atomic_path(path) as temporary, tarfile.open(temporary, "w") as archive:

        def write(source_id: str, image: np.ndarray) -> None:
            data = encode_png(image)
            member = tarfile.TarInfo(f"{source_id}.png")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))

        yield write


def read_shard(path: Path | str, only: Container[str] | None = None) -> Iterator[tuple[str, np.ndarray]]:
    """Yield (source_id, uint8 RGB image) in the order written; of ``only`` these ids, when given, passing over others.

    Nothing is unpacked to disk.
    """
    for source_id, data in read_shard_bytes(path, only):
        yield source_id, decode_image(data, f"{source_id} in {path}")


def read_shard_bytes(path: Path | str, only: Container[str] | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield (source_id, PNG bytes) in the order written; `InputError` for a shard that is damaged or ends early."""
    again = "delete it and run again"
    try:
        with tarfile.open(path, "r") as archive, Path(path).open("rb") as file:
            # A tar that was cut between two images looks whole to a reader; only its end of zeros tells.
            file.seek(-min(_END, Path(path).stat().st_size), os.SEEK_END)
            if file.read() != bytes(_END):
                raise InputError(f"{path}: the shard is without its end, images may be missing; {again}")
            for member in archive:
                source_id = PurePosixPath(member.name).stem
                if member.isfile() and (only is None or source_id in only):
                    yield source_id, archive.extractfile(member).read()
    except tarfile.TarError as error:
        raise InputError(f"{path}: not a readable shard ({error}); {again}") from error
