"""What a camera does to a picture: blur, color cast, vignette, noise, JPEG."""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from drawn.colors import display
from drawn.pixels import colored, tinted, tripled
from drawn.textures import cut, grain
from synface.core.draws import keyed_generator


@dataclass(frozen=True)
class Camera:
    """``blur`` is the standard deviation in pixels of a 256 px picture; ``noise`` that of sRGB in [0, 255]."""

    blur: float = 0.0
    motion: float = 0.0
    motion_angle: float = 0.0
    noise: float = 0.0
    saturation: float = 1.0
    contrast: float = 1.0
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    vignette: float = 0.0
    jpeg_quality: int | None = None


class _Range(NamedTuple):
    """From ``least`` up by ``more`` for a draw in [0, 1); a greater ``power`` makes large values rarer."""

    least: float
    more: float
    power: float = 1

    def at(self, draw: float) -> float:
        return self.least + self.more * float(draw**self.power)


@dataclass(frozen=True)
class _Kind:
    """What cameras of a domain are like. One moves by up to ``motion`` pixels where the draw is above ``moves``."""

    blur: _Range
    noise: _Range
    saturation: _Range
    contrast: _Range
    cast: float
    vignette: float
    motion: float = 0.0
    moves: float = 1.0
    jpeg_quality: tuple[int, int] | None = None  # the lowest, and how much more


_KINDS = {
    "portraits": _Kind(
        blur=_Range(0.0, 0.45),
        noise=_Range(0.4, 1.6),
        saturation=_Range(0.92, 0.16),
        contrast=_Range(0.97, 0.08),
        cast=0.015,
        vignette=0.15,
    ),
    "raf": _Kind(
        blur=_Range(0.3, 2.1, 2),
        noise=_Range(1.0, 4.0, 2),
        saturation=_Range(0.75, 0.4),
        contrast=_Range(0.9, 0.25),
        cast=0.03,
        vignette=0.2,
        motion=3.0,
        moves=0.85,
        jpeg_quality=(70, 26),
    ),
    "affectnet": _Kind(
        blur=_Range(0.7, 2.2, 1.5),
        noise=_Range(1.0, 7.0, 2),
        saturation=_Range(0.5, 0.8),
        contrast=_Range(0.8, 0.45),
        cast=0.07,
        vignette=0.45,
        motion=4.0,
        moves=0.75,
        jpeg_quality=(30, 55),
    ),
}
_KINDS["faces"] = _KINDS["affectnet"]


def sample_camera(generator: np.random.Generator, domain: str) -> Camera:
    """Draw a camera: a good one for portraits, anything for the wild domains, older and compressed for AffectNet."""
    kind = _KINDS[domain]
    blur, motion, noise = generator.random(3)
    cast = generator.normal(0, 1, 3)
    saturation, contrast, vignette, quality = generator.random(4)
    angle = float(generator.uniform(0, 180))
    moves = motion > kind.moves
    return Camera(
        blur=kind.blur.at(blur),
        motion=kind.motion * float(motion) if moves else 0.0,
        motion_angle=angle if kind.motion else 0.0,
        noise=kind.noise.at(noise),
        saturation=kind.saturation.at(saturation),
        contrast=kind.contrast.at(contrast),
        balance=tuple(float(value) for value in 1 + kind.cast * cast),
        vignette=kind.vignette * float(vignette),
        jpeg_quality=None if kind.jpeg_quality is None else kind.jpeg_quality[0] + int(kind.jpeg_quality[1] * quality),
    )


def expose(linear: np.ndarray, camera: Camera, seed: int) -> np.ndarray:
    """Return the photograph, uint8 RGB [H, W, 3], of a linear RGB picture float32 [H, W, 3]; noise by ``seed``."""
    height, width = linear.shape[:2]
    relative = width / 256.0
    if camera.blur * relative > 0.15:
        linear = cv2.GaussianBlur(linear, (0, 0), camera.blur * relative)
    if camera.motion * relative > 1.0:
        length = max(3, round(camera.motion * relative) | 1)
        kernel = np.zeros((length, length), np.float32)
        kernel[length // 2] = 1.0 / length
        turned = cv2.getRotationMatrix2D((length // 2, length // 2), camera.motion_angle, 1.0)
        kernel = cv2.warpAffine(kernel, turned, (length, length))
        linear = cv2.filter2D(linear, -1, kernel / kernel.sum())
    gains = np.array(camera.balance, np.float32)
    if camera.vignette > 0.01:
        x = np.linspace(-1, 1, width, dtype=np.float32)[None, :] ** 2
        y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] ** 2
        linear = linear * tinted(1.0 - 0.5 * camera.vignette * (x + y), gains)
    else:
        linear = colored(linear, gains)
    picture = display(linear)
    if camera.saturation != 1.0:
        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        picture = cv2.addWeighted(picture, camera.saturation, tripled(grey), 1.0 - camera.saturation, 0.0)
    if camera.contrast != 1.0:
        picture = (picture - 0.45) * np.float32(camera.contrast) + 0.45
    picture = picture * 255.0 + 0.5
    if camera.noise > 0.05:
        generator = keyed_generator(seed, "noise")
        common = cut(grain(), generator, height, width)
        picture += tripled(np.float32(camera.noise * 0.8) * common)
        # Color noise is blotchy, since cameras interpolate color from neighbors.
        small = [cut(grain(), generator, (height + 1) // 2, (width + 1) // 2) for _ in range(3)]
        picture += np.float32(camera.noise * 0.7) * cv2.resize(
            cv2.merge(small), (width, height), interpolation=cv2.INTER_LINEAR
        )
    image = np.clip(picture, 0, 255).astype(np.uint8)
    if camera.jpeg_quality is not None:
        image = compress(image, camera.jpeg_quality)
    return image


def compress(image: np.ndarray, quality: int) -> np.ndarray:
    """Return ``image`` as JPEG of this quality makes it."""
    _, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])
