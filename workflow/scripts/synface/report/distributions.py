"""How many images of each class every dataset has, and how many portraits were planned for it."""

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from synface.core.emotions import LABELS
from synface.core.tables import read_table, write_table
from synface.report.style import CLASS_COLORS, MUTED, house_style, save_figure
from synface.stages.planned import read_plan

SPLITS = ("train", "test")


def draw_distributions(
    *,
    counts: Mapping[str, Path | str],
    plans: Mapping[str, Path | str],
    figures: Sequence[Path | str],
    table: Path | str,
) -> None:
    """Draw one panel per dataset, all on one scale: images per class, training and test split stacked, and shares.

    ``counts`` maps a dataset to its counts.csv. ``plans`` maps a synthetic one to the plan.csv of its edit: the
    planned portraits, spares included, are the hollow bars behind, the state before rejects and matching. Also writes
    ``table``: dataset, split, label, count, planned (empty where nothing was planned).
    """
    rows = pd.concat([_count(name, path, plans.get(name)) for name, path in counts.items()], ignore_index=True)
    write_table(rows, table)
    with house_style():
        save_figure(plot_distributions(rows), figures)


def _count(name: str, counts: Path | str, plan: Path | str | None) -> pd.DataFrame:
    table = read_table(counts, columns=["split", "label", "count"])[["split", "label", "count"]]
    table.insert(0, "dataset", name)
    table["planned"] = pd.array([pd.NA] * len(table), dtype="Int64")
    if plan is not None:
        planned = read_plan(plan, columns=["split", "label"]).value_counts(["split", "label"])
        cells = zip(table["split"], table["label"], strict=True)
        table["planned"] = pd.array([planned.get(cell, 0) for cell in cells], dtype="Int64")
    return table


def plot_distributions(rows: pd.DataFrame) -> Figure:
    """Plot ``rows`` as written by `draw_distributions`."""
    names = list(dict.fromkeys(rows["dataset"]))
    columns = min(3, len(names))
    lines = ceil(len(names) / columns)
    figure = Figure(figsize=(3.7 * columns, 2.5 * lines + 0.4), layout="constrained")
    panels = figure.subplots(lines, columns, squeeze=False, sharey=True).ravel()
    totals = rows.groupby(["dataset", "label"])[["count", "planned"]].sum(min_count=1)
    widest = max(float(totals.max(axis=None)), 1.0)
    for axes, name in zip(panels, names, strict=False):
        _plot_dataset(axes, rows[rows["dataset"] == name])
        axes.set_title(name)
        # One scale for all, so that a rare class is seen to be rare in each; room for the numbers beside the bars.
        axes.set_xlim(0, 1.6 * widest)
    panels[0].set_ylim(len(LABELS) - 0.4, -0.6)
    for axes in panels[len(names) :]:
        axes.axis("off")
    handles = [Patch(color=MUTED), Patch(color=MUTED, alpha=0.45), Patch(facecolor="none", edgecolor=MUTED)]
    legend = ["training split", "test split", "planned, with spares"]
    shown = 3 if rows["planned"].notna().any() else 2
    figure.legend(handles[:shown], legend[:shown], loc="outside lower center", ncols=3, fontsize=8.5)
    return figure


def _plot_dataset(axes: Axes, part: pd.DataFrame) -> None:
    counts = part.pivot_table(index="label", columns="split", values="count", aggfunc="sum", fill_value=0)
    counts = counts.reindex(index=list(LABELS), columns=list(SPLITS), fill_value=0)
    places, colors = range(len(LABELS)), [CLASS_COLORS[label] for label in LABELS]
    widest = counts.sum(axis=1)
    if part["planned"].notna().any():
        planned = part.groupby("label")["planned"].sum().reindex(list(LABELS), fill_value=0).astype(int)
        axes.barh(places, planned, height=0.74, facecolor="none", edgecolor=MUTED, linewidth=0.8)
        widest = widest.combine(planned, max)
    axes.barh(places, counts["train"], color=colors, height=0.62)
    axes.barh(places, counts["test"], left=counts["train"], color=colors, height=0.62, alpha=0.45)
    images = max(counts.to_numpy().sum(), 1)
    for place, label in enumerate(LABELS):
        share = 100 * counts.loc[label].sum() / images
        text = (" + ".join(f"{count:,}" for count in counts.loc[label] if count) or "0") + f", {share:.1f} %"
        axes.annotate(text, (widest[label], place), (4, 0), textcoords="offset points", va="center", fontsize=7)
    axes.set_yticks(places, LABELS)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
