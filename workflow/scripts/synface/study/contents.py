"""What the user's files and folders hold, told while planning: what is made of them depends on this, not on times.

A folder is known by the names, sizes and times of its files, which takes a second for 70,000. Bytes are read where
these do not tell: of files that tell labels, of weights, and of a file whose time has changed and whose size has not,
as after a copy. A zip file is known by its directory, which has a checksum of each file in it. What was seen is
remembered in `.snakemake/synface/`, beside what Snakemake remembers of each result.
"""

import csv
import hashlib
import json
import os
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from synface.core.files import atomic_path
from synface.core.folders import Found, files_in

MEMORY = Path(".snakemake/synface")
# Read whole: the lists of public sets, the largest of which (AffectNet's) have 300 MB.
_TELLS_LABELS = frozenset({".csv", ".tsv", ".txt", ".lst", ".json", ".jsonl"})
_LONGEST = 1 << 29  # bytes
_ZIP_TOKEN = re.compile(r"[0-9a-f]{64} of (\d+)")

Hashes = Callable[[], Mapping[str, str]]
"""Returns the SHA-256 of files by path, as far as a job has written them down."""


def written_hashes(tables: Iterable[str]) -> dict[str, str]:
    """Read the columns path and sha256 of the tables that are there."""
    found = {}
    for table in tables:
        try:
            with Path(table).open(encoding="utf-8", newline="") as file:
                found.update({row["path"]: row["sha256"] for row in csv.DictReader(file) if row.get("sha256")})
        except OSError:
            continue
    return found


def _none() -> Mapping[str, str]:
    return {}


@dataclass(frozen=True)
class Seen:
    """What lies at a path.

    Attributes:
        digest: equal while the content is; "" for nothing.
        number: of files, those in zip files counted one by one.
    """

    digest: str
    number: int


class Contents:
    """What lies at the paths of a study; each is looked at once."""

    def __init__(self, *, look: bool, memory: Path) -> None:
        """Take whether to ``look``, and a folder in `MEMORY`.

        A job of a run does not look: it goes by what its planning has remembered.
        """
        self._look = look
        self._memory = memory
        self._seen: dict[str, Seen] = {}

    def of(self, name: str, path: str, hashes: Hashes = _none, *, whole: bool = False) -> Seen:
        """Return what lies at ``path``, a file, zip file or folder.

        Args:
            name: of what the path is for, such as ``sources.ffhq``, under which it is remembered: a copy elsewhere of
                what was there is the same.
            path: where it lies now.
            hashes: of the files when they were last read.
            whole: read every file of a folder, which has few, and needs no ``hashes`` then.
        """
        if name not in self._seen:
            if not self._look:
                self._seen[name] = self._remembered(name)
            elif Path(path).is_dir():
                self._seen[name] = self._folder(name, path, hashes, whole)
            elif Path(path).is_file():
                self._seen[name] = self._file(name, path)
            else:
                self._seen[name] = Seen("", 0)
        return self._seen[name]

    def _remembered(self, name: str) -> Seen:
        told = self._read(f"{name}.json")
        return Seen(told.get("digest", ""), told.get("number", 0))

    def _folder(self, name: str, path: str, hashes: Hashes, whole: bool) -> Seen:
        found = files_in(path)
        now = {
            "paths": [each.path for each in found],
            "sizes": [each.size for each in found],
            "times": [each.time for each in found],
        }
        before = self._read(f"{name}.files.json")
        if all(before.get(part) == now[part] for part in now):
            return self._remembered(name)
        tokens = self._tokens(Path(path), found, before, hashes, whole)
        lines = (f"{each.path}\0{token}" for each, token in zip(found, tokens, strict=True))
        inside = (int(told[1]) if (told := _ZIP_TOKEN.fullmatch(token)) else 1 for token in tokens)
        seen = Seen(hashlib.sha256("\n".join(lines).encode()).hexdigest(), sum(inside))
        self._write(f"{name}.files.json", {**now, "tokens": tokens})
        self._write(f"{name}.json", {"path": path, "digest": seen.digest, "number": seen.number})
        return seen

    def _tokens(
        self, folder: Path, found: list[Found], before: Mapping[str, Any], hashes: Hashes, whole: bool
    ) -> list[str]:
        """Return for each file what stays equal while its content does, as far as one can tell."""
        earlier = {
            path: (size, time, token)
            for path, size, time, token in zip(
                *(before.get(part, []) for part in ("paths", "sizes", "times", "tokens")), strict=True
            )
        }
        known: Mapping[str, str] | None = None
        tokens = []
        for each in found:
            size, time, token = earlier.get(each.path, (-1, -1, ""))
            if each.problem:
                token = each.problem
            elif whole or (PurePosixPath(each.path).suffix.lower() in _TELLS_LABELS and each.size <= _LONGEST):
                if (size, time) != (each.size, each.time):
                    token = _sha256(folder / each.path)
            elif each.path.lower().endswith(".zip"):
                if (size, time) != (each.size, each.time):
                    token = _zip_token(folder / each.path) or f"{each.size}-{each.time}"
            elif size != each.size:
                token = f"{each.size}-{each.time}"
            elif time != each.time:
                known = hashes() if known is None else known
                if each.path not in known or known[each.path] != _sha256(folder / each.path):
                    token = f"{each.size}-{each.time}"
            tokens.append(token)
        return tokens

    def _file(self, name: str, path: str) -> Seen:
        status = Path(path).stat()
        told = self._read(f"{name}.json")
        if (told.get("size"), told.get("time")) == (status.st_size, status.st_mtime_ns):
            return self._remembered(name)
        members = _zip_members(Path(path))
        seen = Seen(_listed(members) if members else _sha256(Path(path)), max(1, len(members)))
        facts = {"path": path, "size": status.st_size, "time": status.st_mtime_ns}
        self._write(f"{name}.json", {**facts, "digest": seen.digest, "number": seen.number})
        return seen

    def _read(self, file: str) -> dict[str, Any]:
        try:
            told = json.loads((self._memory / file).read_text())
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}

    def _write(self, file: str, told: Mapping[str, Any]) -> None:
        try:
            with atomic_path(self._memory / file) as temporary:
                temporary.write_text(json.dumps(told))
        except OSError:
            # A folder that cannot be written to: then what was seen is told from names, sizes and times each time.
            return


def _zip_token(path: Path) -> str:
    """Return what stays equal while the files in a zip file do, and their number; "" for what is none."""
    members = _zip_members(path)
    return f"{_listed(members)} of {len(members)}" if members else ""


def _listed(members: Iterable[tuple[str, int, int]]) -> str:
    listing = "\n".join(f"{name}\0{size}\0{check}" for name, size, check in members)
    return hashlib.sha256(listing.encode(errors="surrogateescape")).hexdigest()


def _zip_members(path: Path) -> list[tuple[str, int, int]]:
    """Return (name, size, checksum) of the files in a zip file, which its directory tells; none for another file."""
    if not zipfile.is_zipfile(path):
        return []
    try:
        with zipfile.ZipFile(path) as archive:
            return sorted((item.filename, item.file_size, item.CRC) for item in archive.infolist() if not item.is_dir())
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return []


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return os.strerror(error.errno or 0)
