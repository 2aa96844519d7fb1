"""The table `datasets`: what models are trained and tested on; natural, synthetic, or a merge of others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from synface.settings.keys import Label, Problem, key
from synface.settings.obtain import Obtain


@dataclass(frozen=True, kw_only=True)
class TableColumns:
    """Which columns of a table tell what."""

    STAGE = "dataset"

    file: str | None = key(None)
    """The table, relative to path; null is the only one there. CSV with any separator, JSON lines or Parquet."""
    image: str = key("file_name")
    """Column of the image's name."""
    label: str = key("label")
    """Column of its label."""
    split: str | None = key(None)
    """Column that says train, val or test; null is the set's key split."""
    box: list[str] | None = key(None)
    """The four columns of the face's box: left, top, right, bottom; null where there is none."""
    edges: bool = key(True)
    """false where the four are left, top, width, height."""
    folder: str | None = key(None)
    """Folder that the names are relative to, relative to path; null is the table's own, then path."""


@dataclass(frozen=True, kw_only=True)
class NaturalCrop:
    """How the faces of a natural set are cut out."""

    STAGE = "dataset"
    SHORT = "method"

    method: Literal["as-is", "box", "mtcnn", "aligned"] | None = key(None)
    """as-is copies the files; box takes the set's own face boxes; mtcnn finds the face, as for synthetic sets; aligned
    brings its five points onto ArcFace's template. null is box where the set has boxes, else as-is."""
    margin: float = key(0.0, above=-1, most=10)
    """Added around the face, as a fraction of its side."""
    size: int | None = key(None, least=16)
    """Side of the square faces in pixels; null is that of the box, or of the picture."""
    min_face: float = key(0.2, above=0, most=1)
    """Smallest face that MTCNN looks for, as a fraction of the picture's shorter side."""
    min_probability: float = key(0.9, least=0, most=1)
    """How sure MTCNN has to be."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A labelled set that lies on the disk."""

    STAGE = "dataset"

    layout: Literal[
        "auto",
        "raf-db",
        "affectnet",
        "fer2013",
        "ferplus",
        "expw",
        "class-folders",
        "hugging-face",
        "synface",
        "table",
    ] = key()
    """How folders and labels are laid out; auto takes the layout that the folder has."""
    path: str = key(stage=())
    """Its folder."""
    split: Literal["all", "train", "val", "test"] = key("all")
    """Which part to take: train; val or test, which becomes the test split; or all, the test part being val where there
    is no test."""
    test_fraction: float | None = key(None, above=0, below=1)
    """Of a set without test images: this part of each class becomes the test split, by a draw; test images that are
    there stay as they are. People who are in several pictures are then on both sides."""
    classes: Mapping[str | int, Label | None] = key({})
    """What numbered or unusual labels and folders mean: {0: neutral, 1: happiness, 7: null}; null drops a class."""
    table: TableColumns = key(TableColumns)
    """Of the layout table: which columns tell what."""
    crop: NaturalCrop = key(NaturalCrop)
    """How the faces are cut out; a bare method will do."""
    obtain: Obtain = key(Obtain)
    """Where a user gets the set."""


@dataclass(frozen=True, kw_only=True)
class Natural(Imported):
    """Photographs that people have labelled."""

    collection: str | None = key(None, stage=())
    """What the set is a part of, as a generator's trained_on calls it; null is RAF-DB or AffectNet by the layout, else
    the dataset's own name."""


@dataclass(frozen=True, kw_only=True)
class External(Imported):
    """Faces that somebody else's generator has made; never called natural."""

    made_by: str = key(stage=())
    """What made them, as StyleGAN2 or Stable Diffusion 1.5."""
    trained_on: list[str] = key(stage=())
    """Collections whose labels the generator or its guidance learned from, as [RAF-DB], or [unknown], or [nothing]."""
    like: str | None = key(None, stage=(), names="datasets")
    """Natural dataset whose counts per class and split are met exactly, the others being left out; null takes all."""
    fraction: float = key(1.0, above=0)
    """Part of those counts."""
    keep: list[str] | None = key(None)
    """Columns of the set's table that are kept in files.csv, such as prompt or license."""


@dataclass(frozen=True, kw_only=True)
class Color:
    """Color transfer to the original face."""

    STAGE = "color"
    SHORT = "method"

    method: Literal["none", "lab", "lab-skin", "histogram", "mkl", "transport"] = key("lab-skin")
    """lab-skin matches mean and standard deviation per CIELAB channel over the skin, within bounds; lab over the whole
    patch without bounds, the report's formula; histogram all quantiles of each channel; mkl the covariance, by the
    Monge-Kantorovich map; transport moves the colors themselves, by optimal transport."""
    region: Literal["face", "patch"] | None = key(None)
    """Whose pixels the statistics are taken of; null is patch for lab, face for the others."""
    robust: bool = key(False)
    """Leave out of the statistics what the edit changed otherwise than the rest of the face, such as a smear."""
    strength: float = key(1.0, least=0, most=1)
    """0 leaves the edited face as it is, 1 transfers fully."""


@dataclass(frozen=True, kw_only=True)
class Blend:
    """How the edited face is put back into its portrait."""

    STAGE = "blend"
    SHORT = "method"

    method: Literal["none", "alpha", "feather", "pyramid", "poisson"] = key("alpha")
    """alpha is a mask with a linear border along the face's box; feather fades within the outline of the face, pyramid
    each band of frequencies by itself; poisson keeps the edit's gradients and takes the colors from around the outline;
    none is the published hard paste."""
    border: float = key(0.15, above=0, most=0.5)
    """Width of the border as a fraction of the shorter side of the face box."""


@dataclass(frozen=True, kw_only=True)
class Crop:
    """How the face is cut out of the composite."""

    STAGE = "crop"
    SHORT = "method"

    method: Literal["mtcnn", "aligned"] = key("mtcnn")
    """mtcnn cuts out the box that MTCNN finds; aligned brings its five points onto ArcFace's template."""
    size: int = key(100, least=16)
    """Side of the crop in pixels."""
    margin: float = key(0.0, above=-1, most=10)
    """Added around the face, as a fraction of its side."""
    min_overlap: float = key(0.3, least=0, most=1)
    """Least intersection over union of the found face with the edited one."""
    square: bool = key(True)
    """Of the method mtcnn: make the crop square around the center of the face, so that nothing is stretched."""

    def mistakes(self, path: str) -> Iterator[Problem]:
        """Yield what does not fit."""
        if self.method == "aligned" and not self.square:
            yield Problem(f"{path}.square", "found false; does not go with `method: aligned`, whose template is square")


@dataclass(frozen=True, kw_only=True)
class PseudoLabels:
    """Labels that a trained model gives to portraits."""

    STAGE = "label"

    model: str = key(stage=(), names="models")
    """Which model labels."""
    train_set: str = key(stage=(), names="datasets")
    """What it was trained on, natural images."""
    seed: int = key(1, stage=(), least=0)
    """With which seed."""
    min_confidence: float = key(0.0, least=0, below=1)
    """Portraits whose label has a lower probability are rejected."""


@dataclass(frozen=True, kw_only=True)
class Keep:
    """Which edited faces may be chosen, by what a judge reads in them."""

    STAGE = "match"

    judge: str = key(stage=(), names="judges")
    """Who reads them; it is then no outside judge of this dataset any more."""
    at_least: float = key(above=0, most=1)
    """Faces in which it reads their emotion with a lower probability are left out, and listed."""


@dataclass(frozen=True, kw_only=True)
class Synthetic:
    """Edited portraits, adapted, cropped and matched to a natural set."""

    edit: str = key(names="edits")
    """Which edit the faces come from."""
    like: str = key(names="datasets")
    """Natural dataset whose counts per class and split are met exactly."""
    fraction: float | Literal["largest"] = key(1.0, stage=("deal", "match"), above=0)
    """Part of those counts; at least one image of each class that has any. largest is what the portraits allow, at most
    all, the same for every class and split."""
    test_fraction: float | None = key(None, stage=("deal", "match"), above=0)
    """The same for the test split alone; null is fraction. Synthetic test images say little: few will do. Give the
    source a test_fraction that fits, too."""
    color: Color = key(Color)
    """Color transfer to the original face; a bare method will do."""
    blend: Blend = key(Blend)
    """How the edited face is put back; a bare method will do."""
    crop: Crop = key(Crop)
    """How the face is cut out of the composite; a bare method will do."""
    keep: Keep | None = key(None)
    """Leave out faces whose label a judge does not read, before any is chosen; null keeps all. What is left out, spares
    of the edit replace."""
    balance: list[Literal["skin", "gender", "age", "rho"]] | None = key(None, stage="match")
    """Of each class and split, choose as equally many faces of each group as there are faces for: by skin tone, gender
    or age as the first judge with network face-api reads them, or by ranges of rho of 0.25. null balances classes
    alone."""
    prefer: Literal["probability", "random"] = key("probability", stage="match")
    """Which faces are chosen among those that would do: those of which MTCNN is most sure, which are easy faces, or a
    draw by the seed of the edit."""
    unedited: PseudoLabels | None = key(None)
    """Leave the portraits as they are and let a trained model label them: the control for what editing adds. Of each
    class there are as many as like has, or as the model finds; color and blend say nothing then."""

    def mistakes(self, path: str) -> Iterator[Problem]:
        """Yield what does not fit."""
        for name in ("keep", "balance"):
            if self.unedited and getattr(self, name):
                yield Problem(
                    f"{path}.{name}", "does not go with `unedited`, whose faces no judge reads; remove either"
                )


@dataclass(frozen=True, kw_only=True)
class Part:
    """A dataset, or a part of it, in a merge."""

    STAGE = "dataset"
    SHORT = "dataset"

    dataset: str = key(names="datasets")
    """Name in the catalogue."""
    fraction: float = key(1.0, above=0, most=100)
    """Part taken of each class and split; above 1, training images come in again: 1.5 is all of them and half once
    more."""
    repeat: int = key(1, least=1, most=100)
    """How often each training image comes in. A real set repeated to the size of a hybrid is the hybrid's control: as
    many images and steps, nothing new."""


@dataclass(frozen=True, kw_only=True)
class NaturalSet:
    """A labelled set as users have it."""

    MARK = "natural"

    natural: Natural = key()
    """A labelled set as users have it."""


@dataclass(frozen=True, kw_only=True)
class ExternalSet:
    """Faces that somebody else's generator has made."""

    MARK = "external"

    external: External = key()
    """Faces that somebody else's generator has made."""


@dataclass(frozen=True, kw_only=True)
class SyntheticSet:
    """Edited portraits, adapted, cropped and matched to a natural set."""

    MARK = "synthetic"

    synthetic: Synthetic = key()
    """Edited portraits, adapted, cropped and matched to a natural set."""


@dataclass(frozen=True, kw_only=True)
class MergedSet:
    """Several datasets, or parts of them, as one."""

    STAGE = "dataset"
    MARK = "merge"

    merge: list[Part] = key()
    """Datasets to merge, by name or as {dataset, fraction, repeat}."""
    labels: Literal["kept", "shuffled"] = key("kept")
    """shuffled exchanges the labels of the training images at random within each part, a control: what a model still
    learns from such a set is no expression."""
    seed: int = key(1, least=0)
    """Which images a fraction takes, and how labels are shuffled."""


Dataset = NaturalSet | ExternalSet | SyntheticSet | MergedSet
