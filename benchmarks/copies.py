"""How many copies of photographs are found, by kind of change, and how many pairs are taken for copies falsely.

    python benchmarks/copies.py [FOLDER] [--images 2000]

FOLDER holds images, all of different moments; without one, faces are drawn: 300 people as in RAF-DB and 100 portraits.
Every image is changed in each way and compared with all. ``least`` is the least similarity of a true copy, ``1 %`` what
99 % exceed (0: never aligned), ``false %`` the share of images that match the changed copy of another, ``next`` the
highest similarity with another, ``seconds`` the time of the comparison. The pairs most alike within the folder are
printed: look at them, for they may be copies indeed. On drawn faces, the last rows compare pictures that differ in the
expression only. To measure one core: OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/copies.py
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
from synface.core.copies import NEAR, Signatures, find_copies, signature, stack
from synface.core.draws import keyed_generator
from synface.core.emotions import Emotion
from synface.core.images import SUFFIXES, read_image

Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def mirrored(image: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Left to right."""
    return image[:, ::-1]


def cropped(image: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Up to 12 % off each side, each by itself."""
    (height, width), (left, right, top, bottom) = image.shape[:2], draw.uniform(0, 0.12, 4)
    return image[
        round(top * height) : height - round(bottom * height), round(left * width) : width - round(right * width)
    ]


def lit(image: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Contrast by 0.6 to 1.4 and brightness by up to 40 of 255 levels, clipped."""
    changed = (image - 128.0) * draw.uniform(0.6, 1.4) + 128 + draw.uniform(-40, 40)
    return np.rint(changed.clip(0, 255)).astype(np.uint8)


def gamma(image: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Gamma of 0.6 to 1.7."""
    return np.rint(255 * (image / 255) ** np.exp(draw.uniform(np.log(0.6), np.log(1.7)))).astype(np.uint8)


def jpeg(image: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """Quality 30 to 95."""
    data = cv2.imencode(".jpg", image[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(draw.integers(30, 96))])[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR)[:, :, ::-1]


def resized(image: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """50 to 200 % of the size, bilinear, bicubic or by area."""
    factor = np.exp(draw.uniform(np.log(0.5), np.log(2)))
    way = int(draw.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA]))
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=way)


def grey(image: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """The mean of the colors, another grey than that of the signature."""
    return np.repeat(np.rint(image.mean(2, keepdims=True)).astype(np.uint8), 3, axis=2)


KINDS: dict[str, tuple[Change, ...]] = {
    "none": (),
    "mirrored": (mirrored,),
    "cropped": (cropped,),
    "lit": (lit,),
    "gamma": (gamma,),
    "jpeg": (jpeg,),
    "resized": (resized,),
    "grey": (grey,),
    "mirrored, jpeg": (mirrored, jpeg),
    "mirrored, cropped": (mirrored, cropped),
    "cropped, lit": (cropped, lit),
    "cropped, gamma": (cropped, gamma),
    "cropped, jpeg": (cropped, jpeg),
    "cropped, resized": (cropped, resized),
    "lit, jpeg": (lit, jpeg),
    "resized, jpeg": (resized, jpeg),
    "grey, cropped": (grey, cropped),
    "mirrored, resized, jpeg": (mirrored, resized, jpeg),
    "all of these": (mirrored, grey, cropped, gamma, resized, jpeg),
}


def changed(images: list[np.ndarray], kind: str) -> Signatures:
    """Return the signatures of all images, changed."""
    kept = []
    for item, image in enumerate(images):
        draw = keyed_generator(0, f"benchmark of copies: {kind}", str(item))
        for change in KINDS[kind]:
            image = np.ascontiguousarray(change(image, draw))
        kept.append(signature(image))
    return stack(kept)


def report(title: str, kept: Signatures, other: Signatures, twins: set[tuple[int, int]]) -> None:
    """Print one row: how image k of ``kept`` matches image k of ``other``, and how all the others do."""
    start = time.perf_counter()
    copies = find_copies(kept, other, least=0.2)
    seconds = time.perf_counter() - start
    own, strangers, falsely = np.zeros(len(kept.keys)), [0.0], set()
    for copy in copies:
        if copy.first == copy.second:
            own[copy.first] = copy.similarity
        elif (min(copy.first, copy.second), max(copy.first, copy.second)) not in twins:
            strangers.append(copy.similarity)
            falsely |= {copy.first} if copy.similarity >= NEAR else set()
    print(
        f"{title:26} {100 * np.mean(own >= NEAR):7.2f} {own.min():6.3f} {np.quantile(own, 0.01):6.3f}"
        f" {100 * len(falsely) / len(own):8.2f} {max(strangers):6.3f} {seconds:8.2f}",
        flush=True,
    )


def drawn(domain: str, count: int, emotion: Emotion) -> list[np.ndarray]:
    """Draw different people, the same ones in each call."""
    intensity = 0.0 if emotion is Emotion.NEUTRAL else 0.7
    items = [f"{domain} copies {item}" for item in range(count)]
    return [
        draw_face(sample_face(1, item, emotion=emotion, intensity=intensity, domain=domain)).image for item in items
    ]


def load(folder: Path | None, count: int) -> tuple[list[str], list[np.ndarray]]:
    """Return names and images, evenly from all in ``folder``, or drawn."""
    if folder is None:
        images = drawn("raf", 300, Emotion.NEUTRAL) + drawn("portraits", 100, Emotion.NEUTRAL)
        return [str(item) for item in range(len(images))], images
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        sys.exit(f"{folder}: no images")
    chosen = [paths[index] for index in np.linspace(0, len(paths) - 1, min(count, len(paths))).astype(int)]
    return [path.name for path in chosen], [read_image(path) for path in chosen]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="images; drawn faces if omitted")
    parser.add_argument("--images", type=int, default=2000, help="images at most; all are held in memory")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)

    times = [time.perf_counter()]
    names, images = load(arguments.folder, arguments.images)
    times.append(time.perf_counter())
    kept = stack(map(signature, images))
    times.append(time.perf_counter())
    within = find_copies(kept, least=0.2)
    times.append(time.perf_counter())
    spent = [f"{seconds:.2f} s" for seconds in np.diff(times)]
    print(f"{len(images)} images; read in {spent[0]}, signatures in {spent[1]}, compared with each other in {spent[2]}")
    alike = [copy for copy in within if copy.similarity >= NEAR]
    print(f"{len({i for copy in alike for i in (copy.first, copy.second)})} of them in {len(alike)} pairs of copies")
    for copy in sorted(within, key=lambda copy: -copy.similarity)[: max(5, len(alike))]:
        print(f"  {copy.similarity:.3f} {copy.kind:5} {names[copy.first]} {names[copy.second]}")

    print(f"\n{'change':26} {'found %':>7} {'least':>6} {'1 %':>6} {'false %':>8} {'next':>6} {'seconds':>8}")
    twins = {(copy.first, copy.second) for copy in alike}
    for kind in KINDS:
        report(kind, kept, changed(images, kind), twins)
    if arguments.folder is None:
        for domain, count in (("raf", 300), ("portraits", 100)):
            smiling = stack(map(signature, drawn(domain, count, Emotion.HAPPINESS)))
            neutral = stack(map(signature, drawn(domain, count, Emotion.NEUTRAL)))
            report(f"smiling ({domain})", neutral, smiling, set())


if __name__ == "__main__":
    main()
