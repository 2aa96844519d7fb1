"""Random textures, made once per process; a face takes its own cut-out of them, which costs nothing."""

from functools import cache, lru_cache

import cv2
import numpy as np

from synface.core.draws import keyed_generator

SIZE = 1024


def _unit(noise: np.ndarray) -> np.ndarray:
    noise = noise - noise.mean()
    return (noise / noise.std()).astype(np.float32)


@lru_cache(maxsize=1)
def grain() -> np.ndarray:
    """White noise, float32 [1024, 1024], mean 0, standard deviation 1."""
    return keyed_generator(0, "texture", "grain").standard_normal((SIZE, SIZE), dtype=np.float32)


@lru_cache(maxsize=1)
def strands() -> np.ndarray:
    """Hair: correlated along the rows' direction (axis 0), fine across (axis 1), mean 0, standard deviation 1."""
    noise = keyed_generator(0, "texture", "strands").standard_normal((SIZE, SIZE), dtype=np.float32)
    tiled = cv2.copyMakeBorder(noise, 256, 256, 256, 256, cv2.BORDER_WRAP)
    fine = cv2.GaussianBlur(tiled, (0, 0), sigmaX=0.9, sigmaY=45)
    locks = cv2.GaussianBlur(tiled, (0, 0), sigmaX=9, sigmaY=70)
    inner = (slice(256, -256), slice(256, -256))
    return _unit(_unit(fine[inner]) + 0.55 * _unit(locks[inner]))


@lru_cache(maxsize=1)
def bristles() -> np.ndarray:
    """Short hairs: as `strands`, but only some ten pixels long and without locks."""
    noise = keyed_generator(0, "texture", "bristles").standard_normal((SIZE, SIZE), dtype=np.float32)
    return _unit(cv2.GaussianBlur(noise, (0, 0), sigmaX=0.8, sigmaY=6))


@cache
def clouds(sigma: float) -> np.ndarray:
    """Smooth isotropic noise with correlation length ``sigma`` pixels, mean 0, standard deviation 1, periodic."""
    noise = keyed_generator(0, "texture", f"clouds {sigma}").standard_normal((SIZE, SIZE), dtype=np.float32)
    margin = int(4 * sigma)
    tiled = cv2.copyMakeBorder(noise, margin, margin, margin, margin, cv2.BORDER_WRAP)
    return _unit(cv2.GaussianBlur(tiled, (0, 0), sigma)[margin:-margin, margin:-margin])


def cut(texture: np.ndarray, generator: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Return a random cut-out [height, width] of a texture; both at most 1024."""
    top = int(generator.integers(0, SIZE - height + 1))
    left = int(generator.integers(0, SIZE - width + 1))
    return texture[top : top + height, left : left + width]
