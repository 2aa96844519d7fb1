"""The face detector: MTCNN for lists of images, whatever their number and sizes."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import torch

from synface.faces.boxes import area
from synface.faces.cascade import Cascade
from synface.faces.table import Face


class Detector:
    """Finds all faces in images, each image by itself on the CPU, in batches of equal size on a GPU.

    A result on the CPU therefore never depends on which other images were given.
    """

    def __init__(self, cascade: Cascade, min_face: float) -> None:
        self.cascade = cascade
        self.min_face = min_face
        self.batch_size = 1 if cascade.device.type == "cpu" else 64

    def detect(self, images: Sequence[np.ndarray]) -> list[list[Face]]:
        """Return the faces in each of the uint8 RGB ``images`` [H, W, 3], the largest first; possibly none.

        Boxes are floats and may leave the image.
        """
        by_size: dict[tuple[int, ...], list[int]] = {}
        for index, image in enumerate(images):
            by_size.setdefault(image.shape, []).append(index)
        found: list[list[Face]] = [[] for _ in images]
        for (height, width, *_), members in by_size.items():
            smallest = self.min_face * min(height, width)
            for start in range(0, len(members), self.batch_size):
                batch = members[start : start + self.batch_size]
                results = self.cascade.detect(np.stack([images[index] for index in batch]), smallest)
                for index, result in zip(batch, results, strict=True):
                    faces = [
                        Face(tuple(box.tolist()), float(probability), landmarks)
                        for box, probability, landmarks in zip(*result, strict=True)
                    ]
                    found[index] = sorted(faces, key=lambda face: area(face.box), reverse=True)
        return found

    def detect_stream(self, images: Iterable[tuple[str, np.ndarray]]) -> Iterator[tuple[str, np.ndarray, list[Face]]]:
        """Yield (id, image, faces) for a stream of (id, image), a batch of which is in memory at a time."""
        stream = iter(images)
        while batch := list(islice(stream, self.batch_size)):
            for (name, image), faces in zip(batch, self.detect([image for _, image in batch]), strict=True):
                yield name, image, faces


def load_detector(*, min_face: float, device: torch.device | str = "cpu") -> Detector:
    """Load MTCNN with the weights in facenet-pytorch's package.

    Args:
        min_face: the smallest face to look for, as a fraction of an image's shorter side. MTCNN looks for faces of 20
            pixels by default; portraits are close-ups, and most of its time goes into faces they do not have.
        device: where the networks run.
    """
    return Detector(Cascade(device), min_face)
