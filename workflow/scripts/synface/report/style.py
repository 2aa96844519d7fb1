"""What all figures share: one style, the colors of classes and datasets, and reproducible files."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from synface.core.emotions import LABELS
from synface.core.files import atomic_path

INK, MUTED, FAINT = "#1f2933", "#7b8794", "#e4e7eb"

# Paul Tol's "bright" scheme, which readers with any color vision tell apart; anger is red, sadness blue.
CLASS_COLORS: dict[str, str] = dict(
    zip(LABELS, ("#66CCEE", "#AA3377", "#228833", "#CCBB44", "#4477AA", "#EE6677", "#9AA0A6"), strict=True)
)
# Paul Tol's "vibrant" scheme for datasets, so that they are not taken for classes.
_SERIES = ("#0077BB", "#EE7733", "#009988", "#CC3311", "#33BBEE", "#EE3377", "#666666")
# From paper to ink; lightness falls evenly, so it also reads in grey.
SHARES = LinearSegmentedColormap.from_list("shares", ["#f7f9fb", "#b8d4e8", "#5a9bc5", "#1f5f94", "#0b2f55"])

# Sizes are in points, figures at 100 pixels per inch: none gets wider than 1,200 pixels. Kept here and not in a style
# file, so that a change of it is a change of code, and every figure is drawn again.
STYLE: dict[str, object] = {
    "figure.dpi": 100,
    "savefig.dpi": 100,
    "savefig.bbox": "tight",
    "savefig.pad_inches": 0.12,
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": "#3e4c59",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.edgecolor": "#9aa5b1",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "xtick.labelcolor": "#3e4c59",
    "ytick.labelcolor": "#3e4c59",
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    # Equal numbers give equal bytes. Text stays text: it can be searched, and takes the page's color in the dark.
    "svg.hashsalt": "synface",
    "svg.fonttype": "none",
}


@contextmanager
def house_style() -> Iterator[None]:
    """Draw figures in the project's style, whatever the user's own matplotlibrc says."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def series_colors(names: Iterable[str]) -> dict[str, str]:
    """Return one color per name, by its place among ``names``."""
    return {name: _SERIES[index % len(_SERIES)] for index, name in enumerate(dict.fromkeys(names))}


def save_figure(figure: Figure, paths: Sequence[Path | str]) -> None:
    """Write ``figure`` to each path, in the format of its suffix, without dates or versions inside."""
    for path in paths:
        kind = Path(path).suffix[1:]
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        with atomic_path(path) as temporary:
            figure.savefig(temporary, format=kind, metadata=metadata)
