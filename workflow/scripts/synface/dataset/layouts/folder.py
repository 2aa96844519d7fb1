"""A set's folder as its layout sees it: the files that are there, and finding those that a list names."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from synface.core.errors import InputError
from synface.core.folders import Found, files_in, folders_of
from synface.core.images import SUFFIXES


@dataclass(frozen=True)
class SetFolder:
    """The files of a labelled set, looked up once; ``files`` by relative path."""

    root: Path
    files: dict[str, Found]

    @classmethod
    def at(cls, root: Path) -> "SetFolder":
        """Look into ``root``; `InputError` when it is no folder."""
        if root.is_file():
            raise InputError(
                f"{root}: expected the folder of a labelled set, found a file; unpack it, or name its folder"
            )
        if not root.is_dir():
            raise InputError(f"{root}: expected the folder of a labelled set, found nothing there")
        return cls(root, {found.path: found for found in files_in(root)})

    @cached_property
    def folders(self) -> set[str]:
        """All folders with files at any depth; the top is not one."""
        return folders_of(list(self.files))

    def folders_in(self, folder: str) -> list[str]:
        """Return the names of the folders directly in ``folder`` ("" is the top), in order."""
        return self._inside.get(folder, [])

    @cached_property
    def _inside(self) -> dict[str, list[str]]:
        inside: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self.folders):
            parent, _, name = path.rpartition("/")
            inside[parent].append(name)
        return inside

    def below(self, folder: str) -> list[str]:
        """Return the paths of all files below ``folder``, at any depth, in order."""
        prefix = f"{folder}/" if folder else ""
        return [path for path in self.files if path.startswith(prefix)]

    @cached_property
    def by_folder(self) -> dict[str, list[str]]:
        """The paths of the files directly in each folder, in order."""
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.files:
            found[path.rpartition("/")[0]].append(path)
        return found

    def matching(self, pattern: str) -> list[str]:
        """Return the files whose whole path, or what follows a ``/`` in it, matches; case does not count.

        Those least deep come first.
        """
        expression = re.compile(rf"(?:.*/)?(?:{pattern})", re.IGNORECASE)
        found = [path for path in self.files if expression.fullmatch(path)]
        return sorted(found, key=lambda path: (path.count("/"), path))

    def find(self, name: str, folders: Sequence[str]) -> str | None:
        """Return the path of the file that a list calls ``name``, in the first of ``folders`` that has it.

        Another suffix or another case than the list's will do where only one file fits. `InputError` for a name that
        leads out of the folder.
        """
        if leads_out(name):
            raise InputError(f"{self.root}: the name {name!r} leads out of the folder; expected names inside it")
        tried = [str(PurePosixPath(folder, name)) for folder in folders]
        for path in tried:
            if path in self.files:
                return path
        for path in tried:
            alike = self._by_stem.get(_stem(path), [])
            if len(alike) == 1:
                return alike[0]
        return None

    @cached_property
    def _by_stem(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in self.files:
            if is_image_name(path):
                found[_stem(path)].append(path)
        return found


def is_image_name(path: str) -> bool:
    """Tell whether a path has the suffix of an image that is read."""
    return PurePosixPath(path).suffix.lower() in SUFFIXES


def leads_out(path: str) -> bool:
    """Tell whether a path that a label file gives would leave the folder it is relative to."""
    return PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts


def first_of(paths: Iterable[str]) -> str | None:
    """Return the first of ``paths``, if there is any."""
    return next(iter(paths), None)


def without_suffix(path: str) -> str:
    """Return a path without the suffix of its file, whatever a list gives as a path."""
    return str(PurePosixPath(path).with_suffix("")) if PurePosixPath(path).suffix else str(PurePosixPath(path))


def _stem(path: str) -> str:
    return without_suffix(path).lower()
