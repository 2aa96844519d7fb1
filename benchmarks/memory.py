"""Peak memory and seconds of every stage, over studies of different sizes.

    python benchmarks/memory.py [--images 100 300 1000] [--table docs/memory.csv] [--figure docs/memory.svg]

A study of N drawn faces to train on and as many edited portraits is run with one core for each N; shards are those
that the workflow makes by itself, 1,000 portraits each. Beyond `--edited-up-to` nothing is drawn or edited: pictures of
noise over a drawn face take the place of faces, and what runs is what sees a whole set at once (portraits' index and
deal, import, copies, merge, training, evaluation, tables); all else works on a shard at a time, however many there are.
In `--table`, sizes that are not asked for stay. Linux: the peak of a job is the kernel's own (VmHWM), plus what
processes that it starts hold beside it. Trainings are short and of narrow networks, at 112 pixels: what is to be seen
is how memory grows with N, not how much a published network takes.
"""

import argparse
import csv
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import cv2
import matplotlib.pyplot as plt
import numpy as np
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from drawn.face import draw_face, sample_face
from synface.core.emotions import Emotion

ROOT = Path(__file__).resolve().parents[1]
SECONDS_BETWEEN_LOOKS = 0.02
COLUMNS = ("images", "stage", "jobs", "seconds", "peak_mb")
SHARES = {"surprise": 9, "fear": 3, "disgust": 6, "happiness": 37, "sadness": 17, "anger": 6, "neutral": 22}  # %
SHOWN = 8  # stages with a name in the figure


def study(images: int) -> dict[str, Any]:
    """Return a configuration with about so many faces to train on, and as many edited portraits."""
    counts = {
        split: {label: max(2, round(images * share / 100 * part)) for label, share in SHARES.items()}
        for split, part in (("train", 1.0), ("test", 0.1))
    }
    portraits = round(1.35 * sum(sum(part.values()) for part in counts.values())) + 20
    narrow = {"width": 0.125, "epochs": 1, "batch_size": 16}
    return {
        "drawings": {
            "portraits": {"domain": "portraits", "layout": "portraits", "count": portraits, "size": 256},
            "raf": {"domain": "raf", "layout": "raf-db", "counts": counts},
        },
        "sources": {"portraits": {"images": "results/drawings/portraits"}},
        "generators": {
            "demo": {
                "checkpoint": str(ROOT / "resources/demo/ganmut.safetensors"),
                "trained_on": ["other drawn faces"],
            },
            "trained": {"train_on": "Drawn", "iterations": 5, "batch_size": 8, "critic_steps": 1, "image_size": 128}
            | {"channels": 16, "blocks": 1, "discriminator_channels": 16},
        },
        "edits": {"varied": {"source": "portraits", "generator": "demo", "rho": [0.5, 1.2]}},
        "datasets": {
            "Drawn": {"natural": {"layout": "raf-db", "path": "results/drawings/raf"}},
            "Edited": {"synthetic": {"edit": "varied", "like": "Drawn"}},
            "Hybrid": {"merge": ["Drawn", "Edited"]},
        },
        "landmarks": {"narrow": {"images": "results/drawings/portraits", "input_size": 112, **narrow}},
        "models": {
            "narrow": {"depth": 1, "input_size": 112, "validation_fraction": 0, "optimizer": "adam", **narrow}
            | {"pretrained": {"mobilefacenet": "results/landmarks/narrow/mobilefacenet.safetensors"}}
        },
        "experiments": {
            "size": {"models": ["narrow"], "seeds": [1], "train_on": ["Drawn", "Hybrid"], "test_on": ["Drawn"]}
        },
    }


def study_of_whole_sets(images: int, folder: Path) -> dict[str, Any]:
    """Return a configuration with so many pictures to train on that nobody drew, which are written into ``folder``."""
    whole = study(images)
    random = np.random.default_rng(1)
    face = draw_face(sample_face(1, "memory", emotion=Emotion.NEUTRAL, intensity=0.0, domain="raf")).image
    counts = whole["drawings"]["raf"]["counts"]
    for split, each in counts.items():
        for label, count in each.items():
            write_pictures(folder / "resources/pictures" / split / label, count, face, random)
            write_pictures(folder / "resources/more" / split / label, max(1, count // 10), face, random)
    write_pictures(folder / "resources/portraits", whole["drawings"]["portraits"]["count"], face, random)
    model = {key: value for key, value in whole["models"]["narrow"].items() if key != "pretrained"}
    return {
        "sources": {"portraits": {"images": "resources/portraits"}},
        "generators": {"demo": whole["generators"]["demo"]},
        "edits": whole["edits"],
        "datasets": {
            "Pictures": {"natural": {"layout": "class-folders", "path": "resources/pictures"}},
            "Edited": {"synthetic": {"edit": "varied", "like": "Pictures"}},
            "More": {"natural": {"layout": "class-folders", "path": "resources/more"}},
            "Merged": {"merge": ["Pictures", "More"]},
        },
        "models": {"narrow": model},
        "experiments": {
            "size": {"models": ["narrow"], "seeds": [1], "train_on": ["Pictures"], "test_on": ["Pictures"]}
        },
    }


def write_pictures(folder: Path, count: int, face: np.ndarray, random: np.random.Generator) -> None:
    """Write ``count`` pictures, uint8 [100, 100, 3] as JPEG: a face under colored noise, so that no two are alike."""
    folder.mkdir(parents=True)
    height, width, _ = face.shape
    for number in range(count):
        noise = cv2.resize(random.integers(0, 256, (12, 12, 3), dtype=np.uint8), (width, height))
        cv2.imwrite(str(folder / f"{number:06d}.jpg"), cv2.addWeighted(face, 0.5, noise, 0.5, 0.0))


def measure(images: int, *, edited: bool) -> list[dict[str, Any]]:
    """Run a study; return a row of `COLUMNS` per stage: its largest peak of a job, the seconds of all its jobs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "config").mkdir()
        configuration = study(images) if edited else study_of_whole_sets(images, folder)
        (folder / "config/config.yaml").write_text(yaml.safe_dump(configuration, sort_keys=False))
        command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", folder]
        targets = ["all", "results/generators/trained/generator.safetensors"]
        if not edited:
            targets = ["all", "results/edits/varied/dealt.csv", "results/datasets/Merged/digest.txt"]
        with (folder / "said.txt").open("w") as said:
            process = subprocess.Popen(
                [*map(str, command), "--cores", "1", *targets],
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            jobs = watch(process)
        if process.returncode != 0:
            sys.exit((folder / "said.txt").read_text()[-3000:])
    stages: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for script, seconds, peak in jobs:
        stages[script].append((seconds, peak))
    return [
        {
            "images": images,
            "stage": stage.replace("_", " "),
            "jobs": len(found),
            "seconds": round(sum(seconds for seconds, _ in found), 1),
            "peak_mb": round(max(peak for _, peak in found)),
        }
        for stage, found in sorted(stages.items())
    ]


def watch(snakemake: subprocess.Popen) -> list[tuple[str, float, float]]:
    """Return script, seconds and peak in MB of every job of a Snakemake, until it ends."""
    seen: dict[tuple[int, str], list[float]] = {}  # first and last look, peak
    while snakemake.poll() is None:
        now = time.monotonic()
        parents, scripts = processes_of(snakemake.pid)
        for number, script in scripts.items():
            if parents[number] in scripts:
                continue  # forked by a job
            beside = [each for each in parents if each != number and number in ancestors(each, parents)]
            peak = status(number, "VmHWM") + sum(status(each, "RssAnon") for each in beside)
            first, _, before = seen.get((number, script), [now, now, 0.0])
            seen[number, script] = [first, now, max(before, peak)]
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return [(script, last - first, peak) for (_, script), (first, last, peak) in seen.items()]


def processes_of(session: int) -> tuple[dict[int, int], dict[int, str]]:
    """Return the parent of every process of a session, and the script of those that run one."""
    parents, scripts = {}, {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) != session:
                continue
            command = (folder / "cmdline").read_bytes().decode(errors="replace")
        except (OSError, IndexError):
            continue  # ended meanwhile
        parents[int(folder.name)] = int(fields[1])
        if found := re.search(r"\.snakemake/scripts/\w+\.(\w+)\.py", command):
            scripts[int(folder.name)] = found[1]
    return parents, scripts


def ancestors(number: int, parents: Mapping[int, int]) -> set[int]:
    """Return the processes above one."""
    found: set[int] = set()
    while (number := parents.get(number, 0)) and number not in found:
        found.add(number)
    return found


def status(number: int, key: str) -> float:
    """Return a line of a process's status, in MB; 0 where it has ended."""
    try:
        lines = Path(f"/proc/{number}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1e3 for line in lines if line.startswith(f"{key}:")), 0.0)


def write(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the table."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def draw(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw memory and seconds over the number of images; the stages that take most memory are named."""
    sizes = sorted({int(row["images"]) for row in rows})
    # Of each stage the largest size that it was run at.
    last = {row["stage"]: float(row["peak_mb"]) for row in sorted(rows, key=lambda row: int(row["images"]))}
    named = sorted(last, key=last.get, reverse=True)[:SHOWN]
    figure, panels = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    for axes, key, label in zip(
        panels, ("peak_mb", "seconds"), ("peak memory of a job, MB", "seconds of all its jobs"), strict=True
    ):
        for stage in [*sorted(last.keys() - set(named)), *named]:
            points = sorted((int(row["images"]), float(row[key])) for row in rows if row["stage"] == stage)
            style: dict[str, Any] = {"linewidth": 0.8, "color": "#cccccc"}
            if stage in named:
                color = mpl.color_sequences["tab10"][named.index(stage)]
                style = {"linewidth": 1.6, "marker": "o", "markersize": 3, "color": color, "label": stage}
            axes.plot(*zip(*points, strict=True), **style)
        axes.set(xscale="log", xlabel="images to train on", ylabel=label)
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.minorticks_off()
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylim(bottom=0)
    panels[1].set_yscale("log")
    panels[1].plot([], [], linewidth=0.8, color="#cccccc", label="all other stages")
    panels[1].legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    figure.savefig(path, metadata={"Date": None} if path.suffix == ".svg" else None)


def main() -> None:
    """Measure, print, and write table and figure where they are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, nargs="+", default=[100, 300, 1000])
    parser.add_argument("--edited-up-to", type=int, default=5000, help="beyond, only what sees a whole set at once")
    parser.add_argument("--table", type=Path, help="written anew after each size; those not asked for stay")
    parser.add_argument("--figure", type=Path)
    asked = parser.parse_args()
    rows: list[dict[str, Any]] = []
    if asked.table and asked.table.exists():
        with asked.table.open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if int(row["images"]) not in asked.images]
    for images in asked.images:
        found = measure(images, edited=images <= asked.edited_up_to)
        for row in found:
            print("{images:7,} {stage:22} {jobs:3} jobs {seconds:9,.1f} s {peak_mb:7,} MB".format(**row), flush=True)
        rows = sorted([*rows, *found], key=lambda row: (int(row["images"]), row["stage"]))
        # After each size: the next may take a night.
        if asked.table:
            write(rows, asked.table)
        if asked.figure:
            draw(rows, asked.figure)


if __name__ == "__main__":
    main()
