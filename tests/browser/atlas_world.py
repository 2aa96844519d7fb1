"""An atlas of three drawn portraits, read by how bright a face is: seconds."""

from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd
import torch

from drawn.truth.labelled import draw_labelled
from synface.atlas.page import write_atlas
from synface.core.emotions import LABELS
from synface.core.shards import write_shard
from synface.core.tables import write_table
from synface.ganmut.checkpoint import load_generator, save_generator
from synface.ganmut.gamut import write_gamut
from synface.ganmut.generator import GaussianGenerator
from synface.judges.reading import Reading

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("a", "b", "c")


@dataclass(frozen=True)
class Atlas:
    """A page and what it was made of."""

    page: Path
    frames: Path
    faces: Path
    generator: Path
    gamut: Path


def read_brightness(images):
    """Read an emotion by the last digits of a face's mean brightness: it differs from code to code."""
    labels = [int(1000 * image.mean()) % len(LABELS) for image in images]
    return Reading(np.eye(len(LABELS))[labels], np.zeros((len(images), 1), np.float32))


def make_atlas(folder: Path, kind: str, *, judged: bool) -> Atlas:
    """Write an atlas of the demo's generator, or of a Gaussian one that learned nothing."""
    pictures = draw_labelled(len(NAMES), 128, seed=11, lowest=0.3).pictures
    with write_shard(folder / "0.tar") as write:
        for name, picture in zip(NAMES, pictures, strict=True):
            write(name, picture.image)
    table = pd.DataFrame({"source_id": NAMES, "left": 0, "top": 0, "right": 128, "bottom": 128, "reason": ""})
    write_table(table.assign(probability=[0.99, 0.98, 0.97]), folder / "0.csv")
    torch.manual_seed(0)
    generator = load_generator(ROOT / "resources/demo/ganmut.safetensors")
    if kind == "gaussian":
        generator = GaussianGenerator(channels=4, blocks=1, image_size=32)
    save_generator(generator, folder / "generator.safetensors", {})
    write_gamut(generator, folder / "gamut.json")
    made = Atlas(
        folder / "atlas.html",
        folder / "0.tar",
        folder / "0.csv",
        folder / "generator.safetensors",
        folder / "gamut.json",
    )
    with mock.patch("synface.atlas.page.load_judge", return_value=read_brightness):
        write_atlas(
            frames=made.frames,
            faces=made.faces,
            generator=made.generator,
            gamut=made.gamut,
            template=ROOT / "workflow/report/atlas.html",
            script=ROOT / "workflow/report/atlas.js",
            page=made.page,
            name="ganmut",
            source="ffhq",
            judge={"name": "brightness", "network": "reader", "file": "none", "sha256": None} if judged else None,
            device="cpu",
        )
    return made
