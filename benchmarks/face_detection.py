"""Portraits per second of face detection: MTCNN at facenet-pytorch's defaults beside ours, in one run.

    python benchmarks/face_detection.py [FOLDER] [--images 24] [--rounds 2] [--threads 1] [--min-face 0.2]

FOLDER holds portraits; without one, faces are drawn. Each portrait is scaled to 1024 and to 256 pixels (shorter side).
Boxes are compared as intersection over union of the largest face. The rounds alternate, so that other load on the
machine hits both alike; the fastest round counts.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from facenet_pytorch import MTCNN

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from drawn.face import draw_face, sample_face
from synface.core.emotions import Emotion
from synface.core.images import SUFFIXES, read_image
from synface.faces.boxes import overlap
from synface.faces.detector import load_detector

SIDES = (1024, 256)


def load_portraits(folder: Path | None, count: int) -> list[np.ndarray]:
    """Return ``count`` portraits, evenly from all in ``folder``, or drawn at 1024 pixels."""
    if folder is None:
        faces = [
            sample_face(1, str(item), emotion=Emotion(item % 7), intensity=0.7, domain="portraits")
            for item in range(count)
        ]
        return [draw_face(face, SIDES[0]).image for face in faces]
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES)
    if not paths:
        sys.exit(f"{folder}: no images")
    return [read_image(paths[index]) for index in np.linspace(0, len(paths) - 1, min(count, len(paths))).astype(int)]


def scaled(image: np.ndarray, side: int) -> np.ndarray:
    """Scale ``image``, up or down, so that its shorter side is ``side``."""
    factor = side / min(image.shape[:2])
    size = [round(length * factor) for length in (image.shape[1], image.shape[0])]
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)


def timed(detect: Callable[[np.ndarray], np.ndarray | None], images: list[np.ndarray]) -> tuple[float, list]:
    """Return images per second and the largest box, or None, of each image."""
    start = time.perf_counter()
    boxes = [detect(image) for image in images]
    return len(images) / (time.perf_counter() - start), boxes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, help="portraits; drawn faces if omitted")
    parser.add_argument("--images", type=int, default=24, help="portraits to detect")
    parser.add_argument("--rounds", type=int, default=2, help="alternating rounds; the fastest counts")
    parser.add_argument("--threads", type=int, default=1, help="CPU threads")
    parser.add_argument("--min-face", type=float, default=0.2, help="as edits.*.detect.min_face in the configuration")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)

    published, ours = MTCNN(), load_detector(min_face=arguments.min_face)

    def detect_published(image: np.ndarray) -> np.ndarray | None:
        boxes, _ = published.detect(image)
        return None if boxes is None else boxes[0]

    def detect_ours(image: np.ndarray) -> tuple[float, ...] | None:
        faces = ours.detect([image])[0]
        return faces[0].box if faces else None

    portraits = load_portraits(arguments.folder, arguments.images)
    print(f"{len(portraits)} portraits, {arguments.threads} thread(s), torch {torch.__version__}")
    print("  side  MTCNN()/s   ours/s   ratio   faces (both)   IoU least   mean")
    for side in SIDES:
        images = [scaled(portrait, side) for portrait in portraits]
        detect_published(images[0]), detect_ours(images[0])
        rounds = [(timed(detect_published, images), timed(detect_ours, images)) for _ in range(arguments.rounds)]
        rates = [max(pair[which][0] for pair in rounds) for which in (0, 1)]
        (_, expected), (_, found) = rounds[0]
        both = [(a, b) for a, b in zip(expected, found, strict=True) if a is not None and b is not None]
        counts = "/".join(str(sum(box is not None for box in boxes)) for boxes in (expected, found))
        shares = [overlap(a, b) for a, b in both] or [float("nan")]
        print(
            f"{side:6} {rates[0]:10.2f} {rates[1]:8.2f} {rates[1] / rates[0]:7.1f}   {counts:>7} ({len(both)})"
            f"   {min(shares):9.4f} {np.mean(shares):6.4f}"
        )


if __name__ == "__main__":
    main()
