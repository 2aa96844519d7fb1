"""A whole study, small enough to run in tests: drawn faces at 96 px, a GANmut and a POSTER of a few channels."""

import copy
import itertools
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import yaml

from synface.core.emotions import LABELS
from synface.core.images import encode_png
from synface.ganmut.checkpoint import save_generator
from synface.ganmut.generator import GaussianGenerator, LinearGenerator

ROOT = Path(__file__).resolve().parents[2]


def counts(*numbers: int) -> dict[str, int]:
    return dict(zip(LABELS, numbers, strict=True))


STUDY: dict[str, Any] = {
    "drawings": {
        "portraits": {"domain": "portraits", "layout": "portraits", "count": 50, "size": 128},
        "raf": {
            "domain": "raf",
            "layout": "raf-db",
            "counts": {
                "train": {
                    "surprise": 2,
                    "fear": 1,
                    "disgust": 1,
                    "happiness": 3,
                    "sadness": 2,
                    "anger": 1,
                    "neutral": 2,
                },
                "test": {
                    "surprise": 1,
                    "fear": 1,
                    "disgust": 1,
                    "happiness": 2,
                    "sadness": 1,
                    "anger": 1,
                    "neutral": 1,
                },
            },
        },
        "affectnet": {
            "domain": "affectnet",
            "layout": "affectnet",
            "size": 96,
            "counts": {
                "test": {"surprise": 1, "fear": 1, "disgust": 1, "happiness": 1, "sadness": 1, "anger": 1, "neutral": 1}
            },
        },
    },
    "sources": {"portraits": {"images": "results/drawings/portraits", "test_fraction": 0.4}},
    "generators": {
        "passthrough": {"checkpoint": "resources/passthrough.safetensors", "trained_on": ["nothing"]},
        "ganmut": {
            "train_on": "Raf",
            "iterations": 2,
            "batch_size": 6,
            "critic_steps": 1,
            "image_size": 32,
            "channels": 8,
            "blocks": 1,
            "discriminator_channels": 8,
            "discriminator_depth": 3,
        },
    },
    "edits": {
        "fixed": {"source": "portraits", "generator": "passthrough", "rho": 0.9, "shards": 1},
        "varied": {"source": "portraits", "generator": "passthrough", "rho": [0.5, 1.2], "shards": 2},
    },
    "datasets": {
        "Raf": {"natural": {"layout": "raf-db", "path": "results/drawings/raf"}},
        "Affect": {"natural": {"layout": "affectnet", "path": "results/drawings/affectnet", "split": "val"}},
        "Mine": {"natural": {"layout": "auto", "path": "resources/mine", "split": "test"}},
        "Fixed": {"synthetic": {"edit": "fixed", "like": "Raf", "color": "none", "blend": "none"}},
        "Varied": {
            "synthetic": {"edit": "varied", "like": "Raf", "color": {"method": "lab-skin"}, "blend": {"border": 0.15}}
        },
        "Hybrid": {"merge": ["Raf", {"dataset": "Varied", "fraction": 0.5}]},
        "Unedited": {
            "synthetic": {"edit": "fixed", "like": "Raf", "unedited": {"model": "poster", "train_set": "Raf"}}
        },
    },
    "landmarks": {
        "narrow": {
            "images": "results/drawings/portraits",
            "width": 0.125,
            "input_size": 32,
            "epochs": 1,
            "batch_size": 8,
        }
    },
    "action_units": {
        "narrow": {
            "images": "results/drawings/portraits",
            "table": "truth.csv",
            "width": 0.125,
            "input_size": 32,
            "epochs": 1,
            "batch_size": 8,
        }
    },
    "models": {
        "poster": {
            "width": 0.125,
            "depth": 1,
            "input_size": 32,
            "epochs": 1,
            "batch_size": 8,
            "validation_fraction": 0,
            "optimizer": "adam",
            "pretrained": {
                "mobilefacenet": "results/landmarks/narrow/mobilefacenet.safetensors",
                "ir50": "results/action_units/narrow/ir50.safetensors",
            },
        }
    },
    "experiments": {
        "tiny": {
            "models": ["poster"],
            "seeds": [1],
            "train_on": ["Raf", "Fixed", "Hybrid", "Unedited"],
            "test_on": ["Raf", "Affect", "Mine"],
        }
    },
    "statistics": {"margin": 0.02},
}


def changed(study: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return a copy of ``study`` in which the entry at ``key`` (names joined by '/') is ``value``."""
    copied = copy.deepcopy(dict(study))
    *above, last = key.split("/")
    entry = copied
    for name in above:
        entry = entry.setdefault(name, {})
    entry[last] = value
    return copied


def write_study(folder: Path, study: Mapping[str, Any]) -> None:
    (folder / "config").mkdir(parents=True, exist_ok=True)
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(copy.deepcopy(dict(study)), sort_keys=False))
    (folder / "resources").mkdir(exist_ok=True)
    write_passthrough(folder / "resources/passthrough.safetensors")
    for number, label in enumerate(LABELS):
        place = folder / "resources/mine/test" / label
        place.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (40, 40, 3), np.uint8)
        (place / "a.png").write_bytes(encode_png(pixels))


def put_image(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((64, 64, 3), 128, np.uint8))


def put_inputs_in_place(folder: Path) -> None:
    """Make a miniature of every input in the layouts that users have."""
    resources = folder / "resources"
    for number in range(30):
        put_image(resources / f"ffhq/00000/{number:05d}.png")
    lines = []
    for split, digits in (("train", 5), ("test", 4)):
        for label in range(1, 8):
            name = f"{split}_{label:0{digits}d}"
            put_image(resources / f"raf-db/Image/aligned/{name}_aligned.jpg")
            lines.append(f"{name}.jpg {label}")
    (resources / "raf-db/EmoLabel").mkdir()
    (resources / "raf-db/EmoLabel/list_patition_label.txt").write_text("\n".join(lines) + "\n")
    for number in range(7):
        put_image(resources / f"affectnet/val_set/images/{number}.jpg")
        (resources / "affectnet/val_set/annotations").mkdir(exist_ok=True)
        np.save(resources / f"affectnet/val_set/annotations/{number}_exp.npy", str(number))
    weights = resources / "weights"
    weights.mkdir()
    torch.save(GaussianGenerator().state_dict(), weights / "gaus_2d-1800000-G.ckpt")
    torch.save(LinearGenerator().state_dict(), weights / "lin_2d-1000000-G.ckpt")
    for name in ("ir50.pth", "mobilefacenet_model_best.pth.tar"):
        torch.save({}, weights / name)


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def tracked() -> list[str]:
    return [path for path in git(ROOT, "ls-files", "-z").split("\0") if path]


def make_clone(folder: Path) -> Path:
    """Make ``folder`` a repository with everything that is tracked here, as it is in the working tree."""
    for path in tracked():
        if (ROOT / path).is_file():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / path, folder / path)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message", "all")
    return folder


def snakemake(
    folder: Path, *arguments: str, cores: int = 2, python: Path | str = sys.executable
) -> subprocess.CompletedProcess:
    """Run the project's workflow in ``folder``; standard output and error come together."""
    command = [python, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder]
    return subprocess.run(
        [*map(str, command), "--cores", str(cores), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        # One thread per job: on two cores more of them only wait for each other.
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT / "workflow/scripts")},
        check=False,
    )


def run(folder: Path, *arguments: str, cores: int = 2) -> str:
    """Run the workflow and return what it printed; fail with its end when it fails."""
    done = snakemake(folder, *arguments, cores=cores)
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def planned_jobs(output: str) -> dict[str, list[dict[str, str]]]:
    """Return the wildcards of every job that a dry run announces, by rule."""
    jobs: dict[str, list[dict[str, str]]] = defaultdict(list)
    for block in re.split(r"\n(?=(?:local)?(?:rule|checkpoint) \w+:)", "\n" + output):
        head = re.match(r"(?:local)?(?:rule|checkpoint) (\w+):", block)
        if head:
            wildcards = re.search(r"^    wildcards: (.*)$", block, flags=re.MULTILINE)
            pairs = [pair.split("=", 1) for pair in wildcards[1].split(", ")] if wildcards else []
            jobs[head[1]].append(dict(pairs))
    return dict(jobs)


def write_passthrough(path: Path) -> None:
    """Write a GANmut that gives every face back with its contrast normalized, whatever the code.

    An untrained generator leaves nothing that MTCNN would call a face. In this one the strided convolutions sort the
    pixels of each 2 x 2 block into channels, the transposed ones sort them back, and the residual blocks add nothing.
    """
    generator = LinearGenerator(channels=12, blocks=1, image_size=64)
    layers = generator.main
    above_zero = 4.0  # added by the norms, so that ReLU cuts nothing; a constant channel takes it off at the end
    with torch.no_grad():
        for parameter in layers.parameters():
            parameter.zero_()
        for norm in (1, 4, 7, 11, 14):
            layers[norm].weight.fill_(1.0)
            layers[norm].bias.fill_(above_zero)
        for channel in range(3):
            layers[0].weight[channel, channel, 3, 3] = 1.0
            layers[16].weight[channel, channel, 3, 3] = 0.5
            layers[16].weight[channel, 3, 3, 3] = -0.5
        for down, up, channels in ((3, 13, 3), (6, 10, 12)):
            for channel, row, column in itertools.product(range(channels), range(2), range(2)):
                part = 4 * channel + 2 * row + column
                layers[down].weight[part, channel, 1 + row, 1 + column] = 1.0
                layers[up].weight[part, channel, 1 + row, 1 + column] = 1.0
        generator.axes.bias.zero_()  # like all else: the file is the same every time
        generator.axes.weight.copy_(torch.tensor([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 1], [-1, 1]]))
    save_generator(generator, path)
