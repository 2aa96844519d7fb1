"""A folder per split and class: `train/happy/a.jpg`, `test/3_happiness/b.png`; English names, no numbers alone."""

import re
from pathlib import Path

from synface.core.emotions import Emotion
from synface.core.errors import InputError
from synface.core.images import SUFFIXES
from synface.dataset.listing import Listed, Listing, Skipped

_NAMES = {
    Emotion.SURPRISE: ("surprise", "surprised"),
    Emotion.FEAR: ("fear", "fearful", "afraid", "scared"),
    Emotion.DISGUST: ("disgust", "disgusted"),
    Emotion.HAPPINESS: ("happiness", "happy", "joy"),
    Emotion.SADNESS: ("sadness", "sad"),
    Emotion.ANGER: ("anger", "angry"),
    Emotion.NEUTRAL: ("neutral", "neutrality"),
}
_EMOTIONS = {name: emotion for emotion, names in _NAMES.items() for name in names}
# Classes that public sets have besides the seven. Any other name is more likely a slip of the pen.
_OTHERS = frozenset(
    {"contempt", "none", "uncertain", "unknown", "other", "others", "no_face", "noface", "nf", "compound"}
)
_TEST = ("test", "val", "valid", "validation")


def list_class_folders(root: Path, split: str) -> Listing:
    """List ``root``: split folders with class folders, or class folders alone where ``split`` says which they are.

    Of several test folders (test, val, valid, validation) the first is taken and the others are listed as skipped.
    ``split`` is ``all``, ``train`` or ``val``. Raises `InputError` for a class that is not known.
    """
    listing = Listing()
    tests = [name for name in _TEST if (root / name).is_dir()]
    if (root / "train").is_dir():
        _list_split(root, root / "train", "train", "", listing)
    for name in tests:
        unused = f"{tests[0]}/ is the test split, {name}/ is not used" if name != tests[0] else ""
        _list_split(root, root / name, "test", unused, listing)
    if not tests and not (root / "train").is_dir():
        if split == "all":
            raise InputError(
                f"{root}: found neither train/ nor test/; for class folders alone set `split` to train or val"
            )
        _list_split(root, root, "train" if split == "train" else "test", "", listing)
    return listing


def _list_split(root: Path, folder: Path, split: str, unused: str, listing: Listing) -> None:
    for labelled in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        name = re.sub(r"^\d+[-_. ]+", "", labelled.name.lower())  # 3_happiness: the index is not needed
        if name not in _EMOTIONS and name not in _OTHERS:
            raise InputError(
                f"{labelled}: unknown class; expected one of {', '.join(_EMOTIONS)}, or to be skipped "
                f"{', '.join(sorted(_OTHERS))}"
            )
        for file in sorted(path for path in labelled.rglob("*") if path.is_file() and not path.name.startswith(".")):
            path = file.relative_to(root).as_posix()
            if unused or name in _OTHERS or file.suffix.lower() not in SUFFIXES:
                reason = unused or (
                    f"{name} is none of the seven emotions" if name in _OTHERS else "the suffix is none of an image"
                )
                listing.skipped.append(Skipped(path, split, name, reason))
                continue
            emotion = _EMOTIONS[name]
            key = f"{split}/{emotion.label}/{file.relative_to(labelled).as_posix()}"
            listing.images.append(Listed(path, split, emotion, str(Path(key).with_suffix(""))))
