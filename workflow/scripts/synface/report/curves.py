"""Training curves: loss and accuracy of every training set of a model, one thin line per run, the mean in bold."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from synface.core.errors import InputError
from synface.core.tables import read_table
from synface.report.style import INK, MUTED, house_style, save_figure, series_colors

STEPS = ("epoch", "iteration")
# Line styles tell measures apart where a panel holds several, such as training and validation loss.
_DASHES = ("-", (0, (4, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)))


def draw_training(*, runs: Sequence[Mapping], title: str, figures: Sequence[Path | str]) -> None:
    """Draw the history.csv files of ``runs``: mappings with name (of the line) and history (path).

    A history has a column epoch or iteration; each other column is drawn in the panel "loss" or "accuracy" if its
    name says so, and left out otherwise (learning rate, seconds).
    """
    histories = pd.concat(
        [read_table(run["history"]).assign(name=run["name"], run=number) for number, run in enumerate(runs)],
        ignore_index=True,
    )
    step = next((column for column in STEPS if column in histories), None)
    if step is None:
        raise InputError(f"{runs[0]['history']}: no column epoch or iteration; found {', '.join(histories)}")
    with house_style():
        save_figure(plot_histories(histories, step=step, title=title), figures)


def plot_histories(histories: pd.DataFrame, *, step: str, title: str) -> Figure:
    """Plot one panel per kind of measure that ``histories`` holds, colored by the column ``name``."""
    numeric = histories.select_dtypes("number").dropna(axis=1, how="all").columns
    panels = {kind: [column for column in numeric if kind in column] for kind in ("loss", "accuracy")}
    panels = {kind: columns for kind, columns in panels.items() if columns}
    colors = series_colors(histories["name"])
    figure = Figure(figsize=(4.6 * max(len(panels), 1) + 0.4, 3.7), layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=10, weight="bold", color=INK)
    for axes, (kind, columns) in zip(
        np.atleast_1d(figure.subplots(1, max(len(panels), 1))), panels.items(), strict=False
    ):
        for column, dashes in zip(columns, _DASHES * len(columns), strict=False):
            _plot_measure(axes, histories, step, column, dashes, colors)
        axes.set_xlabel(step)
        axes.set_ylabel(kind)
        axes.grid(axis="y")
        if kind == "accuracy":
            axes.set_ylim(0, 1)
        if len(columns) > 1:
            lines = [Line2D([], [], color=MUTED, linestyle=dashes) for dashes in _DASHES[: len(columns)]]
            axes.legend(lines, [column.replace("_", " ") for column in columns], fontsize=7.5)
        elif columns[0] != kind:
            axes.set_ylabel(columns[0].replace("_", " "))
    lines = [Line2D([], [], color=color) for color in colors.values()]
    figure.legend(lines, list(colors), loc="outside lower center", ncols=min(len(colors), 5), fontsize=8.5)
    return figure


def _plot_measure(
    axes: Axes, histories: pd.DataFrame, step: str, column: str, dashes: object, colors: Mapping[str, str]
) -> None:
    known = histories.dropna(subset=[column])
    marker = "o" if known[step].nunique() == 1 else ""
    for name, part in known.groupby("name", sort=False):
        runs = [run for _, run in part.groupby("run", sort=False)]
        for run in runs if len(runs) > 1 else []:
            axes.plot(run[step], run[column], color=colors[name], linewidth=0.7, alpha=0.35, linestyle=dashes)
        mean = part.groupby(step)[column].mean()
        axes.plot(mean.index, mean, color=colors[name], linestyle=dashes, marker=marker)
