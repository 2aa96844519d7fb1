"""Accuracy of every training set on every test set, and the differences to the baseline with their intervals."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from synface.core.tables import read_table
from synface.report.facts import name_cells
from synface.report.style import FAINT, INK, MUTED, SHARES, house_style, save_figure

VERDICT_COLORS = {
    "better": "#0077BB",
    "worse": "#CC3311",
    "equivalent": "#009988",
    "not distinguishable": MUTED,
    "exploratory": MUTED,
}


def draw_accuracy(*, summary: Path | str, model: str, figures: Sequence[Path | str]) -> None:
    """Draw the heat map train set x test set of one model from summary.csv, one panel per experiment."""
    table = read_table(summary, columns=["experiment", "model", "train_set", "test_set", "accuracy", "ci_low"])
    parts = [part for _, part in table[table["model"] == model].groupby("experiment", sort=False)]
    with house_style():
        heights = [part["train_set"].nunique() for part in parts]
        width = 2.4 + 1.35 * max(part["test_set"].nunique() for part in parts)
        figure = Figure(figsize=(min(width, 11.0), 0.85 * sum(heights) + 1.1 * len(parts)), layout="constrained")
        panels = np.atleast_1d(figure.subplots(len(parts), 1, height_ratios=heights))
        for axes, part in zip(panels, parts, strict=True):
            _plot_matrix(axes, part)
            axes.set_title(f"{model}, experiment {part['experiment'].iloc[0]}", pad=30)
        save_figure(figure, figures)


def _plot_matrix(axes: Axes, part: pd.DataFrame) -> None:
    train_sets, test_sets = list(dict.fromkeys(part["train_set"])), list(dict.fromkeys(part["test_set"]))
    cells = part.set_index(["train_set", "test_set"])
    means = cells["accuracy"].unstack().reindex(index=train_sets, columns=test_sets)
    axes.imshow(means.to_numpy(float), cmap=SHARES, vmin=0, vmax=1, aspect="auto")
    for (train_set, test_set), cell in cells.iterrows():
        row, column = train_sets.index(train_set), test_sets.index(test_set)
        color = "white" if cell["accuracy"] > 0.45 else INK
        spread = f" ± {cell['accuracy_sd']:.3f}" if np.isfinite(cell["accuracy_sd"]) else ""
        axes.text(column, row - 0.1, f"{cell['accuracy']:.3f}{spread}", ha="center", va="center", color=color)
        interval = f"[{cell['ci_low']:.3f}, {cell['ci_high']:.3f}]"
        axes.text(column, row + 0.22, interval, ha="center", va="center", color=color, fontsize=7, alpha=0.8)
    counts = part.drop_duplicates("test_set").set_index("test_set")["n"]
    axes.set_xticks(range(len(test_sets)), [f"{name}\n{counts[name]:,} images" for name in test_sets])
    axes.set_yticks(range(len(train_sets)), train_sets)
    axes.set_xticks(np.arange(-0.5, len(test_sets)), minor=True)
    axes.set_yticks(np.arange(-0.5, len(train_sets)), minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("tested on")
    axes.set_ylabel("trained on")
    seeds = sorted(set(part["seeds"]))
    how = "mean ± sd over seeds" if max(seeds) > 1 else "one seed"
    note = f"accuracy, {how}; below it the 95 % interval over {part['ci_covers'].iloc[0]}"
    axes.annotate(note, (0, 1), (0, 6), "axes fraction", textcoords="offset points", color=MUTED, fontsize=8)


def draw_differences(*, comparisons: Path | str, figures: Sequence[Path | str]) -> None:
    """Draw comparisons.csv as a forest plot: what was asked, and by the same model whatever else has its baseline."""
    place = ["experiment", "model", "baseline_model", "baseline"]
    table = read_table(comparisons, columns=[*place, "test_set", "train_set", "primary", "verdict"])
    primary = table["primary"].astype(bool)
    asked = set(table.loc[primary, place].itertuples(index=False, name=None))
    near = [cell in asked and cell[1] == cell[2] for cell in table[place].itertuples(index=False, name=None)]
    shown = table.loc[primary | np.array(near, dtype=bool)]
    with house_style():
        save_figure(plot_differences(shown), figures)


def plot_differences(shown: pd.DataFrame) -> Figure:
    """Plot differences in points with 95 % intervals, grouped by test set; the band is the equivalence margin."""
    groups = list(shown.groupby(["experiment", "model", "test_set"], sort=False))
    figure = Figure(figsize=(8.2, max(1.4, 0.9 + 0.3 * len(shown) + 0.42 * len(groups))))
    axes = figure.add_subplot()
    if shown.empty:
        axes.axis("off")
        axes.text(0.5, 0.5, "one training set: nothing to compare", ha="center", va="center", color=MUTED)
        return figure
    margin = 100 * float(shown["margin"].max())
    axes.axvspan(-margin, margin, color=FAINT, linewidth=0)
    axes.axvline(0, color=MUTED, linewidth=0.8)
    several = shown[["experiment", "model"]].drop_duplicates().shape[0] > 1
    baselines = list(dict.fromkeys(name_cells(row)[1] for row in shown.to_dict("records")))
    position, ticks = 0.0, []
    for (experiment, model, test_set), part in groups:
        head = f"tested on {test_set}" + (f"  ({model}, {experiment})" if several else "")
        axes.text(0.0, position, head, transform=axes.get_yaxis_transform(), weight="bold", va="center", fontsize=8.5)
        for row in part.to_dict("records"):
            position += 0.8
            color = VERDICT_COLORS["equivalent" if row["verdict"].startswith("equivalent") else row["verdict"]]
            axes.plot([100 * row["ci_low"], 100 * row["ci_high"]], [position] * 2, color=color, linewidth=2.2)
            axes.plot(100 * row["difference"], position, "o", color=color, markersize=6, markeredgecolor="white")
            text = f"{100 * row['difference']:+.1f}   {row['verdict']}"
            axes.text(
                1.01, position, text, transform=axes.get_yaxis_transform(), color=color, va="center", fontsize=8.5
            )
            cell, baseline = name_cells(row)
            ticks.append((position, cell if len(baselines) == 1 else f"{cell} \u2212 {baseline}"))
        position += 1.15
    axes.set_yticks(*zip(*ticks, strict=True))
    axes.set_ylim(position - 0.7, -0.6)
    axes.grid(axis="x")
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("difference in accuracy, percentage points, with its 95 % interval")
    axes.set_title(f"Compared with training on {', '.join(baselines)}", pad=20)
    axes.annotate(
        f"grey band: within {margin:g} points; verdicts at Holm-adjusted p",
        (0, 1),
        (0, 6),
        "axes fraction",
        textcoords="offset points",
        color=MUTED,
        fontsize=8,
    )
    return figure
