"""A workflow of a user that takes this one as a module, with the user's data beside it."""

from pathlib import Path

import numpy as np
import yaml
from PIL import Image
from workflow_study import ROOT

CONFIG = {
    "datasets": {"Own": {"natural": {"layout": "class-folders", "path": "resources/own"}}},
    "models": {
        "poster": {"width": 0.1, "depth": 1, "input_size": 32, "epochs": 1, "batch_size": 7, "optimizer": "adam"}
    },
    "experiments": {"all": {"models": ["poster"], "train_on": ["Own"], "test_on": ["Own"]}},
}
CONFIG["models"]["poster"] |= {"freeze_landmarks": False, "validation_fraction": 0}
LOCAL = f'"{ROOT}/workflow/Snakefile"'


def write_own_workflow(folder: Path, source: str, *, prefixes: tuple[str, ...] = ()) -> None:
    """Write a workflow that uses this one once, or once for each prefix, and the user's data beside it."""
    parts = ['configfile: "config/config.yaml"']
    for prefix in prefixes or ("",):
        name = prefix or "synface"
        place = f"    prefix: {prefix!r}\n" if prefix else ""
        parts.append(f'module {name}:\n    snakefile: {source}\n    config: config["synface"]\n{place}')
        parts.append(f"use rule * from {name} as {name}_*")
    wanted = [str(Path(prefix, "results/tables/accuracy.csv")) for prefix in prefixes or ("",)]
    parts.append(f"rule all:\n    default_target: True\n    input: {wanted}")
    folder.mkdir()
    (folder / "Snakefile").write_text("\n\n".join(parts) + "\n")
    (folder / "config").mkdir()
    (folder / "config/config.yaml").write_text(yaml.safe_dump({"synface": CONFIG}))
    generator = np.random.default_rng(0)
    for split in ("train", "test"):
        for label in ("surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"):
            place = folder / "resources/own" / split / label
            place.mkdir(parents=True)
            for number in range(2):
                image = generator.integers(0, 256, (100, 100, 3), dtype=np.uint8)
                Image.fromarray(image).save(place / f"{number}.png")
