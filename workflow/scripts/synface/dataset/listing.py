"""What a natural set says about itself: which image is which emotion, in which part, before any image is opened."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from synface.core.emotions import Emotion

PARTS = ("train", "val", "test")


@dataclass(frozen=True)
class Listed:
    """One labelled image of a natural set.

    Attributes:
        path: of the file, relative to the set's folder, with ``/``; of an image inside a table, what it is called.
        part: ``train``, ``val`` or ``test``, as the set calls it.
        emotion: what it is labelled as.
        key: a path that becomes the source_id; it begins with the split, so that equal names in both stay apart.
        box: (left, top, right, bottom) in pixels of the face that is labelled, where the set tells it.
        read: returns the bytes of an image inside a table; None where ``path`` is a file.
        kept: what else the set's table tells of it, by column.
    """

    path: str
    part: str
    emotion: Emotion
    key: str
    box: tuple[float, float, float, float] | None = None
    read: Callable[[], bytes] | None = field(default=None, compare=False)
    kept: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def split(self) -> str:
        """``train`` or ``test``: what is published for validation is never trained on here."""
        return "train" if self.part == "train" else "test"


@dataclass(frozen=True)
class Skipped:
    """A file of a natural set that is not taken.

    Attributes:
        path: see `Listed`.
        part: the same; "" for a file that no part has.
        label: as the set writes it.
        reason: why; what is special about this file stands in parentheses at the end, so that reasons can be counted.
        fault: whether something is wrong, not merely of no use here.
    """

    path: str
    part: str
    label: str
    reason: str
    fault: bool = True


@dataclass
class Listing:
    """All that a layout found, in the set's own order.

    Attributes:
        images: what is labelled as one of the seven emotions.
        skipped: what the set lists and cannot be taken.
        beside: the files that tell the labels and whatever else belongs to the layout.
        note: what a reader of the set's card has to know about how it was read.
        synthetic: whether the set says of itself that a generator made or edited its images.
    """

    images: list[Listed] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    beside: set[str] = field(default_factory=set)
    note: str = ""
    synthetic: bool = False

    def limited_to(self, split: str) -> "Listing":
        """Return the listing with all that is not in ``split`` skipped.

        ``train``, ``val`` and ``test`` take the part of that name; of a set with only one of val and test, both names
        mean it. ``all`` takes train and test, or train and val where there is no test.
        """
        present = {each.part for each in (*self.images, *self.skipped)}
        wanted = {split} if split != "all" else {"train", "test"}
        if "test" in wanted and "test" not in present:
            wanted.add("val")
        if split == "val" and "val" not in present:
            wanted = {"test"}
        named = f"is in a part that is not asked for (split is {split})"
        unused = [
            Skipped(each.path, each.part, each.emotion.label, named, fault=False)
            for each in self.images
            if each.part not in wanted
        ]
        return replace(
            self,
            images=[each for each in self.images if each.part in wanted],
            skipped=[
                each if each.part in (*wanted, "") else replace(each, reason=named, fault=False)
                for each in self.skipped
            ]
            + unused,
        )


def unlisted(listing: Listing, paths: Iterable[str]) -> list[str]:
    """Return those of ``paths`` that the listing says nothing about."""
    told = {each.path for each in (*listing.images, *listing.skipped)} | listing.beside
    return [path for path in paths if path not in told]
