"""Accuracy over the number of training images, with the curve of the real ones, and what synthetic ones are worth."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from synface.core.tables import read_table
from synface.report.style import INK, MUTED, house_style, save_figure, series_colors

PLACE = ["experiment", "model", "test_set"]


def draw_scaling(*, points: Path | str, curves: Path | str, figures: Sequence[Path | str]) -> None:
    """Draw scaling.csv with the curves of scaling_curves.csv, a panel per experiment, model and test set."""
    with house_style():
        save_figure(plot_scaling(read_table(points), read_table(curves)), figures)


def plot_scaling(points: pd.DataFrame, curves: pd.DataFrame) -> Figure:
    """Plot real sets filled and sets with synthetic images hollow, at the number of all of their images."""
    panels = list(points.groupby(PLACE, sort=False))
    columns = min(len(panels), 2)
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(4.6 * columns, 3.5 * rows), layout="constrained")
    grid = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    colors = series_colors(points.loc[points["synthetic_images"] > 0, "train_set"])
    for axes in grid[len(panels) :]:
        axes.axis("off")
    for axes, (place, part) in zip(grid, panels, strict=False):
        fit = curves[(curves[PLACE] == list(place)).all(axis=1)].iloc[0]
        total = part["real_images"] + part["synthetic_images"]
        real = part["synthetic_images"] == 0
        largest = part.loc[real, "real_images"].max()
        for low, high, dashes in ((part.loc[real, "real_images"].min(), largest, "-"), (largest, total.max(), ":")):
            n = np.geomspace(low, max(low, high), 50)
            axes.plot(n, 1 - fit["D"] * n ** -fit["a"] - fit["C"], color=MUTED, linestyle=dashes)
        axes.plot(total[real], part.loc[real, "accuracy"], "o", color=INK)
        for count, row in zip(total[~real], part[~real].to_dict("records"), strict=True):
            axes.plot(
                count, row["accuracy"], "o", color=colors[row["train_set"]], fillstyle="none", markeredgewidth=1.6
            )
            axes.annotate(row["train_set"], (count, row["accuracy"]), (5, 4), textcoords="offset points", fontsize=7.5)
        axes.set_xscale("log")
        sizes = sorted(set(total))
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes], fontsize=7.5)
        axes.set_xticks([], minor=True)
        axes.set_xlabel("training images")
        axes.set_ylabel("accuracy")
        axes.grid(axis="y")
        _, model, test_set = place
        axes.set_title(f"{model}, tested on {test_set}", fontsize=9, loc="left")
    return figure


def describe_worth(points: pd.DataFrame) -> list[str]:
    """Say of each set with synthetic images what they are worth, a sentence each."""
    found = []
    for row in points[points["synthetic_images"] > 0].to_dict("records"):
        own = f" beside {row['real_images']:,} real ones" if row["real_images"] else ""
        interval = f"95 % interval {_number(row['worth_low'])} to {_number(row['worth_high'])}"
        if _is_told(row["worth"]):
            rate = f"each is worth {_number(row['worth'])} real images"
            says = f"do as {row['equivalent_real']:,.0f} real ones would; {rate}"
        else:
            says = "do better than any number of real ones would, as the curve goes"
        found.append(
            f"{row['train_set']}, tested on {row['test_set']} ({row['model']}): its {row['synthetic_images']:,} "
            f"synthetic images{own} {says} ({interval})."
        )
    return found


def _is_told(worth: float) -> bool:
    """Return whether the curve tells a number: beyond its floor, or a thousand real images for each, it does not."""
    return bool(np.isfinite(worth)) and abs(worth) < 1e3


def _number(worth: float) -> str:
    return f"{worth:.2f}".replace("-", "\u2212") if _is_told(worth) else "more than the curve tells"
