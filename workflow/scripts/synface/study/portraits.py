"""How many portraits a source holds, roughly and fast: only the number of shards follows from it."""

import json
import os
import zipfile
from pathlib import Path

# Jobs of a run inherit what its first process counted: a folder that grows meanwhile must not change their number.
_COUNTED = "SYNFACE_PORTRAITS"


def count_portraits(images: Path | str) -> int:
    """Return the number of files in a folder, at any depth, or in a zip file; 0 when there is neither."""
    counted = json.loads(os.environ.get(_COUNTED, "{}"))
    name = str(Path(images).absolute())
    if name not in counted:
        counted[name] = _count(Path(images))
        os.environ[_COUNTED] = json.dumps(counted)
    return counted[name]


def _count(images: Path) -> int:
    if images.is_dir():
        return sum(len(names) for _, _, names in os.walk(images, followlinks=True))
    if images.is_file() and zipfile.is_zipfile(images):
        with zipfile.ZipFile(images) as archive:
            return len(archive.namelist())
    return 0
