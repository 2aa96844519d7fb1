"""The tables `experiments`, `statistics` and `report`: what is asked, how it is judged, what the page says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from synface.settings.keys import Problem, key

LEAST_SIZES = 3  # of real training sets determine the three parameters of a scaling curve
StudySet = Literal["RAF-DB", "SynFace15F", "SynFace15V", "RafSynFace30V", "AffectNet-Val"]


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """Two cells of (model, training set) whose difference is asked about beforehand."""

    train_set: str = key(names="datasets")
    """What is asked about."""
    baseline: str = key(names="datasets")
    """Training set that it is compared with; it may be the same."""
    model: str | None = key(None, names="models")
    """Model on train_set; null is every model of the experiment, each compared with itself."""
    baseline_model: str | None = key(None, names="models")
    """Model on baseline; null is the same as on train_set."""
    test_on: list[str] | None = key(None, names="datasets")
    """Test sets; null is the natural ones, or all where none is natural."""

    def mistakes(self, path: str) -> Iterator[Problem]:
        """Yield what does not fit: nothing is compared with itself."""
        if self.train_set == self.baseline and (self.baseline_model or self.model) == self.model:
            yield Problem(path, f"compares {self.train_set!r} with itself; expected another baseline or baseline_model")


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Every model is trained on every train_on with every seed, and tested on every test_on."""

    models: list[str] = key(names="models")
    """Which models to train and test; one with a checkpoint is only tested, and no contrast is about it."""
    seeds: list[int] = key([1, 2, 3, 4, 5], least=0)
    """One training per seed. With one, nothing follows about training sets; beyond five, test images help more."""
    dataset_seeds: list[int] | None = key(None, least=0)
    """Draw synthetic and merged training sets anew with each of these seeds (the portraits and codes of the edit, the
    parts of a merge), and train each draw with every seed: then the luck of a draw is in the intervals too."""
    train_on: list[str] = key([], names="datasets")
    """Training sets. The first natural one is the baseline of the primary contrasts, or the first of all. None where
    every model has a checkpoint."""
    test_on: list[str] = key(names="datasets")
    """Test sets."""
    contrasts: list[Contrast] | None = key(None)
    """What is asked beforehand and judged as one family; null is every training set with synthetic faces against the
    first natural one, by every model. Whatever else differs in one thing, model or training set, is exploratory."""
    scaling: bool = key(False)
    """Fit the accuracy over the number of real training images, and tell how many of them a synthetic one is worth. At
    least three training sets of real images alone, of different size, such as merges of one set with a fraction."""
    published: bool | Mapping[StudySet, str] = key(False, names="datasets")
    """Set the study's published numbers beside ours (tables 5.1 and 5.3). Where your datasets have other names than the
    study's, name yours for each: {RAF-DB: mine}."""


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """How differences between models are judged."""

    STAGE = "evaluate"

    metric: Literal["accuracy", "balanced_accuracy", "macro_f1"] = key("accuracy")
    """What the primary contrasts compare; every other metric is exploratory."""
    alpha: float = key(0.05, above=0, most=0.5)
    """Level of the tests after Holm's correction."""
    margin: float = key(0.02, above=0, most=1)
    """Accuracies shown to differ by less than this count as equivalent."""
    seed_sd: float | None = key(None, above=0, below=1)
    """Standard deviation of the metric between seeds that you state, as a share (0.01 is one point). It is used where a
    training set has one seed, and named wherever it is; without it, one seed says nothing about training sets."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the report page says about the study."""

    STAGE = "report"

    title: str = key("Can synthetic faces replace or extend a real training set?")
    """Heading of the page."""
    note: str | None = key(None)
    """What a reader must know before reading the numbers."""
