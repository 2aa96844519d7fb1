"""What a natural set says about itself: which file is which emotion, in which split, before any file is opened."""

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from synface.core.emotions import Emotion


@dataclass(frozen=True)
class Listed:
    """One labelled image of a natural set.

    Attributes:
        path: of the file, relative to the set's folder, with ``/``.
        split: ``train`` or ``test``; a published validation set is ``test``.
        emotion: what it is labelled as.
        key: a path that becomes the source_id; it begins with the split, so that equal names in both stay apart.
    """

    path: str
    split: str
    emotion: Emotion
    key: str


@dataclass(frozen=True)
class Skipped:
    """A file of a natural set that is not taken, with the label as the set writes it and the reason."""

    path: str
    split: str
    label: str
    reason: str


@dataclass
class Listing:
    """All that a layout found, in the set's own order."""

    images: list[Listed] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def of_split(self, split: str) -> "Listing":
        """Return the part in ``train`` or ``test``."""
        return Listing(
            [image for image in self.images if image.split == split],
            [image for image in self.skipped if image.split == split],
        )


def leads_out(path: str) -> bool:
    """Tell whether a path that a label file gives would leave the folder it is relative to."""
    return PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts


def first_existing(root: Path, names: tuple[str, ...]) -> Path | None:
    """Return the first of ``names`` below ``root`` that exists."""
    return next((root / name for name in names if (root / name).exists()), None)
