"""The words of public sets: what splits, classes and labels are called, in every spelling that circulates."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from synface.core.emotions import AFFECTNET, RAF_DB, Emotion

_PART_WORDS = {
    "train": ("train", "training", "trn"),
    "val": ("val", "valid", "validation", "vali", "dev", "eval", "evaluation", "publictest"),
    "test": ("test", "testing", "tst", "privatetest"),
}
_PARTS = {word: part for part, words in _PART_WORDS.items() for word in words}
# What stands beside these words in the names of folders, as in train_set, Training-Images, RAF_train.
_FILLING = frozenset({"set", "data", "images", "image", "imgs", "img", "faces", "split", "folder", "class", "aligned"})

_NAMES = {
    Emotion.SURPRISE: ("surprise", "surprised", "surprize", "su"),
    Emotion.FEAR: ("fear", "fearful", "afraid", "scared", "fe"),
    Emotion.DISGUST: ("disgust", "disgusted", "di"),
    Emotion.HAPPINESS: ("happiness", "happy", "joy", "ha"),
    Emotion.SADNESS: ("sadness", "sad", "sa"),
    Emotion.ANGER: ("anger", "angry", "an"),
    Emotion.NEUTRAL: ("neutral", "neutrality", "ne"),
}
EMOTIONS: Mapping[str, Emotion] = {name: emotion for emotion, names in _NAMES.items() for name in names}
# Classes that public sets have besides the seven. Any other name is more likely a slip of the pen.
OTHERS = frozenset(
    {"contempt", "none", "uncertain", "unknown", "other", "others", "no_face", "noface", "nf", "compound", "non-face"}
)
_AFFECTNET_OTHERS = {7: "contempt", 8: "none", 9: "uncertain", 10: "no_face"}
_FER_2013 = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral")


@dataclass(frozen=True)
class Classes:
    """What the labels of a set mean.

    Attributes:
        meaning: by label in `plain` form, an emotion, or the word for a class that is none of the seven.
        told: what is expected, for a sentence.
    """

    meaning: Mapping[str, Emotion | str]
    told: str


def codes(order: Mapping[int, Emotion], others: Mapping[int, str], told: str) -> Classes:
    """Return the classes of a set that numbers them."""
    return Classes({str(code): meaning for code, meaning in {**order, **others}.items()}, told)


NAMED = Classes({**EMOTIONS, **{name: name for name in OTHERS}}, "the English names of the emotions")
RAF_DB_CODES = codes(RAF_DB, {}, "1 (surprise) to 7 (neutral)")
AFFECTNET_CODES = codes(AFFECTNET, _AFFECTNET_OTHERS, "0 (neutral) to 10 (no face)")
FER2013_CODES = codes(
    {code: EMOTIONS[name] for code, name in enumerate(_FER_2013)}, {}, "0 (angry) to 6 (neutral), in FER2013's order"
)


def mean_anything(numbers: Iterable[str]) -> str:
    """Return the end of a sentence about classes that are ``numbers``, decimal, and that nothing explains."""
    return (
        f"are numbers ({', '.join(sorted(set(numbers), key=int))}), which may mean anything; say what they are, "
        "such as `classes: {0: neutral, 1: happiness, 7: null}`, null for what is none of the seven"
    )


def plain(label: object) -> str:
    """Return a label as text without case, index and zeros: 3.0 and "03" are "3", "3_Happy " is "happy"; "" for none.

    A number with a fraction stays one, so that no class has it.
    """
    text = "" if label is None or label != label else str(label).strip().lower()
    try:
        number = float(text)
    except ValueError:
        return re.sub(r"^\d+[-_. ]+(?=[a-z])", "", text)
    return str(int(number)) if number.is_integer() else text


def part_named(name: str) -> str | None:
    """Return ``train``, ``val`` or ``test`` for what a folder, file or column calls it; None for any other word."""
    words = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", name).lower())
    found = [_PARTS[word] for word in words if word in _PARTS]
    rest = [word for word in words if word not in _PARTS and word not in _FILLING]
    if len(set(found)) == 1 and not rest:
        return found[0]
    joined = "".join(words)
    if joined in _PARTS:  # PublicTest
        return _PARTS[joined]
    for word in sorted(_PARTS, key=len, reverse=True):  # trainset, FERtest
        if joined in (f"{word}set", f"{word}data", f"fer{word}"):
            return _PARTS[word]
    return None
