"""Writing files and folders so that a partial one never looks complete.

What is written stands beside its place, under a hidden name that says which process writes it, until it is whole and on
the disk; then it is renamed. A process that is killed leaves it behind, and the next run clears it away.
"""

import contextlib
import ctypes
import errno
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from synface.core.errors import InputError
from synface.core.processes import Process

# Called before something takes its place; raises where this process no longer may.
checks_before_renames: list[Callable[[], None]] = []

_TEMPORARY = re.compile(r"\..*-(\d+~\d*~[^/]+)-[a-z0-9_]{8}(\.\w+)?")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EROFS, errno.EACCES, errno.EPERM}
LEAST_FREE = 1 << 20  # bytes; with less, whatever a writer's own words are, the disk is full


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path in the folder of ``path`` that replaces ``path`` when the block succeeds.

    The suffix is kept, since writers choose the format by it. On an exception the temporary file is removed and
    ``path`` stays as it was. A rename within one folder is atomic on POSIX and NFS.

    Raises:
        InputError: the disk is full, or the folder may not be written.
    """
    path = Path(path)
    with _telling_of_the_disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-{Process.here()}-", suffix=path.suffix)
        os.close(handle)
    temporary = Path(name)
    try:
        with _telling_of_the_disk(path):
            yield temporary
            _give_usual_permissions(temporary, 0o666)
            _keep_file(temporary)
            _check()
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def new_folder(path: Path | str) -> Iterator[Path]:
    """Yield a temporary folder beside ``path`` that takes its place when the block succeeds.

    Raises:
        InputError: the disk is full, or the folder may not be written.
    """
    path = Path(path)
    with _telling_of_the_disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}-{Process.here()}-"))
    try:
        with _telling_of_the_disk(path):
            yield temporary
            _give_usual_permissions(temporary, 0o777)
            _keep_folder(temporary)
            _check()
            if path.exists():
                shutil.rmtree(path)
            temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def clear_temporaries(folder: Path | str) -> list[Path]:
    """Remove from ``folder`` what `atomic_path` and `new_folder` of processes that have ended left there.

    What other hosts write is left alone: whether it still is written cannot be known.
    """
    removed = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            found = _TEMPORARY.fullmatch(entry.name)
            if found is None or Process.read(found[1]).runs is not False:
                continue
            path = Path(entry.path)
            shutil.rmtree(path, ignore_errors=True) if entry.is_dir(follow_symlinks=False) else path.unlink()
            removed.append(path)
    return removed


def digest(path: Path | str) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


@contextmanager
def _telling_of_the_disk(path: Path) -> Iterator[None]:
    """Turn what a writer of ``path`` says of a full or forbidden disk into one sentence."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        number = _error_number(error)
        if number in _FORBIDDEN and isinstance(error, OSError) and _is_beside(error.filename, path):
            raise InputError(
                f"{path}: cannot be written ({os.strerror(number)}); make its folder writable and start again"
            ) from error
        space = shutil.disk_usage(path.parent)
        # PyTorch has words of its own for a write that failed.
        if number not in _NO_ROOM and (space.free >= LEAST_FREE or isinstance(error, OSError)):
            raise
        full = "the quota of this disk is used up" if number == errno.EDQUOT else "the disk is full"
        raise InputError(
            f"{path}: cannot be written, {full} ({space.free / 1e6:,.1f} of {space.total / 1e6:,.0f} MB are free); "
            "make room and start again"
        ) from error


def _error_number(error: BaseException) -> int | None:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno is not None:
            return seen.errno
        if re.search(r"os error 28\b|No space left on device", str(seen)):
            return errno.ENOSPC
        seen = seen.__cause__ or seen.__context__
    return None


def _is_beside(name: str | bytes | None, path: Path) -> bool:
    return name is not None and path.parent in (Path(os.fsdecode(name)), *Path(os.fsdecode(name)).parents)


def _keep_file(path: Path) -> None:
    """See to it that what is written is on the disk: after a power cut a name may else stand before nothing."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _keep_folder(path: Path) -> None:
    """The same for all in a folder: by its file system as a whole, since a dataset has tens of thousands of files."""
    sync_file_system = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if sync_file_system is None:  # no Linux
        os.sync()
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        if sync_file_system(handle) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(path))
    finally:
        os.close(handle)


def _check() -> None:
    for check in checks_before_renames:
        check()


def _give_usual_permissions(path: Path, mode: int) -> None:
    """Temporary files are private; what a job writes follows the user's umask like any other output."""
    umask = os.umask(0)
    os.umask(umask)
    path.chmod(mode & ~umask)
