"""Matching: from the faces that survived, choose exactly the reference's counts with the greatest summed quality.

A judge may have a say in which may be chosen, and groups or intensities may be balanced.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from synface.core.counts import CELLS, Counts, count_images, read_counts, scaled_counts
from synface.core.draws import keyed_order
from synface.core.errors import InputError
from synface.core.tables import write_table
from synface.faces.table import BOX, read_face_table
from synface.judges.groups import groups_of, ranges_of
from synface.judges.tables import read_judged
from synface.stages.deal import fraction_taken
from synface.stages.planned import read_plan
from synface.stages.quotas import choose_balanced

logger = logging.getLogger(__name__)

SPARE = "spare, not needed"
TRAITS = {"skin": "skin tone", "gender": "gender", "age": "age"}
"""The traits that a judge tells, by the words of the key ``balance``."""
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
    prefer: str = "probability",
    seed: int | None = None,
    keep: Mapping[str, Any] | None = None,
    judge: str | None = None,
    kept: Path | str | None = None,
    balance: Sequence[str] | None = None,
    groups: Path | str | None = None,
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
        prefer: which are better, ``probability`` (the detector's) or ``random``.
        seed: of ``random``.
        keep: ``at_least``, the least probability with which a judge reads the label; None keeps all.
        judge: its name.
        kept: what it read in the edited faces.
        balance: what to balance in each class and split, see `choose_balanced`: words of `TRAITS`, and ``rho``.
        groups: what the judge read that tells the traits.

    Raises:
        InputError: too few candidates survived in some class and split, or plan, crops and what judges read do not
            belong together.
    """
    planned = read_plan(plan, columns=["split", "label", "rho"] if "rho" in (balance or ()) else ["split", "label"])
    measured = pd.concat([read_face_table(path, _MEASURED) for path in crops])
    if sorted(planned["source_id"]) != sorted(measured["source_id"]):
        raise InputError(
            f"{plan} lists {len(planned)} portraits and the tables of crops {len(measured)}, and they are not the "
            "same ones; the crops belong to an older plan, so delete them and run again"
        )
    candidates = planned.merge(measured[_MEASURED], on="source_id", validate="one_to_one").sort_values("source_id")
    needed = scaled_counts(read_counts(counts), fraction_taken(taken, like, fraction), test_fraction)
    unread = pd.Series(False, index=candidates.index)
    if keep is not None:
        there = candidates["reason"] == ""
        intended = _judged(kept, candidates.loc[there, "source_id"])["intended"]
        intended = candidates["source_id"].map(intended)
        unread = there & (intended < keep["at_least"])
        reasons = intended.map(lambda share: f"{judge} does not read its label ({share:.4f})")
        candidates["reason"] = candidates["reason"].mask(unread, reasons)
        logger.info("%d of %d faces left out: %s does not read their labels", unread.sum(), there.sum(), judge)
    survived = candidates[candidates["reason"] == ""]
    if exact:
        dataset = Path(selection).parent.name
        _require_enough(survived, needed, candidates[unread], planned, Path(plan).parent.name, dataset, judge)
    else:
        have = count_images(survived)
        logger.info("too few: %s", {cell: (have[cell], count) for cell, count in needed.items() if have[cell] < count})
        needed = {cell: min(count, have[cell]) for cell, count in needed.items()}
    seed = seed if prefer == "random" else None
    if balance:
        survived = survived.assign(**_traits(survived, balance, groups))
        found = choose_balanced(best_first(survived, seed), needed, balance)
        _tell_groups(survived[survived["source_id"].isin(found)], survived, balance)
    else:
        found = choose_best(survived, needed, seed)
    chosen = candidates["source_id"].isin(found)
    # Of the rows that are left: an empty frame would take over the index of a longer column.
    rejected = candidates[~chosen].assign(reason=lambda rows: rows["reason"].replace("", SPARE))
    assert chosen.sum() == sum(needed.values())
    assert chosen.sum() + len(rejected) == len(planned)
    logger.info("%d selected of %d that survived and %d planned", chosen.sum(), len(survived), len(planned))
    write_table(rejected[REJECTS], rejects)
    write_table(candidates.loc[chosen, SELECTION], selection)


def best_first(candidates: pd.DataFrame, seed: int | None = None) -> pd.DataFrame:
    """Return the candidates ordered by quality, with the column ``score``, a whole number that says it.

    Quality is the detector's probability, to four decimals in ``score``; between equal ones the overlap decides, then a
    keyed draw. With a ``seed`` it is a keyed draw alone. ``candidates`` has source_id, probability, overlap, in any
    order.
    """
    if seed is not None:
        drawn = candidates.set_index("source_id").loc[keyed_order(seed, "match at random", candidates["source_id"])]
        return drawn.reset_index().assign(score=range(len(drawn), 0, -1))
    tie_break = {item: place for place, item in enumerate(keyed_order(0, "match", candidates["source_id"]))}
    ordered = candidates.assign(tie=candidates["source_id"].map(tie_break)).sort_values(
        ["probability", "overlap", "tie"], ascending=[False, False, True]
    )
    return ordered.assign(score=(ordered["probability"] * 10_000).round().astype(int)).drop(columns="tie")


def choose_best(candidates: pd.DataFrame, needed: Counts, seed: int | None = None) -> set[str]:
    """Return the source_ids that fill each cell of ``needed`` exactly with the greatest summed quality.

    Quality is as in `best_first`. A cell asks for a number of images and nothing else, so its first ones in that order
    are the set with the greatest sum: a sort says exactly what an integer program would, to a solver's tolerance and in
    a thousand times as long. ``candidates`` has source_id, split, label, probability, overlap, in any order; each cell
    must have enough.
    """
    ordered = best_first(candidates, seed)
    cells = dict(list(ordered.groupby(["split", "label"])["source_id"]))
    chosen: set[str] = set()
    for cell in CELLS:
        if needed[cell]:
            best = cells[cell].iloc[: needed[cell]]
            assert len(best) == needed[cell], f"{cell} has {len(best)} of {needed[cell]}"
            chosen.update(best)
    return chosen


def _judged(table: Path | str | None, source_ids: pd.Series) -> pd.DataFrame:
    """Return what a judge read in these faces, by source_id."""
    read = read_judged(table).set_index("source_id")
    if missing := sorted(set(source_ids) - set(read.index)):
        raise InputError(f"{table}: {missing[0]} is missing; it belongs to older crops, so delete it and run again")
    return read.loc[source_ids]


def _traits(survived: pd.DataFrame, balance: Sequence[str], groups: Path | str | None) -> dict[str, list[str]]:
    """Return the group of each face by the words of the key; of what nobody tells, one group."""
    told = groups_of(_judged(groups, survived["source_id"])) if groups is not None else {}
    told = {word: told[trait] for word, trait in TRAITS.items() if trait in told}
    if "rho" in survived:
        told["rho"] = ranges_of(survived["rho"])
    return {word: list(told[word].fillna("")) if word in told else [""] * len(survived) for word in balance}


def _tell_groups(chosen: pd.DataFrame, survived: pd.DataFrame, balance: Sequence[str]) -> None:
    """Say how many faces each group got, of those that there were."""
    for word in balance:
        have, took = (rows.groupby(["split", "label", word]).size() for rows in (survived, chosen))
        took = took.reindex(have.index, fill_value=0)
        for (split, label), counts in took.groupby(["split", "label"]):
            told = {group: f"{number} of {have[split, label, group]}" for (*_, group), number in counts.items()}
            logger.info("%s %s by %s: %s", split, label, word, told)


def _require_enough(
    survived: pd.DataFrame,
    needed: Counts,
    unread: pd.DataFrame,
    planned: pd.DataFrame,
    edit: str,
    dataset: str,
    judge: str | None,
) -> None:
    have, left_out, tried = (count_images(rows) for rows in (survived, unread, planned))

    def told(cell: tuple[str, str]) -> str:
        judged = f", {left_out[cell]} others not read by {judge}" if judge else ""
        return (
            f"{' '.join(cell)} lacks {needed[cell] - have[cell]} "
            f"(needs {needed[cell]}, {have[cell]} of {tried[cell]} survived{judged})"
        )

    if lacking := [told(cell) for cell in CELLS if have[cell] < needed[cell]]:
        lower = f"lower datasets.{dataset}.synthetic." + ("keep.at_least or its fraction" if judge else "fraction")
        raise InputError(
            f"datasets.{dataset}: too few faces survived: {'; '.join(lacking)}. Raise edits.{edit}.spares or {lower}; "
            "the reasons are in the tables of faces and crops"
        )
