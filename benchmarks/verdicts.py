"""How often the verdicts are right where the truth is known: simulated experiments, judged as `compare` judges.

    python benchmarks/verdicts.py [--full] [--repeats 300] [--table docs/verdicts.csv] [--figure docs/verdicts.svg]

An image is answered rightly where sqrt(a) z + sqrt(b) v + sqrt(c) e < the normal quantile of the run's accuracy: z is
the image's difficulty, v how it suits a training set, e how it suits a single run. A run's accuracy scatters around
that of its training set by the spread of seeds, and is shared by its test sets.

Measured, in percent with the standard error of the simulation:
  covered       95 % intervals of an accuracy that hold the true one
  different     equal training sets called different, one contrast at .05
  any_of_30     any of 30 contrasts (4 equal training sets, 5 test sets) called better or worse after Holm
  equivalent    training sets that differ by exactly the margin (2 points) shown to be equivalent, one contrast at .05
  found_3       differences of 3 points found, one contrast at .05
With one seed, "true" is what the trained models would reach on all images: that is what the verdict is about.
"""

import argparse
import itertools
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from synface.core.progress import progress
from synface.core.tables import write_table
from synface.evaluate.intervals import holm, wilson_interval
from synface.evaluate.readers import Cases, difference_of_means, interval_of_mean, pooled_spread
from synface.report.style import INK, MUTED, house_style, save_figure
from synface.settings.experiment import Statistics

ALPHA, MARGIN = Statistics.alpha, Statistics.margin
SPREADS = {"0": (0.0,) * 4, "1": (0.01,) * 4, "3": (0.03,) * 4, "4 1 1 1": (0.04, 0.01, 0.01, 0.01)}
# Shares of variance: image, image in a training set, image in a run. Trained networks agree about as in the first.
CORRELATIONS = {"usual": (0.55, 0.25, 0.20), "low": (0.30, 0.30, 0.40)}
TEST_SETS = 5
MEASURES = ("covered", "different", "any_of_30", "equivalent", "found_3")


def simulate(
    random: np.random.Generator, n: int, reached: Sequence[np.ndarray], shares: tuple[float, float, float]
) -> list[np.ndarray]:
    """Return for each training set the answers [runs, n] of its runs, whose accuracies are ``reached``."""
    image, own, single = np.sqrt(shares)
    difficulty = image * random.normal(size=n)
    groups = []
    for accuracies in reached:
        latent = difficulty + own * random.normal(size=n) + single * random.normal(size=(len(accuracies), n))
        groups.append(latent < norm.ppf(accuracies)[:, None])
    return groups


def reach(random: np.random.Generator, means: Sequence[float], spreads: Sequence[float], runs: int) -> list[np.ndarray]:
    """Return the accuracies of the runs of each training set."""
    each = zip(means, spreads, strict=True)
    return [np.clip(mean + spread * random.normal(size=runs), 0.001, 0.999) for mean, spread in each]


def measure(cell: tuple, repeats: int) -> dict:
    """Return the measures of one cell (n, spread, seeds, accuracy, correlation) over ``repeats`` experiments."""
    n, spread, runs, accuracy, correlation = cell
    random = np.random.default_rng([n, runs, int(100 * accuracy), *map(ord, spread + correlation)])
    spreads, shares, cases = SPREADS[spread], CORRELATIONS[correlation], Cases(np.arange(n) % 7, np.arange(n))
    seen: dict[str, list[float]] = {name: [] for name in MEASURES}
    for _ in range(repeats):
        for name, value in one_null(random, cases, reach(random, [accuracy] * 4, spreads, runs), accuracy, shares):
            seen[name].append(value)
        means = (accuracy, accuracy - MARGIN, accuracy - 0.03)
        for name, value in one_difference(random, cases, reach(random, means, spreads[:3], runs), shares):
            seen[name].append(value)
    row = {"n": n, "spread": spread, "seeds": runs, "accuracy": accuracy, "correlation": correlation}
    for name, values in seen.items():
        # Contrasts of one experiment are not independent: the error is that of the experiments' means.
        by_experiment = np.array(values, dtype=float).reshape(repeats, -1).mean(axis=1)
        row[name] = 100 * by_experiment.mean()
        row[f"{name}_error"] = 100 * by_experiment.std(ddof=1) / np.sqrt(repeats)
    return row


def one_null(
    random: np.random.Generator, cases: Cases, reached: list[np.ndarray], accuracy: float, shares: tuple
) -> Iterator[tuple[str, float]]:
    """Yield what an experiment of equal training sets shows: coverage, false differences, any of its whole family."""
    single, p, equivalence, false = len(reached[0]) == 1, [], [], []
    for number in range(TEST_SETS):
        groups = simulate(random, len(cases.classes), reached, shares)
        pooled = pooled_spread(groups)
        for second, first in itertools.combinations(range(len(groups)), 2):
            found = difference_of_means(groups[first], groups[second], cases, pooled=pooled)
            # Two trained models differ by what they reach; with it the verdict about them is right.
            true = float(reached[first][0] - reached[second][0]) if single else 0.0
            low, high = found.interval(1 - ALPHA)
            p.append(found.p())
            equivalence.append(found.equivalence_p(MARGIN))
            false.append(true == 0 or np.sign(found.value) != np.sign(true))
            if number == 0 and second == 0:
                yield "different", not low <= true <= high
        if number == 0:
            runs = groups[0]
            low, high = wilson_interval(runs.mean(), runs.shape[1]) if single else interval_of_mean(runs, cases)
            yield "covered", low <= (reached[0][0] if single else accuracy) <= high
    corrected = holm([*p, *equivalence])[: len(p)]
    yield "any_of_30", bool(((corrected < ALPHA) & np.array(false)).any())


def one_difference(
    random: np.random.Generator, cases: Cases, reached: list[np.ndarray], shares: tuple
) -> Iterator[tuple[str, float]]:
    """Yield whether a difference of the margin is shown to be smaller, and whether one of three points is found."""
    groups = simulate(random, len(cases.classes), reached, shares)
    pooled = pooled_spread(groups)
    # Two trained models may be closer than the margin though their training sets are not: then it is no mistake.
    wrong = len(reached[0]) > 1 or abs(reached[0][0] - reached[1][0]) >= MARGIN
    shown = difference_of_means(groups[0], groups[1], cases, pooled=pooled).equivalence_p(MARGIN) < ALPHA
    yield "equivalent", wrong and shown
    yield "found_3", difference_of_means(groups[0], groups[2], cases, pooled=pooled).p() < ALPHA


def forty_points(families: Sequence[int]) -> list[bool]:
    """Return for each size of the family whether 40 points, on 225 images with 3 seeds, are found after Holm."""
    random, cases = np.random.default_rng(1), Cases(np.arange(225) % 7, np.arange(225))
    groups = simulate(random, 225, reach(random, (0.8, 0.4), (0.01, 0.01), 3), CORRELATIONS["usual"])
    p = difference_of_means(*groups, cases, pooled=pooled_spread(groups)).p()
    # The first of a family of differences and equivalences, all others undecided.
    return [bool(holm([p, *[1.0] * (2 * size - 1)])[0] < ALPHA) for size in families]


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw coverage, false differences and false families, each with twice its error, by spread and seeds."""
    from matplotlib.figure import Figure

    wanted = {"covered": (94, 98), "different": (0, 5), "any_of_30": (0, 5)}
    titles = {"covered": "intervals that hold", "different": "equal sets called different", "any_of_30": "any of 30"}
    with house_style():
        figure = Figure(figsize=(9.6, 3.4))
        panels = figure.subplots(1, 3)
        for axes, (name, (low, high)) in zip(panels, wanted.items(), strict=True):
            axes.axhspan(low, high, color="#e4e7eb", linewidth=0)
            for place, (_, part) in enumerate(table.groupby(["spread", "seeds"], sort=False)):
                at = place + np.linspace(-0.3, 0.3, len(part))
                axes.errorbar(
                    at, part[name], 2 * part[f"{name}_error"], fmt="o", color=INK, markersize=3, linewidth=0.8
                )
            groups = table[["spread", "seeds"]].drop_duplicates().itertuples(index=False)
            axes.set_xticks(range(table.groupby(["spread", "seeds"]).ngroups))
            axes.set_xticklabels([f"{each.spread} / {each.seeds}" for each in groups], rotation=90, fontsize=7)
            axes.set_title(f"{titles[name]}, %", fontsize=9)
            axes.set_xlabel("spread in points / seeds", color=MUTED, fontsize=8)
        figure.tight_layout()
        save_figure(figure, [path])


def main() -> None:
    """Simulate, print the table, write it and its figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="10 seeds, accuracy .92 and low correlation too")
    parser.add_argument("--repeats", type=int, default=300)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--figure", type=Path)
    options = parser.parse_args()
    accuracies, correlations = ((0.5, 0.92), tuple(CORRELATIONS)) if options.full else ((0.5,), ("usual",))
    seeds = (1, 3, 5, 10) if options.full else (1, 3, 5)
    cells = [
        (n, spread, runs, accuracy, correlation)
        for correlation, accuracy in itertools.product(correlations, accuracies)
        for spread, runs, n in itertools.product(SPREADS, seeds, (225, 500, 3500))
    ]
    with ProcessPoolExecutor() as pool:
        found = pool.map(measure, cells, itertools.repeat(options.repeats))
        table = pd.DataFrame(progress(found, total=len(cells), what="cells"))
    pd.set_option("display.width", 250, "display.max_rows", None, "display.max_columns", None)
    print(table.round(1).to_string(index=False))
    print("40 points found in families of 1, 250, 1000:", *forty_points((1, 250, 1000)))
    if options.table:
        write_table(table.round(2), options.table)
    if options.figure:
        draw(table, options.figure)


if __name__ == "__main__":
    main()
