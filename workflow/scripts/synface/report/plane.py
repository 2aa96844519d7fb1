"""The plane of lazy against overfit edits, drawn and in words."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from synface.core.tables import read_table
from synface.judges.plane import HALF
from synface.report.style import INK, MUTED, house_style, save_figure, series_colors

_MARKERS = "osD^vP"
_WORDS = {
    "true": "the expression is shown to appear, and the person is kept",
    "lazy": "lazy, as far as is shown: the person is kept, and the expression is not shown to appear",
    "overfit": "overfit: the expression appears, on a face that is more like strangers than like itself",
    "neither": "neither is the expression shown to appear nor is the person kept",
    "": "whether the person is kept is not shown",
}


def draw_plane(*, plane: Path | str, figures: Sequence[Path | str]) -> None:
    """Draw edit_plane.csv."""
    with house_style():
        save_figure(plot_plane(read_table(plane, text=["judge", "dataset", "people", "kind"])), figures)


def plot_plane(rows: pd.DataFrame) -> Figure:
    """Plot the lift over the part of the person that is kept, with both intervals: a color for each dataset."""
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    colors = series_colors(rows["dataset"])
    markers = {judge: _MARKERS[place % len(_MARKERS)] for place, judge in enumerate(dict.fromkeys(rows["judge"]))}
    axes.axhline(0, color=MUTED, linewidth=0.8)
    axes.axvline(HALF, color=MUTED, linewidth=0.8, linestyle=":")
    # Datasets chosen from the same edited faces lie in one place: one point with all their names.
    measured = [name for name in rows.columns if name not in ("dataset", "kind")]
    for _, alike in rows.groupby(measured, sort=False):
        row, names = alike.iloc[0], " = ".join(alike["dataset"])
        lift, kept = 100 * row["lift"], row["kept"]
        axes.errorbar(
            kept,
            lift,
            xerr=[[max(0.0, kept - row["kept_low"])], [max(0.0, row["kept_high"] - kept)]],
            yerr=[[max(0.0, lift - 100 * row["lift_low"])], [max(0.0, 100 * row["lift_high"] - lift)]],
            fmt=markers[row["judge"]],
            color=colors[row["dataset"]],
            linewidth=1.0,
        )
        told = f"{names}, {row['judge']}" if len(markers) > 1 else names
        axes.annotate(told, (kept, lift), (6, 5), textcoords="offset points", fontsize=7.5)
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, 0.0), max(high, 1.05))
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, -10.0), max(high, 20.0))
    for x, y, text in ((0.02, 0.98, "overfit"), (0.98, 0.02, "lazy")):
        place = {"horizontalalignment": "left" if x < 0.5 else "right"}
        place["verticalalignment"] = "top" if y > 0.5 else "bottom"
        axes.text(x, y, text, transform=axes.transAxes, color=INK, fontstyle="italic", **place)
    axes.set_xlabel("the person kept: 1 as untouched, 0 as a stranger")
    axes.set_ylabel("lift of the expression, points")
    return figure


def describe_plane(plane: Path | str) -> list[dict]:
    """Return the rows of edit_plane.csv, each with its sentence."""
    rows = read_table(plane, text=["judge", "dataset", "people", "kind"]).to_dict("records")
    return [{**row, "sentence": f"{row['dataset']}, by {row['judge']}: {_WORDS[row['kind']]}."} for row in rows]
