"""A contact sheet of faces that a model has classified: each with what it says, how surely, and from which file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from synface.report.canvas import Sheet, fit
from synface.report.style import CLASS_COLORS

CELL, GAP, CAPTION, COLUMNS, MOST = 100, 8, 30, 8, 200
_LETTERS = 17  # of a file's name that fit below a face


def draw_predicted(predictions: pd.DataFrame, faces: Sequence[np.ndarray], figure: Path | str) -> None:
    """Draw the first 200 faces in the order of the table as PNG; the table has them all.

    Args:
        predictions: file, predicted and the probability of each emotion, a row per face.
        faces: uint8 RGB, one for each row.
        figure: the PNG.
    """
    shown = predictions.head(MOST).to_dict("records")
    rows = -(-len(shown) // COLUMNS)
    sheet = Sheet(min(len(shown), COLUMNS) * (CELL + GAP) + GAP, rows * (CELL + CAPTION + GAP) + GAP)
    for index, row in enumerate(shown):
        x = GAP + index % COLUMNS * (CELL + GAP)
        y = GAP + index // COLUMNS * (CELL + CAPTION + GAP)
        said = row["predicted"]
        sheet.place(fit(faces[index], CELL), x, y)
        sheet.draw.rectangle((x, y + CELL + 2, x + 3, y + CELL + 13), fill=CLASS_COLORS[said])
        sheet.write(f"{said} {100 * row[said]:.0f} %", x + 8, y + CELL + 8, size=11)
        name = Path(row["file"]).name
        sheet.write(name if len(name) <= _LETTERS else f"…{name[1 - _LETTERS :]}", x, y + CELL + 22, size=9)
    sheet.save(figure)
