"""Pose and framing: from head units to pixels and back.

Head coordinates: u to the image's right, v down, z towards the viewer; the origin lies between the pupils, in the plane
of the ears, and one unit is half the width of an average face (70 mm). The projection is orthographic.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from drawn import grid


@dataclass(frozen=True)
class Pose:
    """Angles in degrees: yaw turns the nose to the image's right, pitch down, roll clockwise."""

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0

    def rotation(self) -> np.ndarray:
        """Return the rotation matrix [3, 3]: first yaw, then pitch, then roll."""
        yaw, pitch, roll = np.radians([self.yaw, self.pitch, self.roll])
        turn = np.array([[np.cos(yaw), 0, np.sin(yaw)], [0, 1, 0], [-np.sin(yaw), 0, np.cos(yaw)]])
        nod = np.array([[1, 0, 0], [0, np.cos(pitch), np.sin(pitch)], [0, -np.sin(pitch), np.cos(pitch)]])
        tilt = np.array([[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]])
        return tilt @ nod @ turn


@dataclass(frozen=True)
class View:
    """One picture's camera: ``scale`` in pixels per head unit, ``center`` the origin's pixel (x, y)."""

    size: int
    scale: float
    center: tuple[float, float]
    rotation: np.ndarray

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.size, self.size

    def project(self, points: np.ndarray, depth: np.ndarray | float = 0.0) -> np.ndarray:
        """Return pixels [N, 2] of head points [N, 2] at ``depth``: a number, [N], or a map on the head grid."""
        points = np.asarray(points, np.float64)
        flat = points @ (self.rotation[:2, :2].T * self.scale) + self.center
        toward = self.rotation[:2, 2] * self.scale
        if not isinstance(depth, np.ndarray):
            return flat + depth * toward
        z = grid.sample(depth, points) if depth.ndim == 2 else depth
        return flat + z[:, None] * toward

    def head_coordinates(self, depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return u and v of the surface seen at each pixel, float32 [H, W] each, for the depth map of the head.

        Solves project(u, v) = pixel by fixed-point iteration, which converges since slope x sin(angle) < 1 for the
        few degrees drawn here; on every second pixel, for the map is smooth.
        """
        half = (self.size + 3) // 2
        pixels = np.stack(np.meshgrid(np.arange(half) * 2.0, np.arange(half) * 2.0), -1)
        inverse = np.linalg.inv(self.rotation[:2, :2])
        flat = ((pixels - self.center) / self.scale @ inverse.T).astype(np.float32)
        shift = (inverse @ self.rotation[:2, 2]).astype(np.float32)
        z = np.full((half, half), 0.7, np.float32)
        for _ in range(5):
            x, y = grid.to_grid(flat[..., 0] - shift[0] * z, flat[..., 1] - shift[1] * z)
            z = 0.25 * z + 0.75 * cv2.remap(depth, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        # Sample 2k of the coarse grid lies on pixel 2k: double by a map that keeps that, then cut.
        fine = np.arange(self.size, dtype=np.float32) / 2.0
        x, y = np.meshgrid(fine, fine)
        coarse = flat - shift * z[..., None]
        both = cv2.remap(coarse, x, y, cv2.INTER_LINEAR)
        return np.ascontiguousarray(both[..., 0]), np.ascontiguousarray(both[..., 1])
