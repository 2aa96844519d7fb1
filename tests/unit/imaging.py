"""What the tests of the imaging stages share: drawn portraits, a source folder with a plan, shards in memory."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from drawn.face import draw_face, sample_face
from synface.core.emotions import Emotion
from synface.core.images import encode_png
from synface.core.shards import read_shard, write_shard


@cache
def portrait(item: str, size: int = 160) -> np.ndarray:
    """A drawn face, uint8 RGB [size, size, 3]; do not change it in place."""
    face = sample_face(1, item, emotion=Emotion.NEUTRAL, intensity=0.0, domain="portraits")
    return draw_face(face, size).image


def write_source(folder: Path, portraits: dict[str, np.ndarray | bytes], shards: int = 1) -> Path:
    """Write ``{source_id}.png`` files and the plan that deals them to shards; return the plan's path."""
    folder.mkdir(parents=True, exist_ok=True)
    for source_id, image in portraits.items():
        data = image if isinstance(image, bytes) else encode_png(image)
        (folder / f"{source_id}.png").write_bytes(data)
    rows = [(name, f"{name}.png", "train", "fear", index % shards) for index, name in enumerate(sorted(portraits))]
    plan = folder / "plan.csv"
    pd.DataFrame(rows, columns=["source_id", "path", "split", "label", "shard"]).to_csv(plan, index=False)
    return plan


def write_images(path: Path, images: dict[str, np.ndarray]) -> Path:
    """Write a shard and return its path."""
    with write_shard(path) as write:
        for source_id, image in images.items():
            write(source_id, image)
    return path


def read_images(path: Path) -> dict[str, np.ndarray]:
    """Read a whole shard."""
    return dict(read_shard(path))
