"""Faces with their landmarks, as drawings write them and users can: a folder of images with a landmarks.npz."""

import hashlib
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from synface.core.draws import keyed_order
from synface.core.errors import InputError
from synface.faces.points import COUNT, OUTER_EYE_CORNERS
from synface.poster.preprocessing import read_images

FILE = "landmarks.npz"
EXPECTED = f"`files` [N], `landmarks` [N, {COUNT}, 2] in pixels, and optionally `identities` [N]"


@dataclass(frozen=True)
class MarkedFaces:
    """Images uint8 RGB [N, 3, S, S] and landmarks float32 [N, 68, 2], x and y in 0..1 of the picture's sides."""

    images: Tensor
    landmarks: Tensor

    def __len__(self) -> int:
        return len(self.landmarks)

    def of(self, rows: np.ndarray) -> "MarkedFaces":
        """Return the faces in ``rows``: a mask or numbers."""
        chosen = torch.from_numpy(rows).to(self.images.device)
        return MarkedFaces(self.images[chosen], self.landmarks[chosen])


@dataclass(frozen=True)
class Listing:
    """What a folder's landmarks.npz says, sorted by file: names, float32 [N, 68, 2] in pixels, whose face it is."""

    files: list[str]
    landmarks: np.ndarray
    identities: list[str]

    def digest(self) -> str:
        """Return a hash of names, landmarks and identities, in hexadecimal."""
        text = "\n".join((*self.files, "", *self.identities)).encode()
        return hashlib.sha256(text + self.landmarks.tobytes()).hexdigest()


def read_listing(folder: Path | str) -> Listing:
    """Read and check ``folder``/landmarks.npz; `InputError` says what it lacks.

    Without ``identities`` every image is taken to show another person.
    """
    path = Path(folder) / FILE
    try:
        with np.load(path, allow_pickle=False) as content:
            found = {key: content[key] for key in content.files}
    except FileNotFoundError:
        raise InputError(f"{path}: missing; landmarks are learned from a file with {EXPECTED}") from None
    except (ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not a readable .npz of plain arrays ({error}); expected {EXPECTED}") from error
    missing = [key for key in ("files", "landmarks") if key not in found]
    if missing:
        raise InputError(f"{path}: has no {missing[0]!r}; expected {EXPECTED}")
    files = [str(name) for name in found["files"].ravel()]
    identities = [str(name) for name in found.get("identities", found["files"]).ravel()]
    landmarks = found["landmarks"]
    if landmarks.shape != (len(files), COUNT, 2) or len(identities) != len(files):
        raise InputError(
            f"{path}: {len(files)} files, {len(identities)} identities and landmarks of shape "
            f"{list(landmarks.shape)}; expected {EXPECTED}"
        )
    if not np.issubdtype(landmarks.dtype, np.number) or not np.isfinite(landmarks).all():
        raise InputError(f"{path}: landmarks that are no finite numbers; leave such images out")
    _check(path, files, landmarks)
    order = np.argsort(files)
    return Listing(
        [files[row] for row in order], landmarks[order].astype(np.float32), [identities[row] for row in order]
    )


def _check(path: Path, files: list[str], landmarks: np.ndarray) -> None:
    if len(set(files)) < len(files):
        raise InputError(f"{path}: names a file twice; expected every image once")
    for name, points in zip(files, landmarks, strict=True):
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise InputError(f"{path}: {name!r} leads out of the folder; expected names relative to it")
        left, right = points[list(OUTER_EYE_CORNERS)]
        if np.array_equal(left, right):
            raise InputError(f"{path}: {name} has both outer eye corners in one place; its landmarks cannot be right")


def load_faces(
    listing: Listing, *, folder: Path | str, size: int, threads: int = 1, device: torch.device | str = "cpu"
) -> MarkedFaces:
    """Decode all images at ``size`` pixels into the memory of ``device``, their landmarks as fractions of the sides.

    Pixel centers lie at whole numbers, so a picture of W pixels reaches from -0.5 to W - 0.5, and x becomes
    (x + 0.5) / W, whatever size the picture is then brought to.
    """
    paths = [Path(folder) / name for name in listing.files]
    sides = np.empty((len(paths), 1, 2), np.float32)
    for row, path in enumerate(paths):
        try:
            with Image.open(path) as image:
                sides[row, 0] = image.size
        except (FileNotFoundError, UnidentifiedImageError):
            raise InputError(f"{path}: named in {FILE} but no image there; put it there or leave it out") from None
    images = read_images(paths, size=size, threads=threads)
    landmarks = torch.from_numpy((listing.landmarks + np.float32(0.5)) / sides)
    return MarkedFaces(images.to(device), landmarks.to(device))


def hold_out(identities: list[str], *, fraction: float, seed: int, where: str = FILE) -> np.ndarray:
    """Choose ``fraction`` of the people, at least one, for validation; return a mask over the images.

    All images of a person fall on one side. `InputError` when nobody would be left to learn from, by the table
    ``where``.
    """
    people = keyed_order(seed, "landmark validation", set(identities))
    chosen = set(people[: max(1, round(fraction * len(people)))])
    held = np.array([identity in chosen for identity in identities])
    if (~held).sum() < 2:
        raise InputError(f"{where}: {len(people)} people leave fewer than 2 images to learn from; give more faces")
    return held
