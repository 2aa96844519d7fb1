"""How many copies the audit finds, how many it sees that are none, and how long it takes.

    python benchmarks/copies.py [FOLDER] [--images 1000] [--many 15339]

FOLDER holds pictures of faces, each once; without one, faces are drawn. Every picture is changed in each of the ways
below and looked for among the originals: *found* is the share of changed pictures that lead to their own original,
*false* the share that lead to another. The last line is one audit of ``--many`` pictures of 100 pixels, made by
blending two faces, on one core: decoding from JPEG and comparing each with every other.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from drawn.face import draw_face, sample_face
from synface.core.copies import find_copies, look_at
from synface.core.emotions import Emotion
from synface.core.errors import InputError
from synface.core.images import SUFFIXES, decode_image, read_image

RNG = np.random.default_rng(0)


def load_faces(folder: Path | None, count: int) -> list[np.ndarray]:
    """Return ``count`` pictures, evenly from all in ``folder``, or drawn at 100 pixels."""
    if folder is None:
        faces = [
            sample_face(1, str(item), emotion=Emotion(item % 7), intensity=0.7, domain="raf") for item in range(count)
        ]
        return [draw_face(face, 100).image for face in faces]
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    chosen = [paths[index] for index in np.linspace(0, len(paths) - 1, min(count, len(paths))).astype(int)]
    images = []
    for path in chosen:
        try:
            images.append(read_image(path))
        except InputError as error:
            print(error, file=sys.stderr)
    return images


def jpeg(image: np.ndarray, quality: int) -> bytes:
    """Return a picture as JPEG."""
    return cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()


def compressed(image: np.ndarray, quality: int) -> np.ndarray:
    """Return a picture after JPEG."""
    return decode_image(jpeg(image, quality))


def cropped(image: np.ndarray, most: float) -> np.ndarray:
    """Return a picture without up to ``most`` of each side, by chance."""
    height, width = image.shape[:2]
    left, right = (RNG.uniform(0, most, 2) * width).astype(int)
    top, bottom = (RNG.uniform(0, most, 2) * height).astype(int)
    return image[top : height - bottom, left : width - right]


def brightened(image: np.ndarray, factor: float, offset: float) -> np.ndarray:
    """Return a picture with another contrast and brightness, by chance."""
    return np.clip(image * RNG.uniform(1 - factor, 1 + factor) + RNG.uniform(-offset, offset), 0, 255).astype(np.uint8)


def resized(image: np.ndarray, factor: float) -> np.ndarray:
    """Return a picture in another size."""
    return cv2.resize(
        image, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    )


CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "nothing": lambda image: image,
    "mirrored": lambda image: np.ascontiguousarray(image[:, ::-1]),
    "cropped by up to 4 % a side": lambda image: cropped(image, 0.04),
    "cropped by up to 8 % a side": lambda image: cropped(image, 0.08),
    "cropped by up to 12 % a side": lambda image: cropped(image, 0.12),
    "brightness and contrast by up to 20 %": lambda image: brightened(image, 0.2, 20),
    "brightness and contrast by up to 40 %": lambda image: brightened(image, 0.4, 40),
    "JPEG of quality 75": lambda image: compressed(image, 75),
    "JPEG of quality 30": lambda image: compressed(image, 30),
    "half the size": lambda image: resized(image, 0.5),
    "twice the size": lambda image: resized(image, 2.0),
    "grey": lambda image: np.repeat(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[:, :, None], 3, axis=2),
    "mirrored, 70 %, JPEG of quality 50": lambda image: compressed(
        resized(np.ascontiguousarray(image[:, ::-1]), 0.7), 50
    ),
    "cropped by up to 6 %, JPEG of quality 60": lambda image: compressed(cropped(image, 0.06), 60),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--many", type=int, default=15_339)
    given = parser.parse_args()
    cv2.setNumThreads(1)
    images = load_faces(given.folder, given.images)
    originals = look_at(images)
    within = find_copies(originals)
    print(f"{len(images)} pictures; among them {len(within)} pairs of copies")
    print(f"{'change':42}{'found %':>9}{'false %':>9}{'least similar':>15}")
    for name, change in CHANGES.items():
        found = find_copies(look_at([change(image) for image in images]), originals)
        own = {copy.first: copy.similarity for copy in found if copy.first == copy.second}
        known = {(copy.first, copy.second) for copy in within}
        false = {
            copy.first
            for copy in found
            if copy.first != copy.second and (min(copy.first, copy.second), max(copy.first, copy.second)) not in known
        }
        print(
            f"{name:42}{100 * len(own) / len(images):9.2f}{100 * len(false) / len(images):9.2f}"
            f"{min(own.values(), default=0):15.2f}",
            flush=True,
        )
    if given.many:
        small = [cv2.resize(image, (100, 100), interpolation=cv2.INTER_AREA) for image in images]
        files = [blend(small) for _ in range(given.many)]
        start = time.process_time()
        pictures = look_at(decode_image(data) for data in files)
        seen = time.process_time()
        pairs = find_copies(pictures)
        done = time.process_time()
        print(
            f"{given.many} pictures: decoded in {seen - start:.1f} s, compared in {done - seen:.1f} s of one core; "
            f"{len(pairs)} pairs"
        )


def blend(images: list[np.ndarray]) -> bytes:
    """Return a JPEG of two faces, one over the other: another picture than either."""
    one, other = (images[index] for index in RNG.integers(0, len(images), 2))
    return jpeg(cv2.addWeighted(one, 0.5, np.ascontiguousarray(other[:, ::-1]), 0.5, 0), 90)


if __name__ == "__main__":
    main()
