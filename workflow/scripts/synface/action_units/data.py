"""Faces with the strengths of their action units: a folder of images with a table, as drawings write them.

Where the folder has a landmarks.npz too, it is learned beside: where the parts of a face are comes before what they do.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from synface.core.errors import InputError
from synface.core.tables import read_table
from synface.landmarks.data import FILE
from synface.landmarks.data import load_faces as load_marked_faces
from synface.landmarks.data import read_listing as read_listing_of_landmarks
from synface.poster.preprocessing import read_images


@dataclass(frozen=True)
class CodedFaces:
    """Images uint8 RGB [N, 3, S, S], standardized strengths float32 [N, U] of their action units, and landmarks.

    These are float32 [N, 68, 2], x and y in 0..1 of the picture's sides, or [N, 0, 2] where none are known.
    """

    images: Tensor
    strengths: Tensor
    landmarks: Tensor

    def __len__(self) -> int:
        return len(self.strengths)

    def of(self, rows: np.ndarray) -> "CodedFaces":
        """Return the faces in ``rows``: a mask or numbers."""
        chosen = torch.from_numpy(rows).to(self.images.device)
        return CodedFaces(self.images[chosen], self.strengths[chosen], self.landmarks[chosen])


@dataclass(frozen=True)
class Listing:
    """What a folder's table says, sorted by file: names, units, float32 [N, U] strengths, whose face it is."""

    files: list[str]
    units: list[str]
    strengths: np.ndarray
    identities: list[str]

    def digest(self) -> str:
        """Return a hash of names, units, strengths and identities, in hexadecimal."""
        text = "\n".join((*self.files, "", *self.units, "", *self.identities)).encode()
        return hashlib.sha256(text + self.strengths.tobytes()).hexdigest()


def read_listing(path: Path | str) -> Listing:
    """Read and check the table at ``path``: file, AU01, AU02, ... in any unit, and identity; other columns are left.

    Without ``identity`` every image is taken to show another person. A unit that is the same in all images is left
    out: nothing of it can be learned. `InputError` says what the table lacks.
    """
    table = read_table(path, text=["file", "identity"], columns=["file"]).sort_values("file")
    units = sorted(name for name in table if re.fullmatch(r"AU\d+", name))
    if not units:
        raise InputError(f"{path}: has no column AU01, AU02, ...; expected one for each action unit, with its strength")
    strengths = table[units].apply(pd.to_numeric, errors="coerce").to_numpy(np.float32)
    for name, values in zip(units, strengths.T, strict=True):
        if not np.isfinite(values).all():
            file = table["file"].iloc[int(np.argmin(np.isfinite(values)))]
            raise InputError(f"{path}: {name} of {file} is no number; leave such images out")
    if repeated := table["file"][table["file"].duplicated()].tolist():
        raise InputError(f"{path}: names {repeated[0]} twice; expected every image once")
    varying = [index for index in range(len(units)) if len(strengths) and np.ptp(strengths[:, index]) > 0]
    if not varying:
        raise InputError(f"{path}: every action unit is the same in all {len(table)} images; expected strengths")
    identities = table["identity" if "identity" in table else "file"]
    return Listing(
        table["file"].tolist(), [units[index] for index in varying], strengths[:, varying], identities.tolist()
    )


def load_faces(
    listing: Listing, *, folder: Path | str, size: int, threads: int = 1, device: torch.device | str = "cpu"
) -> CodedFaces:
    """Decode all images at ``size`` pixels into the memory of ``device``, their strengths to mean 0 and deviation 1.

    Landmarks are those of a landmarks.npz in ``folder``, where there is one; it must then name every image.
    """
    strengths = torch.from_numpy((listing.strengths - listing.strengths.mean(axis=0)) / listing.strengths.std(axis=0))
    if (Path(folder) / FILE).exists():
        marks = read_listing_of_landmarks(folder)
        if marks.files != listing.files:
            raise InputError(f"{folder}: {FILE} and the table of action units name other images; expected the same")
        marked = load_marked_faces(marks, folder=folder, size=size, threads=threads, device=device)
        return CodedFaces(marked.images, strengths.to(device), marked.landmarks)
    images = read_images([Path(folder) / name for name in listing.files], size=size, threads=threads)
    return CodedFaces(images.to(device), strengths.to(device), torch.zeros(len(images), 0, 2, device=device))
