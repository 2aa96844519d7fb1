# ruff: noqa: RUF005 - arrays and tuples are added here, not joined
"""Ears, neck, shoulders and clothes."""

import numpy as np

from drawn.canvas import Coverage, darken, fill, paint, stroke
from drawn.colors import lab_to_linear
from drawn.curves import mirrored, smooth
from drawn.subject import Subject
from drawn.textures import clouds, cut

_EAR = [
    (0.93, -0.20),
    (1.06, -0.27),
    (1.165, -0.20),
    (1.18, -0.02),
    (1.125, 0.18),
    (1.085, 0.36),
    (1.02, 0.46),
    (0.95, 0.40),
    (0.92, 0.1),
]
_HELIX = [(1.00, -0.12), (1.07, -0.19), (1.13, -0.12), (1.135, 0.0), (1.09, 0.15)]
_CONCHA = [(1.00, 0.02), (1.06, -0.02), (1.075, 0.08), (1.035, 0.2), (0.99, 0.2)]


def _normals(subject: Subject, coverage: Coverage, half: float) -> np.ndarray:
    """Return normals of an upright cylinder of ``half`` width (head units) around the body's axis, [h, w, 3]."""
    columns = np.arange(coverage.columns.start, coverage.columns.stop, dtype=np.float32)
    x = np.clip((columns - subject.body.center[0]) / (half * subject.scale), -0.97, 0.97)
    normals = np.zeros((*coverage.alpha.shape, 3), np.float32)
    normals[..., 0] = 0.85 * x
    normals[..., 2] = np.sqrt(1 - (0.85 * x) ** 2)
    return normals


def paint_ears(canvas: np.ndarray, subject: Subject) -> None:
    """Paint both ears; the head and the hair come over them."""
    shape, scale, identity = subject.view.shape, subject.scale, subject.identity
    base = lab_to_linear((identity.skin_lab[0] * 0.96, identity.skin_lab[1] + 3, identity.skin_lab[2]))
    for side in (-1.0, 1.0):
        place = np.array((side * identity.face_width, 1.0))

        def ear(points: list[tuple[float, float]], place: np.ndarray = place) -> np.ndarray:
            return subject.view.project(smooth(np.array(points)) * place, -0.16)

        light = np.array([side * 0.55, 0.0, 0.83], np.float32)
        received = subject.scene.light.irradiance(light[None], rotation=subject.view.rotation)[0] * subject.lit_level
        outline = fill(shape, [ear(_EAR)], blur=0.004 * scale)
        paint(canvas, outline, base * received * 0.92)
        darken(
            canvas, stroke(shape, [ear(_HELIX)], width=0.035 * scale, blur=0.014 * scale), np.array([0.60, 0.48, 0.45])
        )
        darken(canvas, fill(shape, [ear(_CONCHA)], blur=0.025 * scale), np.array([0.52, 0.40, 0.38]))


def paint_body(canvas: np.ndarray, subject: Subject) -> None:
    """Paint neck, shoulders and clothes."""
    shape, scale, identity, scene = subject.view.shape, subject.scale, subject.identity, subject.scene
    broad = 0.50 + 0.15 * identity.masculinity
    neck = smooth(
        np.array(
            [(broad * 0.98, 0.75), (broad, 1.3), (broad * 1.03, 1.62), (broad * 1.35, 1.88), (1.5, 2.10), (1.6, 3.2)]
        )
    )
    skin = fill(shape, [subject.body.project(mirrored(neck))], blur=0.006 * scale)
    light = scene.light.irradiance(_normals(subject, skin, broad * 1.15), openness=0.9) * subject.lit_level
    base = lab_to_linear(identity.skin_lab)
    paint(canvas, skin, 0.86 * base * light)
    # Two cords run from behind the ears to the pit of the neck, and the collar bones leave it.
    cords = [
        subject.body.project(smooth(np.array([(s * 0.46, 1.25), (s * 0.30, 1.7), (s * 0.10, 1.98)]))) for s in (-1, 1)
    ]
    bones = [
        subject.body.project(smooth(np.array([(s * 0.12, 2.04), (s * 0.6, 2.02), (s * 1.2, 2.08)]))) for s in (-1, 1)
    ]
    darken(canvas, stroke(shape, cords + bones, width=0.07 * scale, blur=0.05 * scale), np.array([0.80, 0.74, 0.72]))
    jaw = subject.view.project(subject.points[:17] + (0, 0.17), 0.1)
    shade = fill(shape, [jaw + (-0.22 * scale * np.array([scene.light.key[0], 0]))], blur=0.10 * scale)
    on_neck = Coverage(shade.rows, shade.columns, shade.alpha * skin.full(*shape)[shade.place])
    darken(canvas, on_neck, np.array([0.40, 0.33, 0.31]))
    _paint_clothes(canvas, subject, broad)


def _paint_clothes(canvas: np.ndarray, subject: Subject, broad: float) -> None:
    shape, scale, scene = subject.view.shape, subject.scale, subject.scene
    kind = scene.clothes
    inner = {
        "crew": [(0, 1.98), (0.3, 1.95), (broad * 1.12, 1.80)],
        "v-neck": [(0, 2.45), (0.25, 2.12), (broad * 1.1, 1.79)],
        "shirt": [(0, 2.25), (0.16, 2.05), (broad * 1.08, 1.74)],
        "turtleneck": [(0, 1.58), (0.35, 1.57), (broad * 1.10, 1.50)],
        "scoop": [(0, 2.3), (0.5, 2.22), (broad * 1.5, 1.86)],
    }[kind]
    shoulder = [(broad * 1.22, 1.74), (1.25, 1.90), (1.9, 2.03), (2.35, 2.4), (2.6, 3.4)]
    if kind == "turtleneck":
        shoulder = [(broad * 1.14, 1.50), (broad * 1.16, 1.66), *shoulder[1:]]
    right = np.concatenate([smooth(np.array(inner)), smooth(np.array(shoulder))])
    cloth = fill(shape, [subject.body.project(mirrored(right))], blur=0.004 * scale)
    normals = _normals(subject, cloth, 2.6)
    generator = subject.scene_generator("clothes")
    folds = cut(clouds(16.0), generator, *cloth.alpha.shape)
    weave = cut(clouds(1.2), generator, *cloth.alpha.shape)
    light = scene.light.irradiance(normals) * subject.lit_level
    color = lab_to_linear(scene.clothes_lab) * light * (0.85 + 0.10 * folds + 0.035 * weave)[..., None]
    paint(canvas, cloth, color)
    rim = subject.body.project(np.concatenate([smooth(np.array(inner))[::-1] * (-1, 1), smooth(np.array(inner))[1:]]))
    below = {"turtleneck": 0.10, "shirt": 0.03}.get(kind, 0.05)
    darken(canvas, stroke(shape, [rim + (0, below * scale)], width=0.02 * scale, blur=0.02 * scale), 0.62)
    if kind == "shirt":
        for side in (-1.0, 1.0):
            flap = np.array(
                [(0.02, 2.12), (0.16, 2.00), (broad * 1.10, 1.66), (broad * 1.22, 1.80), (0.42, 2.20), (0.22, 2.34)]
            )
            piece = fill(shape, [subject.body.project(flap * (side, 1))])
            darken(canvas, fill(shape, [subject.body.project(flap * (side, 1) + (0, 0.05))], blur=0.03 * scale), 0.7)
            toward = scene.light.irradiance(np.array([[side * 0.3, -0.2, 0.93]], np.float32))[0] * subject.lit_level
            paint(canvas, piece, np.minimum(lab_to_linear(scene.clothes_lab) * 1.12 + 0.01, 0.95) * toward)
