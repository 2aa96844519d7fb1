"""The table `drawings`: faces that the project draws itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from synface.settings.keys import Interval, Label, Problem, key


@dataclass(frozen=True, kw_only=True)
class FacesPerClass:
    """Number of faces per split and emotion."""

    train: Mapping[Label, int] = key({}, least=0)
    """Faces of the training split, by emotion."""
    test: Mapping[Label, int] = key({}, least=0)
    """Faces of the test split, by emotion."""


@dataclass(frozen=True, kw_only=True)
class _Drawing:
    STAGE = "drawing"

    domain: Literal["portraits", "faces", "raf", "affectnet"] = key()
    """How faces are framed, lit and photographed."""
    layout: Literal["portraits", "raf-db", "affectnet", "pairs"] = key()
    """The layout of the folder. pairs, which goes with people: a folder for each of them, and pairs.csv (before, after,
    label, rho)."""
    size: int | None = key(None, least=32)
    """Side of the images in pixels; null is the domain's own."""
    intensity: Interval | None = key(None, least=0, most=1)
    """[low, high] of the expressions; null is the domain's own."""
    seed: int = key(1, least=0)
    """Seed of every random draw."""

    def mistakes(self, path: str) -> Iterator[Problem]:
        """Yield what does not fit."""
        if (self.layout == "pairs") != isinstance(self, PairDrawing):
            yield Problem(
                f"{path}.layout", f"found {self.layout}; `layout: pairs` and `people` go with each other alone"
            )


@dataclass(frozen=True, kw_only=True)
class UnlabelledDrawing(_Drawing):
    """Portraits whose emotions nobody says."""

    MARK = "count"

    count: int = key(least=1)
    """Number of faces."""
    smiling: float | None = key(None, least=0, most=1)
    """Part of them that smiles, as strongly as labelled faces do. null is 0.3, slightly: nobody asked them to. FFHQ's
    smile broadly, and more often."""


@dataclass(frozen=True, kw_only=True)
class LabelledDrawing(_Drawing):
    """Faces with their emotions."""

    MARK = "counts"

    counts: FacesPerClass = key(stage="drawing")
    """Number of faces per split and emotion."""
    wrong_labels: float = key(0.0, least=0, below=1)
    """Part of the training faces of each emotion that is labelled otherwise, at random; truth.csv keeps what is
    right."""


@dataclass(frozen=True, kw_only=True)
class PairDrawing(_Drawing):
    """The same people before and after an edit: what a generator that edits emotions should make."""

    MARK = "people"

    people: int = key(least=1)
    """Number of people. Each is drawn once before, as portraits are, and after it at rest and twice with each of the
    six emotions; rho is the intensity."""


Drawing = UnlabelledDrawing | LabelledDrawing | PairDrawing
