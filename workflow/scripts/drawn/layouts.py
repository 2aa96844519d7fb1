"""The folder layouts of the data sets that users have, written for drawn faces.

Portraits as FFHQ's thumbnails, RAF-DB's basic set, AffectNet's release of 2021 (`val_set/images/0.jpg`,
`val_set/annotations/0_exp.npy`).
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from drawn.face import DrawnFace
from synface.core.emotions import AFFECTNET, RAF_DB, Emotion
from synface.core.images import encode_png
from synface.core.tables import write_table

_RAF_CODES = {emotion: code for code, emotion in RAF_DB.items()}
_AFFECTNET_CODES = {emotion: code for code, emotion in AFFECTNET.items()}


def portrait_path(index: int, split: str) -> str:
    """Return ``00000/00012.png``: thousands in folders, as FFHQ has them."""
    return f"{index // 1000 * 1000:05d}/{index:05d}.png"


def raf_path(index: int, split: str) -> str:
    """Return ``Image/aligned/train_00001_aligned.jpg``; test numbers have four digits."""
    return f"Image/aligned/{split}_{index + 1:0{5 if split == 'train' else 4}d}_aligned.jpg"


def affectnet_path(index: int, split: str) -> str:
    """Return ``val_set/images/0.jpg``; the ``test`` split is AffectNet's validation set."""
    return f"{'train' if split == 'train' else 'val'}_set/images/{index}.jpg"


PATHS: Mapping[str, Callable[[int, str], str]] = {
    "portraits": portrait_path,
    "raf-db": raf_path,
    "affectnet": affectnet_path,
}


PAIRS = "pairs"
BEFORE = "before.png"  # of each person of a folder of pairs


def write_image(folder: Path, file: str, face: DrawnFace) -> None:
    """Write one picture as PNG or JPEG, whatever ``file`` ends in; its folder must exist."""
    path = folder / file
    if path.suffix == ".png":
        path.write_bytes(encode_png(face.image))
        return
    done, data = cv2.imencode(".jpg", face.image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
    if not done:
        raise OSError(f"{path}: OpenCV could not encode the image as JPEG")
    path.write_bytes(data.tobytes())


def write_labels(
    folder: Path, layout: str, files: Sequence[str], emotions: Sequence[Emotion], landmarks: np.ndarray
) -> None:
    """Write the label files of ``layout`` for pictures ``files`` (paths in ``folder``), landmarks [N, 68, 2]."""
    if layout == "raf-db":
        lines = [
            f"{Path(file).name.replace('_aligned', '')} {_RAF_CODES[emotion]}\n"
            for file, emotion in zip(files, emotions, strict=True)
        ]
        (folder / "EmoLabel").mkdir(exist_ok=True)
        (folder / "EmoLabel" / "list_patition_label.txt").write_text("".join(lines))  # RAF-DB spells it so
    elif layout == "affectnet":
        for file, emotion, points in zip(files, emotions, landmarks, strict=True):
            annotations = folder / Path(file).parent.parent / "annotations"
            annotations.mkdir(exist_ok=True)
            stem = Path(file).stem
            # The release stores each value as a zero-dimensional array of text.
            np.save(annotations / f"{stem}_exp.npy", np.array(str(_AFFECTNET_CODES[emotion])))
            np.save(annotations / f"{stem}_lnd.npy", points.reshape(136).astype(np.float64))


def write_pairs(folder: Path, files: Sequence[str], emotions: Sequence[Emotion], intensities: Sequence[float]) -> None:
    """Write the pairs.csv that `synface.ganmut.pairs` reads: every picture after its person's picture before."""
    table = pd.DataFrame(
        {
            "before": [str(Path(file).with_name(BEFORE)) for file in files],
            "after": files,
            "label": [emotion.label for emotion in emotions],
            "rho": [round(intensity, 4) for intensity in intensities],
        }
    )
    write_table(table[table["after"] != table["before"]], folder / "pairs.csv")
