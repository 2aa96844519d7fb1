"""What the demo's study ought to say: the whole study again on other seeds, whose mean is the truth.

    python benchmarks/demo_truth.py [FOLDER] [--rounds 5] [--cores 2] [--table docs/demo_truth.csv]

A round is examples/drawn-faces/config/config.yaml with other people: every drawing has another seed, so the real
faces, the portraits, their edits and the test faces are all drawn anew. The mean over the rounds is the true difference
up to its standard error: over draws of the training sets, seeds, and the test faces of all rounds together. Beside it
stands how often the study said which of better, worse, equivalent and not distinguishable, and how often its interval
covered that mean.
What is made stays in FOLDER; a call that was cut off goes on. A round takes as long as the demo.
"""

import argparse
import subprocess
import sys
from pathlib import Path

import pandas as pd
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from synface.core.tables import read_table, write_table

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "examples/drawn-faces/config/config.yaml"
FIRST_SEED = 101  # the demo's drawings have 1, those of its networks up to 5
TABLE = "results/tables/comparisons.csv"
VERDICTS = ("better", "worse", "equivalent", "not distinguishable")


def study_of(number: int) -> dict:
    """Return the demo's configuration with the people of round ``number``."""
    text = DEMO.read_text(encoding="utf-8").replace("../../resources", str(ROOT / "resources"))
    study = yaml.safe_load(text)
    for drawing in study["drawings"].values():
        drawing["seed"] = FIRST_SEED + number
    return study


def run_round(folder: Path, number: int, cores: int) -> pd.DataFrame:
    """Run a round, unless it is done; return its primary contrasts."""
    place = folder / f"round{number}"
    config = place / "config/config.yaml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(yaml.safe_dump(study_of(number), sort_keys=False), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--quiet", "all"]
    subprocess.run([*command, "--cores", str(cores), "--directory", str(place), TABLE], check=True)
    table = read_table(place / TABLE, text=["shared_labels", "differ_in"])
    return table[table["primary"].astype(bool)].assign(round=number)


def summarize(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row per contrast and test set: the true difference with its standard error, and the verdicts."""
    rows = []
    for (train_set, baseline, test_set), part in found.groupby(["train_set", "baseline", "test_set"], sort=False):
        row = {"train_set": train_set, "baseline": baseline, "test_set": test_set, "rounds": len(part)}
        row |= {"baseline_value": part["baseline_value"].mean(), "value": part["value"].mean()}
        row |= {"difference": part["difference"].mean(), "error": part["difference"].sem()}
        said = part["verdict"].str.extract(f"^({'|'.join(VERDICTS)})", expand=False)
        row |= {verdict: int((said == verdict).sum()) for verdict in VERDICTS}
        covered = (part["ci_low"] <= row["difference"]) & (row["difference"] <= part["ci_high"])
        rows.append({**row, "covered": int(covered.sum())})
    return pd.DataFrame(rows)


def main() -> None:
    """Run what is not run yet, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("results/demo_truth"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--table", type=Path)
    options = parser.parse_args()
    found = pd.concat([run_round(options.folder.resolve(), number, options.cores) for number in range(options.rounds)])
    summary = summarize(found)
    print(summary.round(3).to_string(index=False))
    if options.table:
        write_table(summary.round(4), options.table)


if __name__ == "__main__":
    main()
