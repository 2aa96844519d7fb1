"""People whom no network has seen, each with the true answer to every edit, since the project draws them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np

from drawn.action_units import sample_expression
from drawn.dataset import INTENSITIES, plan_faces
from drawn.face import DrawnFace, FaceParameters, draw_face
from drawn.identity import Identity
from drawn.scene import sample_scene
from synface.core.emotions import Emotion

SEED = 7041  # the training faces of the demo's generator have seeds 2 and 12
TRUE_INTENSITY = 1.0  # what the demo's generator was taught to make at rho 1
STILL = 2  # levels of 255: where no true edit changes more is background


@dataclass(frozen=True)
class Picture:
    """A drawn face at the generator's size S.

    Attributes:
        image: uint8 RGB [S, S, 3].
        landmarks: [68, 2], x and y in pixels.
    """

    image: np.ndarray
    landmarks: np.ndarray


@dataclass(frozen=True)
class Sitter:
    """A person before the editor.

    Attributes:
        face: everything about the original.
        item: the key of its draws.
        identity: who it is.
        emotion: what the original shows.
        original: the portrait, mostly neutral or mild, framed as the editor sees it.
        elsewhere: another portrait of the person, in another place and light.
        truths: the original with each of the seven emotions, in the order of `Emotion`.
        skin: bool [S, S], the face in the original.
        background: bool [S, S], what none of the truths changes.
    """

    face: FaceParameters
    item: str
    identity: Identity
    emotion: Emotion
    original: Picture
    elsewhere: Picture
    truths: tuple[Picture, ...]
    skin: np.ndarray
    background: np.ndarray

    def at(self, emotion: Emotion, intensity: float) -> Picture:
        """Draw the true edit of the original to ``emotion`` at ``intensity`` in [0, 1]."""
        changed = _with_emotion(self.face, self.item, emotion, intensity)
        return as_seen(draw_face(changed), self.original.image.shape[0])


def draw_sitters(count: int, size: int, *, smiling: float | None = None) -> Iterator[Sitter]:
    """Draw ``count`` sitters at ``size`` x ``size`` pixels; the first ones are the same for every count.

    Args:
        count: how many.
        size: of the pictures.
        smiling: share of the originals that smile, as FFHQ's do; None: mostly neutral or mild ones.
    """
    settings = {"domain": "faces", "layout": "portraits", "intensity": INTENSITIES["portraits"], "smiling": smiling}
    for planned in sorted(plan_faces(settings | {"seed": SEED, "count": count}), key=lambda planned: planned.item):
        face = planned.parameters(seed=SEED, domain="faces")
        original = draw_face(face)
        truths = tuple(
            as_seen(draw_face(_with_emotion(face, planned.item, emotion, TRUE_INTENSITY)), size) for emotion in Emotion
        )
        seen = as_seen(original, size)
        other_scene = sample_scene(SEED, f"{planned.item} elsewhere", domain="faces")
        changes = [np.abs(truth.image.astype(int) - seen.image).max(axis=2) for truth in truths]
        skin = cv2.resize(original.face_mask, (size, size), interpolation=cv2.INTER_AREA)
        yield Sitter(
            face=face,
            item=planned.item,
            identity=face.identity,
            emotion=planned.emotion,
            original=seen,
            elsewhere=as_seen(draw_face(replace(face, scene=other_scene)), size),
            truths=truths,
            skin=skin > 250,
            background=np.max(changes, axis=0) <= STILL,
        )


def as_seen(drawn: DrawnFace, size: int) -> Picture:
    """Return a drawn face as the editing stage resizes it, bilinearly, to ``size``."""
    image = cv2.resize(drawn.image, (size, size), interpolation=cv2.INTER_LINEAR)
    # Centers of pixels are at integers.
    return Picture(image, (drawn.landmarks + 0.5) * (size / drawn.image.shape[0]) - 0.5)


def _with_emotion(face: FaceParameters, item: str, emotion: Emotion, intensity: float) -> FaceParameters:
    return replace(face, expression=sample_expression(SEED, item, emotion=emotion, intensity=intensity))
