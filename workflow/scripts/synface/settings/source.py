"""The table `sources`: portraits to be edited, such as FFHQ."""

from dataclasses import dataclass
from typing import Literal

from synface.settings.keys import key
from synface.settings.obtain import Obtain


@dataclass(frozen=True, kw_only=True)
class Source:
    """A folder or a zip file of portraits."""

    STAGE = "sources"

    images: str = key(stage=())
    """Folder (searched recursively, zip files in it included) or zip file."""
    test_fraction: float | None = key(None, above=0, below=1)
    """Part of the portraits whose edits all go to test splits; the others' go to training splits. null is what the sets
    that are imitated ask for: their share of test images, and of few portraits as many as each class needs."""
    seed: int = key(1, least=0)
    """Seed of the draw of the split."""
    license_file: str | None = key(None, stage=())
    """FFHQ's ffhq-dataset-v2.json: portraits that are not in it, being removed, are left out."""
    licenses: list[Literal["by", "by-nc", "public-domain", "cc0", "us-government"]] = key(
        ["by", "by-nc", "public-domain", "cc0", "us-government"]
    )
    """Of those in license_file, the ones whose portraits are taken."""
    obtain: Obtain = key(Obtain)
    """Where a user gets the portraits."""
