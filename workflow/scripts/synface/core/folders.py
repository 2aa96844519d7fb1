"""What lies in a folder of the user's: every file, at any depth, in one order; nothing is opened."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple

# What systems leave in folders by themselves; it is in no table and changes nothing.
_CLUTTER = frozenset({"thumbs.db", "desktop.ini", "__macosx", "@eadir"})


class Found(NamedTuple):
    """One file.

    Attributes:
        path: relative to the folder, with ``/``; a folder that cannot be looked into ends in ``/``.
        problem: why it cannot be read; empty for a file.
        size: in bytes.
        time: of its last change, in nanoseconds.
    """

    path: str
    problem: str
    size: int
    time: int


def is_clutter(path: str) -> bool:
    """Tell whether a relative path is hidden or something that a system has left."""
    return any(part.startswith(".") or part.lower() in _CLUTTER for part in PurePosixPath(path).parts)


def files_in(folder: Path | str) -> list[Found]:
    """Return every file below ``folder`` by path, but for clutter.

    Linked folders are entered, each real folder once. What is no file or cannot be reached is there with its problem:
    a link to nothing, a pipe, a folder that may not be read, a name that is no UTF-8 (given with its bytes escaped).
    """
    found: list[Found] = []
    _look(os.fspath(folder), "", found, set())
    found.sort()
    return found


def _look(folder: str, prefix: str, found: list[Found], visited: set[tuple[int, int]]) -> None:
    try:
        status = Path(folder).stat()
        if (status.st_dev, status.st_ino) in visited:
            return
        visited.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            inside = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        found.append(Found(_readable(f"{prefix or '.'}/"), f"the folder cannot be read ({error.strerror})", 0, 0))
        return
    for entry in inside:
        if is_clutter(entry.name):
            continue
        path = f"{prefix}/{entry.name}" if prefix else entry.name
        readable = _readable(path)
        try:
            if entry.is_dir():
                _look(entry.path, path, found, visited)
                continue
            status = entry.stat()
        except OSError as error:
            problem = "a link to nothing" if entry.is_symlink() else f"cannot be reached ({error.strerror})"
            found.append(Found(readable, problem, 0, 0))
            continue
        problem = "" if stat.S_ISREG(status.st_mode) else "not a file (a pipe, socket or device)"
        if readable != path:
            problem = "the name is not UTF-8; rename the file"
        found.append(Found(readable, problem, status.st_size, status.st_mtime_ns))


def _readable(path: str) -> str:
    return path.encode(errors="surrogateescape").decode(errors="backslashreplace")


def folders_of(paths: Iterator[str] | list[str]) -> set[str]:
    """Return every folder that the paths lie in, at any depth; the top is not one."""
    found: set[str] = set()
    for path in paths:
        while "/" in path:
            path = path.rpartition("/")[0]
            if path in found:
                break
            found.add(path)
    return found
