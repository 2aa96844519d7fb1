"""One edited face in all ways of adaptation: the result, a seam magnified, and what is off."""

from collections.abc import Sequence

import numpy as np

from synface.adaptation.ablation import BLENDS, COLORS, put_back_as, recolored
from synface.adaptation.cases import Case
from synface.report.canvas import Sheet, crop_around, fit

CELL, GAP, LEFT, TOP = 112, 3, 128, 44
_SEAM = 16  # pixels of a seam's square, magnified seven times
_LOUDER = 4  # times a difference is shown


def draw_ways(case: Case, *, colors: Sequence[str] = tuple(COLORS), blends: Sequence[str] = BLENDS) -> Sheet:
    """Draw a line per color transfer and a block of three pictures per blending.

    They are the result, its seam at the lower left corner of the face's box, magnified, and the difference, times 4
    about gray, to the truth, or to the portrait where no truth is known.
    """
    block = 3 * (CELL + GAP) + 3 * GAP
    sheet = Sheet(LEFT + len(blends) * block, TOP + len(colors) * (CELL + GAP))
    against = "truth" if case.truth is not None else "portrait"
    sheet.write(f"{case.edit} {case.intensity:g}; difference to the {against} x {_LOUDER}", 8, 12, weight="bold")
    for number, blend in enumerate(blends):
        sheet.write(blend, LEFT + number * block + 1.5 * CELL, TOP - 14, anchor="mm")
    for line, color in enumerate(colors):
        y = TOP + line * (CELL + GAP)
        sheet.write(color, 8, y + CELL / 2, size=12)
        patch, _ = recolored(case, color)
        for number, blend in enumerate(blends):
            for place, image in enumerate(_views(case, put_back_as(case, patch, blend))):
                sheet.place(image, LEFT + number * block + place * (CELL + GAP), y)
    return sheet


def _views(case: Case, composite: np.ndarray) -> list[np.ndarray]:
    left, _, _, bottom = case.face.box
    half = _SEAM / 2
    corner = (left - half, bottom - _SEAM - half, left + half, bottom - half)
    wanted = case.frame if case.truth is None else case.truth
    difference = 128 + _LOUDER * (composite.astype(int) - wanted)
    return [
        crop_around(composite, case.face.box, context=1.25, size=CELL),
        np.repeat(np.repeat(crop_around(composite, corner, context=1, size=_SEAM), CELL // _SEAM, 0), CELL // _SEAM, 1),
        fit(crop_around(difference.clip(0, 255).astype(np.uint8), case.face.box, context=1.25, size=CELL), CELL),
    ]
