"""The skin: its color over the face, and the light on it, both as maps on the head grid."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from drawn import grid
from drawn.colors import lab_to_linear, luminance
from drawn.grid import bump, bumps
from drawn.identity import Identity
from drawn.light import Light, cast_shadow, normals_of
from drawn.pixels import tinted, toward_color, tripled
from drawn.relief import Relief
from drawn.textures import clouds, cut, grain
from synface.core.draws import keyed_generator

# More blood makes skin redder and a little darker; linear RGB factors at full strength.
_BLOOD = np.array([0.04, -0.24, -0.20], np.float32)


@dataclass(frozen=True)
class Lit:
    """Light on the head grid: received, [H, W, 3], and mirrored, [H, W], by the face and by the ``dome`` of the head.

    ``gloss`` and ``dome_gloss`` are to be multiplied by ``gloss_color`` [3]; ``level`` is the exposure, a factor that
    all of them but the two already contain.
    """

    light: np.ndarray
    gloss: np.ndarray
    gloss_color: np.ndarray
    dome_light: np.ndarray
    dome_gloss: np.ndarray
    level: float


def skin_albedo(landmarks: np.ndarray, identity: Identity, units: Mapping[int, float]) -> np.ndarray:
    """Return the skin's color without light, linear RGB float32 [H, W, 3], on the head grid."""
    base = lab_to_linear(identity.skin_lab)
    generator = keyed_generator(identity.seed, "skin")
    red, ala = identity.redness, landmarks[35, 0]
    blood = 0.55 * red * bumps(0.56, 0.42, 0.20, 0.17) + 0.55 * red * bump(0, landmarks[30, 1] + 0.04, 0.11, 0.10)
    blood += 0.35 * red * bumps(ala, landmarks[35, 1], 0.07, 0.07) + 0.3 * bumps(1.0, 0.15, 0.1, 0.4)
    blood += 0.35 * bumps(0.40, 0.13, 0.16, 0.06) + 0.25 * red * bump(0, landmarks[8, 1] - 0.16, 0.14, 0.1)
    blood += 0.10 * cut(clouds(9.0), generator, grid.HEIGHT, grid.WIDTH)
    if units[12] + units[4] > 0.5:
        blood += 0.12 * bumps(0.5, 0.42, 0.2, 0.2)
    shade = 1.0 + 0.020 * cut(clouds(16.0), generator, grid.HEIGHT, grid.WIDTH)
    shade += 0.016 * cut(clouds(1.2), generator, grid.HEIGHT, grid.WIDTH)
    shade -= (0.09 + 0.10 * identity.age) * bumps(0.36, 0.115, 0.13, 0.045)
    shade -= 0.10 * bumps(0.46, -0.06, 0.2, 0.07)
    albedo = tinted(shade, base) * toward_color(blood, 1.0 + _BLOOD)
    if identity.eyeshadow:
        tint = lab_to_linear((35, 14 * np.sin(identity.seed % 7), 12 * np.cos(identity.seed % 7)))
        lids = (
            identity.eyeshadow
            * 0.55
            * bumps(float(landmarks[[43, 44], 0].mean()), float(landmarks[43, 1]) - 0.02, 0.15, 0.04)
        )
        albedo += tripled(lids) * (tint * (0.35 + base.mean()) * 2 - albedo)
    if identity.freckles > 0.05:
        spots = cut(grain(), generator, grid.HEIGHT, grid.WIDTH) > 2.1
        spots = cv2.GaussianBlur(spots.astype(np.float32), (0, 0), 0.75) * 2.2
        spots *= identity.freckles * (0.8 * bumps(0.35, 0.36, 0.30, 0.16) + 0.6 * bump(0, 0.3, 0.25, 0.2) + 0.15)
        albedo *= toward_color(np.minimum(spots, 0.8), (0.72, 0.58, 0.5))
    for _ in range(int(generator.integers(0, 3))):
        mole = bump(generator.uniform(-0.75, 0.75), generator.uniform(-0.8, 1.4), 0.013, 0.013)
        albedo *= tripled(1.0 - 0.55 * mole)
    return albedo.astype(np.float32)


def light_head(relief: Relief, light: Light, rotation: np.ndarray) -> Lit:
    """Return the light on the head, exposed so that the middle of the face receives ``light.exposure`` on average."""
    normals = normals_of(relief.height)
    toward = np.array(light.key) @ rotation
    shadow = cast_shadow(relief.height, toward)
    hollow = grid.soften(relief.height, 0.11 * grid.PER_UNIT) - relief.height
    openness = np.clip(1.0 - 3.2 * np.maximum(hollow, 0) + 0.8 * np.maximum(-hollow, 0), 0.25, 1.1)
    shaded = light.irradiance(normals, rotation=rotation, shadow=shadow * (0.35 + 0.65 * openness), openness=openness)
    u, v = grid.axes()
    face = (np.abs(v[:, 0] - 0.35) < 0.8), (np.abs(u[0]) < 0.65)
    level = light.exposure / float(luminance(shaded[face[0]][:, face[1]]).mean())
    # The dome is smooth: a quarter of its samples will do.
    half = cv2.resize(relief.dome, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    smooth_normals = normals_of(half, per_unit=0.5 * grid.PER_UNIT)
    dome = cv2.resize(light.irradiance(smooth_normals, rotation=rotation) * level, (grid.WIDTH, grid.HEIGHT))
    dome_gloss = cv2.resize(light.gloss(smooth_normals, rotation=rotation, sharpness=10), (grid.WIDTH, grid.HEIGHT))
    gloss = 0.75 * light.gloss(normals, rotation=rotation, sharpness=14) + 0.6 * light.gloss(
        normals, rotation=rotation, sharpness=50
    )
    color = np.array(light.key_color, np.float32) * level
    return Lit(shaded * level, gloss * shadow, color, dome, dome_gloss, level)
