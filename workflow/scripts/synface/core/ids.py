"""The ids of images: from their paths, whatever those are called, to names that every file system takes."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath

_LONGEST_ID = 120  # characters; a file name may have 255, and datasets add a prefix and a suffix


def source_ids(paths: Iterable[str]) -> dict[str, str]:
    """Return an id of letters, digits, ``_`` and ``-`` for each relative path; no two differ by case alone.

    ``a/b c.png`` becomes ``a-b_c``. Where several paths would share an id, each of them gets the start of its SHA-256
    appended, so that an id depends on the set of paths and never on their order.
    """
    plain = {path: re.sub(r"[^A-Za-z0-9_-]", "_", _without_suffix(path).replace("/", "-")) for path in paths}
    users = Counter(name.lower() for name in plain.values())
    ids = {}
    for path, name in plain.items():
        if users[name.lower()] > 1 or len(name) > _LONGEST_ID:
            name = f"{name[-_LONGEST_ID:]}-{hashlib.sha256(path.encode(errors='surrogateescape')).hexdigest()[:12]}"
        ids[path] = name
    return ids


def _without_suffix(path: str) -> str:
    return str(PurePosixPath(path).with_suffix("")) if PurePosixPath(path).suffix else path
