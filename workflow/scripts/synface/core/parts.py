"""A file in several parts, as `faces.zip.001`, `faces.zip.002` ...: read as the whole, which is written nowhere."""

import io
import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path

from synface.core.errors import InputError

_PART = re.compile(r"(.+\.zip)\.(\d{3})", re.IGNORECASE)
_SPANNED = re.compile(r"(.+)\.z\d{2,}", re.IGNORECASE)


def whole_of(path: str) -> str | None:
    """Return the name of the zip file that ``path`` is a part of: ``a.zip`` for ``a.zip.002``; None for any other."""
    found = _PART.fullmatch(path)
    return found[1] if found else None


def parts_in(paths: Iterable[str], where: Path) -> dict[str, list[str]]:
    """Return the parts among the paths of files in the folder ``where``, in order, by the zip file that they make up.

    Raises `InputError` for a part that is missing between two others or before them, and for a zip file that was split
    into volumes (.z01, .z02, .zip), whose inner addresses count within each volume.
    """
    found: dict[str, dict[int, str]] = {}
    for path in paths:
        if part := _PART.fullmatch(path):
            found.setdefault(part[1], {})[int(part[2])] = path
        elif volume := _SPANNED.fullmatch(path):
            name = Path(volume[1]).name
            raise InputError(
                f"{where / path}: a zip file in volumes cannot be read in place; join them by "
                f"`zip --split-size 0 {name}.zip --out {name}-whole.zip`, and move the volumes out of the folder"
            )
    for whole, parts in found.items():
        if missing := [number for number in range(1, max(parts)) if number not in parts]:
            raise InputError(
                f"{where / whole}.{missing[0]:03d}: a part of the zip file is missing; found {len(parts)} parts up to "
                f"{max(parts):03d}, expected all from 001 on; download it again"
            )
    return {whole: [parts[number] for number in sorted(parts)] for whole, parts in found.items()}


class Joined(io.RawIOBase):
    """Several files, one after the other, open for reading; wrap it in `io.BufferedReader`."""

    def __init__(self, paths: Sequence[Path]) -> None:
        """Open the files at ``paths``."""
        self._stack = ExitStack()
        self._files = [self._stack.enter_context(path.open("rb")) for path in paths]
        self._ends = list(accumulate(path.stat().st_size for path in paths))
        self._place = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the place in the whole."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place in the whole."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._ends[-1]}[whence]
        self._place = max(0, start + offset)
        return self._place

    def readinto(self, buffer: memoryview) -> int:
        """Read up to the end of a part; return how many bytes."""
        number = bisect_right(self._ends, self._place)
        if number == len(self._files):
            return 0
        start = self._ends[number - 1] if number else 0
        self._files[number].seek(self._place - start)
        read = self._files[number].readinto(memoryview(buffer)[: self._ends[number] - self._place])
        self._place += read
        return read

    def close(self) -> None:
        """Close the files."""
        self._stack.close()
        super().close()
