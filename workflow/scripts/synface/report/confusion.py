"""The confusion matrices of one model and training set, one for each test set, summed over seeds."""

from collections.abc import Sequence
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.tables import read_table, write_table
from synface.report.style import INK, MUTED, SHARES, house_style, save_figure

PANELS_ABREAST = 3


def draw_confusion(
    *, confusions: Sequence[Path | str], title: str, figures: Sequence[Path | str], table: Path | str
) -> None:
    """Draw the matrices of several seeds, summed, a panel for each test set; rows are the truth and sum to 100 %.

    Also writes ``table``: test_set, label, seeds (how many were summed), then per predicted label the summed count.
    """
    counts = sum_confusions(confusions)
    write_table(counts, table)
    with house_style():
        save_figure(plot_confusions(counts, title=title), figures)


def sum_confusions(paths: Sequence[Path | str]) -> pd.DataFrame:
    """Return test_set, label, seeds and the summed counts, the truth in the rows, in the order of the first file."""
    tables = [read_table(path, columns=["test_set", "label", *LABELS]) for path in paths]
    for path, table in zip(paths, tables, strict=True):
        for test_set, rows in table.groupby("test_set", sort=False):
            if list(rows["label"]) != list(LABELS):
                raise InputError(
                    f"{path}: expected for {test_set} one row per label in the order {', '.join(LABELS)}; delete it"
                )
    joined = pd.concat(tables)
    summed = joined.groupby(["test_set", "label"], sort=False)[list(LABELS)].sum()
    summed.insert(0, "seeds", joined.groupby(["test_set", "label"], sort=False).size())
    return summed.reset_index()


def plot_confusions(counts: pd.DataFrame, *, title: str) -> Figure:
    """Plot the matrices of `sum_confusions` side by side: shares per true class in percent, the counts below them."""
    names = list(dict.fromkeys(counts["test_set"]))
    columns = min(PANELS_ABREAST, len(names))
    lines = ceil(len(names) / columns)
    figure = Figure(figsize=(4.2 * columns + 0.6, 4.2 * lines + 0.5), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes, name in zip(panels, names, strict=False):
        _plot_panel(axes, counts[counts["test_set"] == name], name)
    for axes in panels[len(names) :]:
        axes.set_visible(False)
    figure.suptitle(f"{title}; percent of each true class, counts below", x=0.01, ha="left")
    return figure


def _plot_panel(axes: Axes, rows: pd.DataFrame, name: str) -> None:
    values = rows[list(LABELS)].to_numpy(float)
    support = values.sum(axis=1, keepdims=True)
    shares = np.divide(values, support, out=np.zeros_like(values), where=support > 0)
    axes.imshow(shares, cmap=SHARES, vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(values):
        if count == 0:
            continue
        share = shares[row, column]
        color = "white" if share > 0.45 else INK
        axes.text(column, row - 0.09, f"{100 * share:.0f}", ha="center", va="center", color=color, fontsize=9)
        axes.text(column, row + 0.29, f"{count:,.0f}", ha="center", va="center", color=color, fontsize=5.5, alpha=0.75)
    axes.set_xticks(range(len(LABELS)), LABELS, rotation=35, ha="right", rotation_mode="anchor")
    axes.set_yticks(
        range(len(LABELS)), [f"{label}  ({n:,.0f})" for label, n in zip(LABELS, support[:, 0], strict=True)]
    )
    # White gaps between the cells instead of axis lines.
    axes.set_xticks(np.arange(-0.5, len(LABELS)), minor=True)
    axes.set_yticks(np.arange(-0.5, len(LABELS)), minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="minor", length=0)
    axes.spines[:].set_visible(False)
    accuracy = np.trace(values) / max(values.sum(), 1)
    seeds = int(rows["seeds"].iloc[0])
    axes.set_title(f"tested on {name}", pad=20)
    subtitle = f"accuracy {accuracy:.3f}, {'1 seed' if seeds == 1 else f'{seeds} seeds, summed'}"
    axes.text(0, 1.02, subtitle, transform=axes.transAxes, color=MUTED, fontsize=8)
