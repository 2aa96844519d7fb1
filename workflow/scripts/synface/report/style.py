"""What all figures share: the style file, the colors of classes and data sets, and reproducible files."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from synface.emotions import LABELS
from synface.files import atomic_path

INK, MUTED, FAINT = "#1f2933", "#7b8794", "#e4e7eb"

# Paul Tol's "bright" scheme, which readers with any color vision tell apart; anger is red, sadness blue.
CLASS_COLORS: dict[str, str] = dict(
    zip(LABELS, ("#66CCEE", "#AA3377", "#228833", "#CCBB44", "#4477AA", "#EE6677", "#9AA0A6"), strict=True)
)
# Paul Tol's "vibrant" scheme for data sets, so that they are not taken for classes.
_SERIES = ("#0077BB", "#EE7733", "#009988", "#CC3311", "#33BBEE", "#EE3377", "#666666")
# From paper to ink; lightness falls evenly, so it also reads in grey.
SHARES = LinearSegmentedColormap.from_list("shares", ["#f7f9fb", "#b8d4e8", "#5a9bc5", "#1f5f94", "#0b2f55"])


@contextmanager
def house_style() -> Iterator[None]:
    """Draw figures in the project's style, whatever the user's own matplotlibrc says."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rc_file(Path(__file__).with_name("synface.mplstyle"), use_default_template=False)
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
