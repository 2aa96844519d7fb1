"""Writing files and folders so that a partial one never looks complete."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path in the folder of ``path`` that replaces ``path`` when the block succeeds.

    The suffix is kept, since writers choose the format by it. On an exception the temporary file is removed and
    ``path`` stays as it was. A rename within one folder is atomic on POSIX and NFS.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _give_usual_permissions(temporary, 0o666)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path | str) -> Iterator[Path]:
    """Yield a temporary folder beside ``path`` that takes its place when the block succeeds."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-"))
    try:
        yield temporary
        _give_usual_permissions(temporary, 0o777)
        if path.exists():
            shutil.rmtree(path)
        temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def digest(path: Path | str) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _give_usual_permissions(path: Path, mode: int) -> None:
    """Temporary files are private; what a job writes follows the user's umask like any other output."""
    umask = os.umask(0)
    os.umask(umask)
    path.chmod(mode & ~umask)
