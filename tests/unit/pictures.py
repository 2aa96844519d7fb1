"""Pictures with structure at all scales, and what is done to copies of them."""

import cv2
import numpy as np

from synface.core.images import decode_image


def picture(seed: int, side: int = 100) -> np.ndarray:
    """A picture with structure at all scales, as photographs have it: noise whose power falls with frequency."""
    rng = np.random.default_rng(seed)
    layers = [
        cv2.resize(rng.normal(0, 1 / grid**0.8, (grid, grid, 3)), (side, side), interpolation=cv2.INTER_CUBIC)
        for grid in (2, 4, 8, 16, 32, 64)
    ]
    whole = sum(layers)
    return np.clip(128 + 60 * (whole - whole.mean()) / whole.std(), 0, 255).astype(np.uint8)


def jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    data = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return decode_image(data.tobytes())


def resized(image: np.ndarray, factor: float) -> np.ndarray:
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)


def grey(image: np.ndarray) -> np.ndarray:
    return np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2)


CHANGES = {
    "mirrored": lambda image: image[:, ::-1].copy(),
    "cropped": lambda image: image[5:98, 3:94].copy(),
    "brighter": lambda image: np.clip(image * 1.15 + 12, 0, 255).astype(np.uint8),
    "darker": lambda image: (image * 0.6).astype(np.uint8),
    "gamma": lambda image: (255 * (image / 255) ** 1.25).astype(np.uint8),
    "compressed": lambda image: jpeg(image, 40),
    "halved": lambda image: resized(image, 0.5),
    "doubled": lambda image: resized(image, 2.0),
    "grey": grey,
    "mirrored, halved and compressed": lambda image: jpeg(resized(image[:, ::-1].copy(), 0.5), 60),
    "cropped and compressed": lambda image: jpeg(image[2:93, 4:99].copy(), 60),
}
