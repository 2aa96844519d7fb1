"""Dealing: which portrait becomes which emotion, before anything is trained or edited.

It needs only the list of portraits and the counts of the sets that are imitated, so that a study without enough
portraits ends in its first seconds. One edit serves all synthetic datasets that are made from it.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

import pandas as pd

from synface.core.counts import CELLS, SPLITS, Counts, read_counts, scaled_counts
from synface.core.draws import keyed_order
from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.tables import read_table, write_table

logger = logging.getLogger(__name__)

# The hash of a portrait is there for what is made of it: frames are made again when a portrait changes.
DEALT = ["source_id", "path", "sha256", "split", "label"]
DEMANDS = ["like", "fraction", "taken"]
LARGEST = "largest"
_STEPS = 10_000  # a fraction that is found has four decimals


@dataclass(frozen=True)
class Demand:
    """What synthetic datasets ask of an edit: ``fraction`` (or `LARGEST`) of the ``counts`` of the dataset ``like``."""

    like: str
    counts: Counts
    fraction: float | str


def deal_portraits(
    *,
    index: Path | str,
    demands: Iterable[tuple[str, Path | str, float | str]],
    dealt: Path | str,
    taken: Path | str,
    spares: float,
    seed: int,
    edit: str,
    source: str,
) -> None:
    """Give each portrait that an edit needs its emotion.

    Args:
        index: the source's index.csv.
        demands: (dataset, its counts.csv, fraction of it) of each dataset that is imitated; a cell gets the largest.
        dealt: written: `DEALT`, by source_id.
        taken: written: `DEMANDS`; ``taken`` is the fraction itself, or what `LARGEST` comes to.
        spares: portraits beyond need, as a fraction of each cell, rounded up.
        seed: of the dealing.
        edit: its name.
        source: the name of the source.

    Raises:
        InputError: a split has too few portraits.
    """
    portraits = read_table(index, text=DEALT[:4], columns=DEALT[:4])
    asked = [Demand(like, read_counts(counts), fraction) for like, counts, fraction in demands]
    if not asked:
        raise InputError(f"edits.{edit}: no synthetic dataset uses this edit, so nothing says what it is for")
    have = {split: int((portraits["split"] == split).sum()) for split in SPLITS}
    share = largest_share(asked, spares, have)
    needed = needed_for(asked, share, spares)
    labels = deal(portraits, needed, seed, f"edits.{edit}", f"sources.{source}")
    chosen = portraits[portraits["source_id"].isin(labels)].sort_values("source_id").reset_index(drop=True)
    chosen["label"] = chosen["source_id"].map(labels)
    logger.info("%s: %d of %d portraits dealt, spares included", edit, len(chosen), len(portraits))
    rows = [(each.like, each.fraction, share if each.fraction == LARGEST else each.fraction) for each in asked]
    write_table(pd.DataFrame(rows, columns=DEMANDS), taken)
    write_table(chosen[DEALT], dealt)


def fraction_taken(taken: Path | str, like: str, fraction: float | str) -> float:
    """Return what ``fraction`` of the dataset ``like`` came to, from the table that `deal_portraits` wrote."""
    table = read_table(taken, text=["like", "fraction"], columns=DEMANDS)
    for row in table.itertuples():
        if row.like == like and row.fraction == str(fraction):
            return float(row.taken)
    raise InputError(f"{taken}: no row for {fraction} of {like}; delete it and run again")


def needed_for(demands: Sequence[Demand], share: float, spares: float) -> Counts:
    """Return, per cell, the largest of the scaled counts plus the share ``spares`` of it, rounded up.

    One edit serves datasets of different sizes; ``share`` is the fraction of those that ask for `LARGEST`.
    """
    scaled = [
        scaled_counts(each.counts, share if each.fraction == LARGEST else float(each.fraction)) for each in demands
    ]
    largest = {cell: max(counts[cell] for counts in scaled) for cell in CELLS}
    return {
        cell: count + int((Decimal(str(spares)) * count).to_integral_value(ROUND_CEILING))
        for cell, count in largest.items()
    }


def largest_share(demands: Sequence[Demand], spares: float, have: Mapping[str, int] | int) -> float:
    """Return the largest fraction, the same for every class and split, that so many portraits allow; at most 1.

    ``have`` are the portraits of each split, or of both together. In steps of 1 / 10,000. The smallest, where even that
    is too much: dealing then says what is lacking.
    """

    def suffice(needed: Counts) -> bool:
        wanted = {split: sum(needed[split, label] for label in LABELS) for split in SPLITS}
        if isinstance(have, int):
            return sum(wanted.values()) <= have
        return all(wanted[split] <= have[split] for split in SPLITS)

    low, high = 1, _STEPS
    while low < high:
        middle = (low + high + 1) // 2
        if suffice(needed_for(demands, middle / _STEPS, spares)):
            low = middle
        else:
            high = middle - 1
    return low / _STEPS


def deal(portraits: pd.DataFrame, needed: Counts, seed: int, edit: str, source: str) -> dict[str, str]:
    """Return the label of each chosen portrait (source_id -> label), each portrait at most once.

    The emotions choose in turn, each from the front of its own keyed order of the portraits of a split. One portrait
    more or less, or another count for one emotion, therefore changes a few choices and not the whole plan.

    Raises:
        InputError: a split has fewer portraits than needed; ``edit`` and ``source`` are paths in the configuration.
    """
    ids = {split: portraits.loc[portraits["split"] == split, "source_id"] for split in SPLITS}
    wanted = {split: sum(count for cell, count in needed.items() if cell[0] == split) for split in SPLITS}
    if any(wanted[split] > len(ids[split]) for split in SPLITS):
        shortage = "; ".join(f"{split} needs {wanted[split]} and has {len(ids[split])}" for split in SPLITS)
        raise InputError(
            f"{edit}: not enough portraits in {source}, spares included: {shortage}. Add portraits, set "
            f"`fraction: largest` in the synthetic datasets that use it, lower {edit}.spares, or change "
            f"{source}.test_fraction"
        )
    labels: dict[str, str] = {}
    for split in SPLITS:
        for label in LABELS:
            order = keyed_order(seed, f"portraits for {label}", (item for item in ids[split] if item not in labels))
            labels.update(dict.fromkeys(order[: needed[split, label]], label))
    return labels
