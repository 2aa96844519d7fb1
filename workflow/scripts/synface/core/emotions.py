"""The seven basic emotions in the one order used inside synface, and the map from every foreign order.

The order is RAF-DB's (Li & Deng, 2017): surprise, fear, disgust, happiness, sadness, anger, neutral. Foreign
codes are mapped here and nowhere else.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum

from synface.core.errors import InputError


class Emotion(IntEnum):
    """A basic emotion; its value is the class index of every logit vector, table and confusion matrix."""

    SURPRISE = 0
    FEAR = 1
    DISGUST = 2
    HAPPINESS = 3
    SADNESS = 4
    ANGER = 5
    NEUTRAL = 6

    @property
    def label(self) -> str:
        """Lower-case name, as written in every CSV file: ``"surprise"``."""
        return self.name.lower()

    @classmethod
    def from_label(cls, label: str) -> "Emotion":
        """Return the emotion named ``label`` (as in `label`); `InputError` names the known labels."""
        try:
            return cls[label.upper()]
        except KeyError:
            raise InputError(f"unknown emotion {label!r}; expected one of {', '.join(LABELS)}") from None


LABELS: tuple[str, ...] = tuple(emotion.label for emotion in Emotion)

# RAF-DB's EmoLabel/list_patition_label.txt counts from 1.
RAF_DB: Mapping[int, Emotion] = {emotion + 1: emotion for emotion in Emotion}

# AffectNet's expression codes; 7 (contempt) and above are no basic emotion and have no entry.
AFFECTNET: Mapping[int, Emotion] = {
    0: Emotion.NEUTRAL,
    1: Emotion.HAPPINESS,
    2: Emotion.SADNESS,
    3: Emotion.SURPRISE,
    4: Emotion.FEAR,
    5: Emotion.DISGUST,
    6: Emotion.ANGER,
}

# GANmut was trained on AffectNet and keeps its codes; row i of its `axes.weight` is code i + 1.
GANMUT: Mapping[int, Emotion] = AFFECTNET


def check_labels(labels: Iterable[str], where: str, what: str = "label") -> None:
    """Raise `InputError`, naming the file ``where`` and the column ``what``, for a label that is no emotion."""
    unknown = sorted(set(labels) - set(LABELS))
    if unknown:
        raise InputError(f"{where}: unknown {what} {unknown[0]!r}; expected one of {', '.join(LABELS)}")
