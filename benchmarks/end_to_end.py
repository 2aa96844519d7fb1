"""How often the page's sentence is right: whole miniature studies on drawn faces, whose truth is known.

    python benchmarks/end_to_end.py [FOLDER] [--rounds 40] [--workers 1] [--table docs/end_to_end.csv]

Printed for each kind of study: how often the answer to "can it replace the real set" was which, and how often the
interval held the true difference (none, or the mean of all rounds), in percent.

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
from itertools import product, repeat
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from drawn.dataset import draw_faces
from synface.core.draws import keyed_generator
from synface.core.emotions import LABELS
from synface.core.progress import progress
from synface.core.tables import read_table, write_table
from synface.dataset.importing import import_dataset
from synface.evaluate.compare import compare
from synface.poster.predict import predict
from synface.poster.training import train_poster
from synface.report.answers import answer_questions
from synface.settings.experiment import Statistics
from synface.settings.keys import plain

REAL, SECOND, SHUFFLED, TEST = "Real", "Second draw", "Shuffled labels", "Test"
TRAIN_SETS, SEEDS = (REAL, SECOND, SHUFFLED), (1, 2, 3)
TRAINING_FACES, TEST_FACES = 24, 32  # of each class
ANSWERS = {"better": "gains", "worse": "loses", "equivalent": "equal", "not": "undecided"}
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
    """Draw and import one dataset into ``folder``, unless it is there; return its table."""
    place = folder / name
    metadata = place / "labels.csv"
    if metadata.exists():
        return metadata
    split, each = ("test", TEST_FACES) if name == TEST else ("train", TRAINING_FACES)
    counts = {split: dict.fromkeys(LABELS, each)}
    draw_faces(folder=place / "drawn", settings={"domain": "raf", "layout": "raf-db", "seed": seed, "counts": counts})
    outputs = {"counts": "counts.csv", "card": "README.md", "rejects": "rejects.csv", "metadata": "metadata.csv"}
    import_dataset(
        path=place / "drawn",
        images=place / "images",
        **{key: place / file for key, file in outputs.items()},
        name=name,
        layout="raf-db",
        split="all",
        origins=[{"kind": "drawings", "name": name, "dataset": name, "license": "", "from": ""}],
    )
    table = pd.read_csv(place / "metadata.csv")
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


def judge_round(folder: Path, number: int, rounds: int, other: str, draws: int) -> dict:
    """Return the page's answer about ``other`` in one round: verdict, sentence, difference and its interval.

    With several ``draws`` the round's test set is answered by the models of the rounds before it, too.
    """
    test_set = f"{TEST} round{number:03d}"
    evaluations, predictions = [], {}
    for name in (REAL, other):
        for step in range(draws):
            place = folder / f"round{(number - step) % rounds:03d}" / name
            for seed in SEEDS:
                cell = {"train_set": name, "dataset": f"{name}~{step}", "seed": seed, "test_set": test_set}
                evaluations.append({"experiment": "round", "model": "poster", **cell})
                predictions["poster", cell["dataset"], seed] = place / f"seed{seed}" / "predictions.csv"
    asked = {"model": "poster", "train_set": other, "baseline_model": "poster", "baseline": REAL}
    with TemporaryDirectory() as temporary:
        names = ("accuracy", "summary", "per_class", "metrics", "comparisons", "metric_comparisons")
        tables = {name: Path(temporary) / f"{name}.csv" for name in names}
        compare(
            evaluations=evaluations,
            predictions=predictions,
            contrasts=[{"experiment": "round", **asked, "primary_on": [test_set], "differ_in": ""}],
            lineage={name: {"images": [name], "labels": {}} for name in (REAL, other, test_set)},
            settings=plain(Statistics()),
            **tables,
        )
        contrasts = read_table(tables["comparisons"], text=["shared_labels", "differ_in"])
    config = {"datasets": {REAL: {"natural": {}}, other: {"synthetic": {}}}}
    ((answer,),) = [each["cells"] for each in answer_questions(contrasts, config)]
    found = contrasts.iloc[0][["difference", "ci_low", "ci_high", "value", "baseline_value"]].to_dict()
    return {"set": other, "draws": draws, "answer": ANSWERS[answer["kind"]], "sentence": answer["sentence"], **found}


def summarize(judged: pd.DataFrame) -> pd.DataFrame:
    """Return one row per kind of study: accuracies, how often each answer was given, coverage; in percent."""
    rows = []
    for (other, draws), part in judged.groupby(["set", "draws"], sort=False):
        true = 0.0 if other == SECOND else part["difference"].mean()
        row = {"set": other, "draws": draws, "studies": len(part), "real": 100 * part["baseline_value"].mean()}
        row["other"] = 100 * part["value"].mean()
        row |= {answer: 100 * (part["answer"] == answer).mean() for answer in ANSWERS.values()}
        row["covered"] = 100 * ((part["ci_low"] <= true) & (true <= part["ci_high"])).mean()
        rows.append(row)
    return pd.DataFrame(rows)


def main() -> None:
    """Train what is not trained yet, judge every round, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("results/end_to_end"))
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--table", type=Path)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers) as pool:
        done = pool.map(run_round, repeat(options.folder), range(options.rounds), repeat(options.rounds))
        for _ in progress(done, total=options.rounds, what="rounds"):
            pass
    rounds = range(options.rounds)
    judged = [
        judge_round(options.folder, number, options.rounds, other, draws)
        for other, draws in product((SECOND, SHUFFLED), (1, NEIGHBORS))
        for number in progress(rounds, total=options.rounds, what="rounds")
    ]
    table = pd.DataFrame(judged)
    summary = summarize(table)
    print(summary.round(1).to_string(index=False))
    for (_, _, answer), part in table.groupby(["set", "draws", "answer"], sort=False):
        print(f"{answer}: {part['sentence'].iloc[0]}")
    if options.table:
        write_table(summary.round(2), options.table)


if __name__ == "__main__":
    main()
