"""Matching: from the faces that survived, choose exactly the reference's counts with the greatest summed quality."""

import logging
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from synface.core.counts import CELLS, Counts, count_images, read_counts, scaled_counts
from synface.core.draws import keyed_order
from synface.core.errors import InputError
from synface.core.tables import write_table
from synface.faces.table import BOX, read_face_table
from synface.stages.deal import fraction_taken
from synface.stages.planned import read_plan

logger = logging.getLogger(__name__)

SPARE = "spare, not needed"
_MEASURES = [*BOX, "probability", "overlap"]
SELECTION = ["source_id", "split", "label", "theta", "rho", "code_x", "code_y", "shard", *_MEASURES]
REJECTS = ["source_id", "split", "label", "shard", "reason"]
_MEASURED = ["source_id", *_MEASURES, "reason"]


def match_distribution(
    *,
    plan: Path | str,
    crops: Iterable[Path | str],
    counts: Path | str,
    taken: Path | str,
    like: str,
    fraction: float | str,
    test_fraction: float | None = None,
    selection: Path | str,
    rejects: Path | str,
    exact: bool = True,
) -> None:
    """Choose the images of one synthetic dataset.

    Args:
        plan: the edit's plan.csv.
        crops: the crops' tables of all shards, together one row per planned portrait.
        counts: the reference's counts.csv.
        taken: the edit's demands.csv.
        like: the reference.
        fraction: of the reference's counts, scaled as `scaled_counts` does; ``largest`` is what the portraits allowed.
        test_fraction: the same for the test split alone; None for ``fraction``.
        selection: written, see `SELECTION`; by source_id.
        rejects: written, see `REJECTS`: every planned portrait that was not chosen, and why.
        exact: whether the counts must be met; else, of a class with too few, all that there are.

    Raises:
        InputError: too few candidates survived in some class and split, or plan and crops do not belong together.
    """
    planned = read_plan(plan, columns=["split", "label"])
    measured = pd.concat([read_face_table(path, _MEASURED) for path in crops])
    if sorted(planned["source_id"]) != sorted(measured["source_id"]):
        raise InputError(
            f"{plan} lists {len(planned)} portraits and the tables of crops {len(measured)}, and they are not the "
            "same ones; the crops belong to an older plan, so delete them and run again"
        )
    candidates = planned.merge(measured[_MEASURED], on="source_id", validate="one_to_one").sort_values("source_id")
    needed = scaled_counts(read_counts(counts), fraction_taken(taken, like, fraction), test_fraction)
    survived = candidates[candidates["reason"] == ""]
    if exact:
        _require_enough(survived, needed, planned, Path(plan).parent.name, Path(selection).parent.name)
    else:
        have = count_images(survived)
        logger.info("too few: %s", {cell: (have[cell], count) for cell, count in needed.items() if have[cell] < count})
        needed = {cell: min(count, have[cell]) for cell, count in needed.items()}
    chosen = candidates["source_id"].isin(choose_best(survived, needed))
    # Of the rows that are left: an empty frame would take over the index of a longer column.
    rejected = candidates[~chosen].assign(reason=lambda rows: rows["reason"].replace("", SPARE))
    assert chosen.sum() == sum(needed.values())
    assert chosen.sum() + len(rejected) == len(planned)
    logger.info("%d selected of %d that survived and %d planned", chosen.sum(), len(survived), len(planned))
    write_table(rejected[REJECTS], rejects)
    write_table(candidates.loc[chosen, SELECTION], selection)


def choose_best(candidates: pd.DataFrame, needed: Counts) -> set[str]:
    """Return the source_ids that fill each cell of ``needed`` exactly with the greatest summed quality.

    Quality is the detector's probability; between equal sums the overlap decides, then a keyed draw. A cell asks for a
    number of images and nothing else, so its first ones in that order are the set with the greatest sum: a sort says
    exactly what an integer program would, to a solver's tolerance and in a thousand times as long. ``candidates`` has
    source_id, split, label, probability, overlap, in any order; each cell must have enough.
    """
    tie_break = {item: place for place, item in enumerate(keyed_order(0, "match", candidates["source_id"]))}
    best_first = candidates.assign(tie=candidates["source_id"].map(tie_break)).sort_values(
        ["probability", "overlap", "tie"], ascending=[False, False, True]
    )
    cells = dict(list(best_first.groupby(["split", "label"])["source_id"]))
    chosen: set[str] = set()
    for cell in CELLS:
        if needed[cell]:
            best = cells[cell].iloc[: needed[cell]]
            assert len(best) == needed[cell], f"{cell} has {len(best)} of {needed[cell]}"
            chosen.update(best)
    return chosen


def _require_enough(survived: pd.DataFrame, needed: Counts, planned: pd.DataFrame, edit: str, dataset: str) -> None:
    have = survived.groupby(["split", "label"]).size()
    tried = planned.groupby(["split", "label"]).size()
    lacking = [
        f"{split} {label} lacks {needed[split, label] - have.get((split, label), 0)} "
        f"(needs {needed[split, label]}, {have.get((split, label), 0)} of {tried.get((split, label), 0)} survived)"
        for split, label in CELLS
        if have.get((split, label), 0) < needed[split, label]
    ]
    if lacking:
        raise InputError(
            f"datasets.{dataset}: too few faces survived: {'; '.join(lacking)}. Raise edits.{edit}.spares or lower "
            f"datasets.{dataset}.synthetic.fraction; the reasons are in the tables of faces and crops"
        )
