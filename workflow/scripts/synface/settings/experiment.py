"""The tables `experiments`, `statistics` and `report`: what is asked, how it is judged, what the page says."""

from dataclasses import dataclass
from typing import Literal

from synface.settings.keys import key


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """Every model is trained on every train_on with every seed, and tested on every test_on."""

    models: list[str] = key(names="models")
    """Which models to train."""
    seeds: list[int] = key([1, 2, 3, 4, 5], least=0)
    """One training per seed. With one, nothing follows about training sets; beyond five, test images help more."""
    train_on: list[str] = key(names="datasets")
    """Training sets. The first natural one is the baseline of the primary contrasts, or the first of all."""
    test_on: list[str] = key(names="datasets")
    """Test sets."""
    published: bool = key(False)
    """Set the study's published numbers beside ours (tables 5.1 and 5.3)."""


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
