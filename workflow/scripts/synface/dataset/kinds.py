"""The kinds of images that a dataset is made of, and what is true of each: the words of its card and its Croissant.

What a dataset was made of is a list of origins, as `synface.study.origins` describes them: dictionaries with ``kind``,
``name``, ``dataset``, ``license``, ``from`` and, where they apply, ``made_by``, ``layout``, ``learned_from``,
``licenses`` and ``shuffled``. The kinds in `KINDS` gave images; those in `BESIDE` gave labels, edits or numbers, and no
image.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Origin = Mapping[str, Any]


@dataclass(frozen=True)
class Kind:
    """What is true of all images of a kind.

    Attributes:
        what: what gave the images, in words that follow its name.
        people: whom they show.
        labels: where their labels come from.
        biases: what one has to expect of them.
        synthetic: whether something else than a camera made them, or a part of them.
    """

    what: str
    people: str
    labels: str
    biases: str
    synthetic: bool


_ASKED = "Labels are the emotion that was asked of the generator, not one that people confirmed."
_SHUFFLED = (
    "Labels of training images were shuffled, a control: these say nothing about a face. Of the others it holds:"
)
_BY_MODEL = "Labels were given by a model, not by people: its mistakes are in here."
_NO_PERSON = "The faces were drawn by a program: they show no person."
_DRAWN_BIAS = "Drawings are simpler than photographs; what a model learns from them says nothing about people's faces."
_TRACES = "`source` and `source_id` in `metadata.csv` lead back to the portrait; respect requests for removal."

KINDS: Mapping[str, Kind] = {
    "photographs": Kind(
        what="photographs of faces, labelled by people",
        people="The photographs show identifiable people; respect their requests for removal.",
        labels="Labels say how annotators read a face at one moment, not what a person felt.",
        biases="Whom the photographs show, and how annotators of one culture read faces, is in here.",
        synthetic=False,
    ),
    "drawings": Kind(
        what="faces that this study drew itself",
        people=_NO_PERSON,
        labels="Labels are the emotion that was drawn.",
        biases=_DRAWN_BIAS,
        synthetic=True,
    ),
    "external": Kind(
        what="faces that somebody else's generator made",
        people="The faces were made by a generator: do not present one as a photograph of a person. Whether they "
        "resemble people whose pictures the generator learned from was not looked at.",
        labels="Labels are those that the images came with: as a rule what was asked of the generator, not what people "
        "confirmed.",
        biases="The biases of the generator and of what it learned from are in here.",
        synthetic=True,
    ),
    "edited portraits": Kind(
        what="portraits whose faces were edited",
        people="**The portraits are photographs of real people, edited to show emotions that they did not show**, "
        "unless the source itself is synthetic, which only its card can tell. Do not present an image as a photograph "
        f"of a person or of what a person felt, do not use the images to recognize or to imitate people. {_TRACES}",
        labels=_ASKED,
        biases="The biases of the portraits, of the generator and of the reference set are in here.",
        synthetic=True,
    ),
    "edited drawings": Kind(
        what="drawn portraits whose faces were edited",
        people=_NO_PERSON,
        labels=_ASKED,
        biases=_DRAWN_BIAS,
        synthetic=True,
    ),
    "portraits": Kind(
        what="portraits as they are, labelled by a model",
        people=f"The portraits show people as they were photographed, identifiable. {_TRACES}",
        labels=_BY_MODEL,
        biases="Whom the portraits show, and what the model reads in faces, is in here.",
        synthetic=False,
    ),
    "drawn portraits": Kind(
        what="drawn portraits as they are, labelled by a model",
        people=_NO_PERSON,
        labels=_BY_MODEL,
        biases=_DRAWN_BIAS,
        synthetic=True,
    ),
}

BESIDE: Mapping[str, str] = {
    "generator": "the generator that edited the faces",
    "model": "the model that gave the labels",
    "teacher": "what the generator or model behind `{dataset}` learned from; none of its images came in that way",
    "counts": "only its numbers of images per class and split were taken, for `{dataset}`",
}


def kinds_in(origins: Sequence[Origin]) -> list[str]:
    """Return the kinds of images that are in a dataset, each once."""
    return list(dict.fromkeys(origin["kind"] for origin in origins if origin["kind"] in KINDS))


def labels_of(kind: str, origins: Sequence[Origin]) -> str:
    """Return where the labels of a kind of images come from, and whether they were shuffled."""
    if any(origin.get("shuffled") for origin in origins if origin["kind"] == kind):
        return f"{_SHUFFLED} {KINDS[kind].labels}"
    return KINDS[kind].labels


def is_synthetic(origins: Sequence[Origin]) -> bool:
    """Return whether something else than a camera made any image."""
    return any(KINDS[kind].synthetic for kind in kinds_in(origins))


def tell_origin(origin: Origin) -> str:
    """Return an origin in words: ``the generator `ganmut`: the generator that edited ...``."""
    kind = origin["kind"]
    words = [f"`{origin['name']}`: {KINDS[kind].what if kind in KINDS else BESIDE[kind].format(**origin)}"]
    if origin.get("made_by"):
        words.append(f"made by `{origin['made_by']}`")
    if origin.get("learned_from"):
        words.append(f"labels learned from {', '.join(origin['learned_from'])}")
    if origin.get("licenses"):
        words.append(f"of them the portraits under {', '.join(origin['licenses'])}")
    return "; ".join(words)
