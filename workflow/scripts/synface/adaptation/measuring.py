"""The ablation of adaptation on a study's own edits."""

import logging
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from synface.adaptation.ablation import BLENDS, COLORS, measure_cases, rank, summarize
from synface.adaptation.cases import cases_of_edit
from synface.adaptation.sheet import draw_ways
from synface.core.errors import InputError
from synface.core.progress import progress
from synface.core.tables import write_table
from synface.faces.detector import load_detector

logger = logging.getLogger(__name__)

_MOST = 60  # faces; a face takes some seconds in all ways


def measure_adaptation(
    *,
    edit: str,
    plan: Path | str,
    frames: Path | str,
    edited: Path | str,
    faces: Path | str,
    cases: Path | str,
    table: Path | str,
    ranking: Path | str,
    sheet: Path | str,
    min_face: float,
    colors: Sequence[str] = tuple(COLORS),
    blends: Sequence[str] = BLENDS,
) -> None:
    """Adapt the first faces of a shard in every way, see `synface.adaptation.ablation`.

    Args:
        edit: name of the edit.
        plan: its plan.csv.
        frames: the shard's frames.
        edited: its edited faces.
        faces: the boxes and landmarks in the frames.
        cases: written: one row per face and way.
        table: written: the means per intensity and way.
        ranking: written: the ways, best first, and how sure that is.
        sheet: written: the face of middle intensity in all ways, PNG.
        min_face: the smallest face that MTCNN looks for, as a fraction of the frame's shorter side.
        colors: the transfers, by their names there.
        blends: the blendings.
    """
    given = list(islice(cases_of_edit(plan=plan, frames=frames, edited=edited, faces=faces, edit=edit), _MOST))
    if not given:
        raise InputError(f"{edited}: no edited face to adapt; {faces} has the reasons")
    stream = progress(given, total=len(given), what="faces")
    rows, seams = measure_cases(stream, colors=colors, blends=blends, detector=load_detector(min_face=min_face))
    ranked = rank(rows)
    write_table(rows.round(4), cases)
    write_table(summarize(rows, seams).round(4), table)
    write_table(ranked.round(4), ranking)
    middle = sorted(given, key=lambda case: case.intensity)[len(given) // 2]
    draw_ways(middle, colors=colors, blends=blends).save(sheet)
    first = ranked.iloc[0]
    logger.info(
        "%d faces: %s and %s come first, in %.0f %% of the resamples",
        len(given),
        first["color"],
        first["blend"],
        100 * first["best"],
    )
