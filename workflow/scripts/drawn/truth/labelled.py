"""Drawn faces with the labels that the reader learns, and the alignment that it reads them in."""

from dataclasses import astuple, dataclass, fields

import numpy as np

from drawn.face import draw_face, sample_face
from drawn.identity import Identity
from drawn.truth.sitters import Picture, as_seen
from synface.core.draws import keyed_generator
from synface.core.emotions import LABELS, Emotion
from synface.core.progress import progress
from synface.judges.reader import align_by_eyes

_EYES = [36, 39, 42, 45]


@dataclass(frozen=True)
class Labelled:
    """N drawn faces with their truth: emotion [N], intensity [N], action units [N, U] and person [N, P]."""

    pictures: list[Picture]
    emotion: np.ndarray
    intensity: np.ndarray
    units: np.ndarray
    person: np.ndarray


def draw_labelled(count: int, size: int, *, seed: int, lowest: float) -> Labelled:
    """Draw ``count`` persons, every emotion equally often at intensities from ``lowest`` to 1, as seen at ``size``."""
    pictures, rows = [], []
    for number in progress(range(count), total=count, what="faces"):
        item = str(number)
        emotion = Emotion(number % len(LABELS))
        strength = float(keyed_generator(seed, "reader intensity", item).uniform(lowest, 1.0))
        face = sample_face(seed, item, emotion=emotion, intensity=strength, domain="faces")
        pictures.append(as_seen(draw_face(face), size))
        units = list(face.expression.action_units.values())
        rows.append((emotion, face.expression.intensity, units, person_vector(face.identity)))
    emotion, intensity, units, person = map(np.array, zip(*rows, strict=True))
    return Labelled(pictures, emotion, np.float32(intensity), np.float32(units), np.float32(person))


def person_vector(identity: Identity) -> np.ndarray:
    """Return what makes a person: proportions, skin, eyes, hair, beard, glasses, float64 [P]."""
    apart = ("seed", "hair", "beard", "glasses")
    numbers = [getattr(identity, field.name) for field in fields(identity) if field.name not in apart]
    hair = identity.hair
    return np.hstack([*numbers, hair.lab, hair.line, astuple(identity.beard), identity.glasses is not None])


def align(picture: Picture, random: np.random.Generator | None = None) -> np.ndarray:
    """Return the face with the corners of its eyes in a fixed place; see `align_by_eyes`."""
    corners = picture.landmarks[_EYES].astype(float)
    eyes = np.stack([corners[:2].mean(axis=0), corners[2:].mean(axis=0)])
    return align_by_eyes(picture.image, eyes, random)
