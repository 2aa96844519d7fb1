"""Under which license each portrait of FFHQ is, from the file that comes with it, and which were removed from it.

`ffhq-dataset-v2.json` (Karras et al., 2019) has an entry for each portrait: author, license and the paths of its files.
People may ask for removal: their entries go, and portraits without one are left out.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from synface.core.errors import InputError

# By the beginnings of license_url, without scheme and host, in the words of the key `licenses`.
_WORDS = {
    "/licenses/by-nc/": "by-nc",
    "/licenses/by/": "by",
    "/publicdomain/mark/": "public-domain",
    "/publicdomain/zero/": "cc0",
    "/government-works": "us-government",
}
LICENSES = tuple(_WORDS.values())


@dataclass(frozen=True)
class License:
    """What the file says of one portrait."""

    license: str
    author: str


def read_licenses(path: Path | str) -> dict[str, License]:
    """Return what the file says of each portrait, by its number in FFHQ: ``00042``.

    Raises `InputError` when it cannot be read, or is no such file.
    """
    try:
        entries = json.loads(Path(path).read_bytes())
        return {
            _number(entry): License(_word(entry), str(entry["metadata"].get("author", "")))
            for entry in entries.values()
        }
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path}: expected ffhq-dataset-v2.json, with metadata and image of every portrait; found something else "
            f"({type(error).__name__}); download it again"
        ) from error


def reason_to_leave_out(path: str, known: Mapping[str, License], allowed: Sequence[str]) -> str:
    """Return why the portrait at ``path`` is left out, "" if it is not."""
    entry = known.get(PurePosixPath(path).stem)
    if entry is None:
        return "is not in the list of licenses: removed from the set, or none of its portraits"
    return "" if entry.license in allowed else f"its license is none that is asked for ({entry.license})"


def _number(entry: Mapping) -> str:
    return PurePosixPath(entry["image"]["file_path"]).stem


def _word(entry: Mapping) -> str:
    address = str(entry["metadata"]["license_url"])
    return next((word for part, word in _WORDS.items() if part in address), address)
