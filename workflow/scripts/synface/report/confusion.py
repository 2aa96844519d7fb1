"""The confusion matrix of one model on one test set, summed over seeds."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.tables import read_table, write_table
from synface.report.style import INK, MUTED, SHARES, house_style, save_figure


def draw_confusion(
    *, confusions: Sequence[Path | str], title: str, figures: Sequence[Path | str], table: Path | str
) -> None:
    """Draw confusion.csv files of several seeds, summed; rows are the truth and sum to 100 %.

    Also writes ``table``: label, then per predicted label the summed count.
    """
    counts = sum_confusions(confusions)
    write_table(counts.reset_index(), table)
    with house_style():
        save_figure(plot_confusion(counts, title=title, seeds=len(confusions)), figures)


def sum_confusions(paths: Sequence[Path | str]) -> pd.DataFrame:
    """Return the summed counts, int64 [7, 7], truth in the index ``label`` and predictions in the columns."""
    tables = [read_table(path, columns=["label", *LABELS]).set_index("label") for path in paths]
    for path, table in zip(paths, tables, strict=True):
        if list(table.index) != list(LABELS):
            raise InputError(f"{path}: expected one row per label in the order {', '.join(LABELS)}; score it again")
    return sum(table[list(LABELS)] for table in tables)


def plot_confusion(counts: pd.DataFrame, *, title: str, seeds: int) -> Figure:
    """Plot shares per true class in percent with the counts below them."""
    values = counts.to_numpy(float)
    support = values.sum(axis=1, keepdims=True)
    shares = np.divide(values, support, out=np.zeros_like(values), where=support > 0)
    figure = Figure(figsize=(6.0, 5.6))
    axes = figure.add_subplot()
    axes.imshow(shares, cmap=SHARES, vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(values):
        if count == 0:
            continue
        share = shares[row, column]
        color = "white" if share > 0.45 else INK
        axes.text(column, row - 0.09, f"{100 * share:.0f}", ha="center", va="center", color=color, fontsize=11)
        axes.text(column, row + 0.27, f"{count:,.0f}", ha="center", va="center", color=color, fontsize=6.5, alpha=0.75)
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
    axes.set_xlabel("predicted")
    axes.set_ylabel("true (images)")
    accuracy = np.trace(values) / max(values.sum(), 1)
    axes.set_title(title, pad=24)
    runs = "1 seed" if seeds == 1 else f"{seeds} seeds, summed"
    subtitle = f"accuracy {accuracy:.3f}, {runs}; percent of each true class, counts below"
    axes.text(0, 1.02, subtitle, transform=axes.transAxes, color=MUTED, fontsize=8)
    return figure
