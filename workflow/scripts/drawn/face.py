"""A drawn face: identity, expression and scene together make one picture, with everything about it known."""

from dataclasses import dataclass

import numpy as np

from drawn import grid
from drawn.action_units import Expression, sample_expression
from drawn.backdrop import paint_backdrop
from drawn.beard import paint_beard
from drawn.body import paint_body, paint_ears
from drawn.brows import paint_brows
from drawn.camera import expose
from drawn.canvas import fill, paint
from drawn.eyes import paint_eyes
from drawn.glasses import paint_glasses, paint_temples
from drawn.hair import cover, grow_hair, shade_under_hair
from drawn.identity import Identity, sample_identity
from drawn.landmarks import expressive_landmarks, neutral_landmarks
from drawn.mouth import paint_lips, paint_mouth, paint_nostrils
from drawn.occlusion import paint_occlusion
from drawn.pixels import tinted
from drawn.relief import head_outline, shape_relief
from drawn.scene import SIZES, Scene, sample_scene
from drawn.skin import light_head, skin_albedo
from drawn.subject import Subject
from drawn.view import Pose, View
from synface.core.emotions import Emotion


@dataclass(frozen=True)
class FaceParameters:
    """What is drawn. The three parts are independent: replace one and the picture keeps the others."""

    identity: Identity
    expression: Expression
    scene: Scene


@dataclass(frozen=True)
class DrawnFace:
    """A picture and its truth.

    Attributes:
        image: uint8 RGB [size, size, 3].
        landmarks: float32 [68, 2], x and y in pixels (centers at integers), iBUG order; may lie outside the picture.
        face_mask: uint8 [size, size], 255 on skin and features of the face, 0 where hair, a hand or a scarf covers it.
        skin_lab: CIELAB (D65) of the skin under white light, before makeup and blood.
        parameters: what was drawn.
    """

    image: np.ndarray
    landmarks: np.ndarray
    face_mask: np.ndarray
    skin_lab: tuple[float, float, float]
    parameters: FaceParameters


def sample_face(seed: int, item: str, *, emotion: Emotion, intensity: float, domain: str) -> FaceParameters:
    """Draw the parameters of face ``item``: its person, expression and scene, each keyed by (seed, item) alone.

    The person does not depend on ``emotion``, ``intensity`` or ``domain``; the scene only on ``domain``.
    """
    return FaceParameters(
        sample_identity(seed, item),
        sample_expression(seed, item, emotion=emotion, intensity=intensity),
        sample_scene(seed, item, domain=domain),
    )


def _pose_subject(face: FaceParameters, size: int) -> Subject:
    identity, scene, units = face.identity, face.scene, face.expression.action_units
    points = expressive_landmarks(identity, face.expression)
    relief = shape_relief(points, identity, units)
    rotation = scene.pose.rotation()
    center = (scene.center[0] * size - 0.5, scene.center[1] * size - 0.5)
    view = View(size, scene.scale * size, center, rotation)
    body = View(size, scene.scale * size, center, Pose(roll=0.35 * scene.pose.roll).rotation())
    u, v = view.head_coordinates(relief.depth)
    return Subject(
        identity,
        units,
        scene,
        view,
        body,
        points,
        neutral_landmarks(identity),
        relief,
        light_head(relief, scene.light, rotation),
        u,
        v,
    )


def draw_face(face: FaceParameters, size: int | None = None) -> DrawnFace:
    """Draw ``face`` at ``size`` pixels (default: its domain's: portraits 256, raf 100, affectnet 224)."""
    size = SIZES[face.scene.domain] if size is None else size
    subject = _pose_subject(face, size)
    canvas = paint_backdrop(face.scene, size)
    hair = grow_hair(subject)
    if hair is not None and hair.back is not None:
        cover(canvas, hair.back, hair.color * np.float32(0.45))
    paint_body(canvas, subject)
    paint_ears(canvas, subject)
    outline = subject.view.project(head_outline(subject.points, face.identity), subject.relief.depth)
    head = fill((size, size), [outline], blur=0.006 * subject.scale)
    paint(canvas, head, _paint_head(subject, hair))
    paint_temples(canvas, subject)
    mask = head.full(size, size)
    if hair is not None:
        cover(canvas, hair.front, hair.color)
        mask = mask * (1.0 - hair.front)
    paint_glasses(canvas, subject)
    covered = paint_occlusion(canvas, subject)
    if covered is not None:
        mask[covered.place] *= 1.0 - covered.alpha
    # The cranium belongs to the head, not to the face.
    mask = mask * np.clip((subject.v + 1.15) * 8, 0, 1)
    return DrawnFace(
        image=expose(canvas, face.scene.camera, face.scene.seed),
        landmarks=subject.on_face(subject.points).astype(np.float32),
        face_mask=(mask * 255 + 0.5).astype(np.uint8),
        skin_lab=face.identity.skin_lab,
        parameters=face,
    )


def _paint_head(subject: Subject, hair: object) -> np.ndarray:
    """Return the lit head with all features, [H, W, 3], defined everywhere; the caller cuts it out."""
    albedo = grid.warp(skin_albedo(subject.points, subject.identity, subject.units), subject.u, subject.v)
    paint_beard(albedo, subject)
    paint_lips(albedo, subject)
    paint_brows(albedo, subject)
    lit = albedo * subject.light + tinted(subject.gloss, 0.075 * subject.identity.gloss * subject.lit.gloss_color)
    paint_nostrils(lit, subject)
    paint_mouth(lit, subject)
    paint_eyes(lit, subject)
    if hair is not None:
        shade_under_hair(lit, hair.front, subject)
    return lit
