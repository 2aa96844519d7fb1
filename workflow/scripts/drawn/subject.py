"""The posed subject of one picture: what every painter of a part needs, computed once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from drawn import grid
from drawn.identity import Identity
from drawn.relief import Relief
from drawn.scene import Scene
from drawn.skin import Lit
from drawn.view import View
from synface.core.draws import keyed_generator


@dataclass(frozen=True)
class Subject:
    """``points``: the 68 landmarks in head units; ``u``, ``v``: head coordinates of each pixel [H, W]."""

    identity: Identity
    units: Mapping[int, float]
    scene: Scene
    view: View
    body: View
    points: np.ndarray
    resting: np.ndarray
    relief: Relief
    lit: Lit
    u: np.ndarray
    v: np.ndarray

    @property
    def scale(self) -> float:
        """Pixels per head unit."""
        return self.view.scale

    def on_face(self, points: np.ndarray) -> np.ndarray:
        """Return pixels [N, 2] of head points [N, 2] on the surface of the face."""
        return self.view.project(points, self.relief.depth)

    def generator(self, purpose: str) -> np.random.Generator:
        """Return random draws that belong to the person, so another expression or picture repeats them."""
        return keyed_generator(self.identity.seed, purpose)

    def scene_generator(self, purpose: str) -> np.random.Generator:
        """Return random draws that belong to the picture."""
        return keyed_generator(self.scene.seed, purpose)

    @property
    def lit_level(self) -> np.float32:
        """Factor that the exposure of the face puts on all light."""
        return np.float32(self.lit.level)

    @cached_property
    def light(self) -> np.ndarray:
        """Light on the face at each pixel, [H, W, 3]."""
        return grid.warp(self.lit.light, self.u, self.v)

    @cached_property
    def gloss(self) -> np.ndarray:
        """Mirrored light at each pixel, [H, W], to be multiplied by `Lit.gloss_color`."""
        return grid.warp(self.lit.gloss, self.u, self.v)

    def light_at(self, points: np.ndarray) -> np.ndarray:
        """Return the mean light [3] on the face at head points [N, 2]."""
        return grid.sample(self.lit.light, points).mean(0).astype(np.float32)
