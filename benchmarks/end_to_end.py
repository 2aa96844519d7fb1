"""How often the page's sentence is right: whole miniature studies on drawn faces, whose truth is known.

    python benchmarks/end_to_end.py FOLDER [--rounds 40] [--workers 1] [--table docs/end_to_end.csv]

Each round draws a real training set, two others that take the place of synthetic ones, and a test set; trains a small
POSTER on each with three seeds, tests it, and judges it by the functions that the workflow's jobs call. Afterwards the
rounds are judged once more three at a time, as three draws of each training set.
  second draw      faces of the real domain, drawn anew: no difference, over draws. Two single draws do differ a little.
  shuffled labels  the same, but whose face shows what is left to chance: nothing but the class counts can be learned.
What is trained stays in FOLDER; a call that was cut off goes on. An hour and a half for 40 rounds on one core.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from drawn.dataset import draw_faces
from synface.core.draws import keyed_generator
from synface.core.emotions import LABELS
from synface.core.progress import progress
from synface.core.tables import write_table
from synface.dataset.importing import import_dataset
from synface.poster.predict import predict
from synface.poster.training import train_poster

REAL, SECOND, SHUFFLED, TEST = "Real", "Second draw", "Shuffled labels", "Test"
TRAIN_SETS, SEEDS = (REAL, SECOND, SHUFFLED), (1, 2, 3)
TRAINING_FACES, TEST_FACES = 24, 32  # of each class
NEIGHBORS = 3  # rounds whose test sets a model is tested on, and draws of a training set
LANDMARKS = Path(__file__).resolve().parents[1] / "resources/demo/mobilefacenet.safetensors"
SETTINGS = {
    "width": 0.25,
    "depth": 1,
    "input_size": 128,
    "epochs": 4,
    "batch_size": 8,
    "lr": 2e-3,
    "lr_gamma": 0.5,
    "optimizer": "adam",
    "loss": "cross-entropy",
    "drop_path": 0.0,
    "validation_fraction": 0,
    "random_erasing": {"probability": 0.0},
}


def make_dataset(folder: Path, name: str, seed: int) -> Path:
    """Draw and import one dataset into ``folder``, unless it is there; return its metadata.csv."""
    place = folder / name
    metadata = place / "metadata.csv"
    if metadata.exists():
        return metadata
    split, each = ("test", TEST_FACES) if name == TEST else ("train", TRAINING_FACES)
    counts = {split: dict.fromkeys(LABELS, each)}
    draw_faces(folder=place / "drawn", settings={"domain": "raf", "layout": "raf-db", "seed": seed, "counts": counts})
    outputs = {"counts": "counts.csv", "card": "README.md", "rejects": "rejects.csv", "metadata": "drawn.csv"}
    import_dataset(
        path=place / "drawn",
        images=place / "images",
        **{key: place / file for key, file in outputs.items()},
        name=name,
        layout="raf-db",
        split="all",
    )
    table = pd.read_csv(place / "drawn.csv")
    if name == SHUFFLED:
        table["label"] = keyed_generator(seed, "shuffled labels", name).permutation(table["label"])
    write_table(table, metadata)
    return metadata


def run_round(folder: Path, number: int, rounds: int) -> None:
    """Draw and train one round, and test its models on its own test set and on those of the rounds after it."""
    places = [folder / f"round{(number + step) % rounds:03d}" for step in range(NEIGHBORS)]
    tests = {
        f"{TEST} {place.name}": make_dataset(place, TEST, 10 * int(place.name[-3:]) + len(TRAIN_SETS))
        for place in places
    }
    for index, name in enumerate(TRAIN_SETS):
        metadata = make_dataset(places[0], name, 10 * number + index)
        for seed in SEEDS:
            place = metadata.parent / f"seed{seed}"
            place.mkdir(exist_ok=True)
            if (place / "predictions.csv").exists():
                continue
            train_poster(
                metadata=metadata,
                folder=metadata.parent,
                model=place / "model.safetensors",
                history=place / "history.csv",
                provenance=place / "provenance.json",
                state=place / "state.pt",
                pretrained={"mobilefacenet": LANDMARKS},
                settings=SETTINGS,
                seed=seed,
                device="cpu",
            )
            predict(
                model=place / "model.safetensors",
                tests=tests,
                predictions=place / "predictions.csv",
                batch_size=64,
                device="cpu",
            )


def main() -> None:
    """Train what is not trained yet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--table", type=Path)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers) as pool:
        done = pool.map(run_round, repeat(options.folder), range(options.rounds), repeat(options.rounds))
        for _ in progress(done, total=options.rounds, what="rounds"):
            pass


if __name__ == "__main__":
    main()
