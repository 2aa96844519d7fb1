"""What a camera does to a picture: blur, color cast, vignette, noise, JPEG."""

from dataclasses import dataclass

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


def sample_camera(generator: np.random.Generator, domain: str) -> Camera:
    """Draw a camera: a good one for portraits, anything for the wild domains, older and compressed for AffectNet."""
    blur, motion, noise = generator.random(3)
    cast = generator.normal(0, 1, 3)
    saturation, contrast, vignette, quality = generator.random(4)
    angle = float(generator.uniform(0, 180))
    if domain == "portraits":
        return Camera(
            0.45 * float(blur),
            0.0,
            0.0,
            0.4 + 1.6 * float(noise),
            0.92 + 0.16 * float(saturation),
            0.97 + 0.08 * float(contrast),
            tuple(float(value) for value in 1 + 0.015 * cast),
            0.15 * float(vignette),
        )
    if domain == "raf":
        return Camera(
            0.3 + 2.1 * float(blur**2),
            3.0 * float(motion > 0.85) * float(motion),
            angle,
            1.0 + 4.0 * float(noise**2),
            0.75 + 0.4 * float(saturation),
            0.9 + 0.25 * float(contrast),
            tuple(float(value) for value in 1 + 0.03 * cast),
            0.2 * float(vignette),
            70 + int(26 * quality),
        )
    return Camera(
        0.7 + 2.2 * float(blur**1.5),
        4.0 * float(motion > 0.75) * float(motion),
        angle,
        1.0 + 7.0 * float(noise**2),
        0.5 + 0.8 * float(saturation),
        0.8 + 0.45 * float(contrast),
        tuple(float(value) for value in 1 + 0.07 * cast),
        0.45 * float(vignette),
        30 + int(55 * quality),
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
