"""Dealing: which portrait becomes which emotion, before anything is trained or edited.

It needs only the list of portraits and the counts of the sets that are imitated, so that a study without enough
portraits ends in its first seconds. One edit serves all synthetic datasets that are made from it.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
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
# A set of emotions is a number whose bits stand for LABELS.
_BITS = {label: 1 << place for place, label in enumerate(LABELS)}
ALL = (1 << len(LABELS)) - 1
LARGEST = "largest"
_STEPS = 10_000  # a fraction that is found has four decimals


@dataclass(frozen=True)
class Demand:
    """What synthetic datasets ask of an edit: ``fraction`` (or `LARGEST`) of the ``counts`` of the dataset ``like``.

    Of the test split it is ``test_fraction``, where that is given.
    """

    like: str
    counts: Counts
    fraction: float | str
    test_fraction: float | None = None

    def needed(self, share: float) -> Counts:
        """Return the images per cell; ``share`` is what `LARGEST` comes to."""
        return scaled_counts(
            self.counts, share if self.fraction == LARGEST else float(self.fraction), self.test_fraction
        )


def deal_portraits(
    *,
    index: Path | str,
    demands: Iterable[tuple[str, Path | str, float | str, float | None]],
    dealt: Path | str,
    taken: Path | str,
    spares: float,
    seed: int,
    edit: str,
    source: str,
    patches: Path | str | None = None,
) -> None:
    """Give each portrait that an edit needs its emotion.

    Args:
        index: the source's index.csv.
        demands: (dataset, its counts.csv, fraction of it, that of its test split or None) of each dataset that is
            imitated; a cell gets the largest.
        dealt: written: `DEALT`, by source_id.
        taken: written: `DEMANDS`; ``taken`` is the fraction itself, or what `LARGEST` comes to.
        spares: portraits beyond need, as a fraction of each cell, rounded up.
        seed: of the dealing.
        edit: its name.
        source: the name of the source.
        patches: patches.csv of another generator's faces: a portrait becomes only what it was edited to.

    Raises:
        InputError: a split has too few portraits, or too few with a face of some emotion.
    """
    portraits = read_table(index, text=DEALT[:4], columns=DEALT[:4])
    asked = [Demand(like, read_counts(counts), *fractions) for like, counts, *fractions in demands]
    if not asked:
        raise InputError(f"edits.{edit}: no synthetic dataset uses this edit, so nothing says what it is for")
    offers = offers_of(portraits, patches)

    def suffice(needed: Counts) -> bool:
        return all(min(slack_of(portraits, offers, needed, split)) >= 0 for split in SPLITS)

    needed = needed_for(asked, share := largest_share(asked, spares, suffice), spares)
    labels = deal(portraits, needed, seed, f"edits.{edit}", f"sources.{source}", offers)
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
    scaled = [each.needed(share) for each in demands]
    largest = {cell: max(counts[cell] for counts in scaled) for cell in CELLS}
    return {
        cell: count + int((Decimal(str(spares)) * count).to_integral_value(ROUND_CEILING))
        for cell, count in largest.items()
    }


def largest_share(demands: Sequence[Demand], spares: float, suffice: Callable[[Counts], bool]) -> float:
    """Return the largest fraction, the same for every class and split, for which the portraits suffice; at most 1.

    In steps of 1 / 10,000. The smallest, where even that is too much: dealing then says what is lacking.
    """
    low, high = 1, _STEPS
    while low < high:
        middle = (low + high + 1) // 2
        if suffice(needed_for(demands, middle / _STEPS, spares)):
            low = middle
        else:
            high = middle - 1
    return low / _STEPS


def offers_of(portraits: pd.DataFrame, patches: Path | str | None) -> dict[str, int]:
    """Return which emotions each portrait can become, all or those that patches.csv has it in, as a set's number."""
    if patches is None:
        return dict.fromkeys(portraits["source_id"], ALL)
    table = read_table(patches, text=["source_id"], columns=["source_id", "label"])
    offers = dict.fromkeys(portraits["source_id"], 0)
    for source_id, label in zip(table["source_id"], table["label"], strict=True):
        offers[source_id] |= _BITS[label]
    return offers


def slack_of(portraits: pd.DataFrame, offers: Mapping[str, int], needed: Counts, split: str) -> list[int]:
    """Return for every set of emotions how many more portraits of a split can become one of them than are needed.

    They suffice where none is negative (Hall, 1935). Where every portrait can become everything, the set of all
    decides.
    """
    groups = Counter(offers[item] for item in portraits.loc[portraits["split"] == split, "source_id"])
    return [
        sum(count for offer, count in groups.items() if offer & emotions)
        - sum(needed[split, label] for label in LABELS if _BITS[label] & emotions)
        for emotions in range(ALL + 1)
    ]


def deal(
    portraits: pd.DataFrame,
    needed: Counts,
    seed: int,
    edit: str,
    source: str,
    offers: Mapping[str, int] | None = None,
) -> dict[str, str]:
    """Return the label of each chosen portrait (source_id -> label), each portrait at most once.

    The emotions choose in turn, each from the front of its own keyed order of the portraits of a split. One portrait
    more or less, or another count for one emotion, therefore changes a few choices and not the whole plan. A portrait
    that the emotions to come cannot do without, since few others have their faces, is left to them.

    Raises:
        InputError: a split has fewer portraits than needed; ``edit`` and ``source`` are paths in the configuration.
    """
    offers = dict.fromkeys(portraits["source_id"], ALL) if offers is None else offers
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
        slack = slack_of(portraits, offers, needed, split)
        _require_faces(slack, needed, split, edit)
        for label in LABELS:
            free = (item for item in ids[split] if item not in labels and offers[item] & _BITS[label])
            order = iter(keyed_order(seed, f"portraits for {label}", free))
            others = [emotions for emotions in range(1, ALL + 1) if not emotions & _BITS[label]]
            for _ in range(needed[split, label]):
                # For sets with this emotion both what is there and what is needed become one less.
                item = next(item for item in order if all(slack[each] for each in others if each & offers[item]))
                labels[item] = label
                for each in others:
                    slack[each] -= bool(each & offers[item])
    return labels


def _require_faces(slack: Sequence[int], needed: Counts, split: str, edit: str) -> None:
    """Raise `InputError` for the smallest set of emotions that too few portraits were edited to."""
    lacking = [emotions for emotions, more in enumerate(slack) if more < 0]
    if not lacking:
        return
    emotions = min(lacking, key=lambda each: (each.bit_count(), slack[each]))
    names = [label for label in LABELS if _BITS[label] & emotions]
    wanted = sum(needed[split, label] for label in names)
    raise InputError(
        f"{edit}.patches: too few edited faces, spares included: of the {split} portraits {wanted} have to become "
        f"{' or '.join(names)}, and {wanted + slack[emotions]} have such a face. Edit more portraits to that, set "
        f"`fraction: largest` in the synthetic datasets that use it, or lower {edit}.spares"
    )
