"""The plan of an edit: which portrait becomes which emotion, at which code of the generator.

Every draw is keyed by the seed and the portrait, not by the edit's
name, so two edits with one seed turn the same portraits into the same emotions and can be compared in pairs.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from synface.core.counts import CELLS, SPLITS, Counts, read_counts, scaled_counts
from synface.core.draws import keyed_order
from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.tables import read_table, write_table
from synface.settings.edit import Planning
from synface.settings.reading import complete
from synface.stages.codes import Codes

logger = logging.getLogger(__name__)

# The hash of a portrait is there for what is made of the plan: frames are made again when a portrait changes.
COLUMNS = ["source_id", "path", "sha256", "split", "label", "theta", "rho", "code_x", "code_y", "shard"]


def plan_edit(
    *,
    index: Path | str,
    demands: Iterable[tuple[Path | str, float]],
    gamut: Path | str,
    plan: Path | str,
    settings: Mapping[str, Any],
    shards: int,
) -> None:
    """Write the plan that serves every synthetic dataset made from one edit.

    Args:
        index: the source's index.csv.
        demands: (counts.csv of the reference, fraction of it) of each dataset; a cell gets the largest demand.
        gamut: the generator's gamut.json.
        plan: written, see `COLUMNS`; by source_id.
        settings: of the stage, see `Planning`; ``spares`` of each cell are rounded up.
        shards: number of files that the work is cut into.

    Raises:
        InputError: a split has too few portraits, or the settings do not fit the generator.
    """
    edit = f"edits.{Path(plan).parent.name}"
    planning = complete(Planning, settings, edit)
    portraits = read_table(
        index, text=["source_id", "path", "sha256", "split"], columns=["source_id", "path", "sha256", "split"]
    )
    needed = add_spares(largest_demand(demands), planning.spares)
    codes = Codes(json.loads(Path(gamut).read_text(encoding="utf-8")), planning, edit)
    labels = deal_portraits(portraits, needed, planning.seed, edit, f"sources.{Path(index).parent.name}")
    chosen = portraits[portraits["source_id"].isin(labels)].sort_values("source_id").reset_index(drop=True)
    chosen["label"] = chosen["source_id"].map(labels)
    drawn = [codes.draw(label, item) for label, item in zip(chosen["label"], chosen["source_id"], strict=True)]
    chosen[["theta", "rho", "code_x", "code_y"]] = pd.DataFrame(drawn, index=chosen.index, dtype=float)
    # The shard says which job handles a portrait and must not influence any other column.
    chosen["shard"] = chosen.index % shards
    logger.info("%s: %d of %d portraits planned, spares included", edit, len(chosen), len(portraits))
    write_table(chosen[COLUMNS], plan)


def largest_demand(demands: Iterable[tuple[Path | str, float]]) -> Counts:
    """Return, per cell, the largest of the scaled counts: one edit serves datasets of different sizes."""
    scaled = [scaled_counts(read_counts(path), fraction) for path, fraction in demands]
    if not scaled:
        raise InputError("no synthetic dataset uses this edit, so nothing says how many portraits it needs")
    return {cell: max(counts[cell] for counts in scaled) for cell in CELLS}


def add_spares(counts: Counts, spares: float) -> Counts:
    """Return ``counts`` plus the share ``spares`` of each, rounded up."""
    return {
        cell: count + int((Decimal(str(spares)) * count).to_integral_value(ROUND_CEILING))
        for cell, count in counts.items()
    }


def deal_portraits(portraits: pd.DataFrame, needed: Counts, seed: int, edit: str, source: str) -> dict[str, str]:
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
            f"{edit}: not enough portraits in {source}, spares included: {shortage}. Add portraits, lower "
            f"{edit}.spares or the synthetic.fraction of the datasets that use it, or change {source}.test_fraction"
        )
    labels: dict[str, str] = {}
    for split in SPLITS:
        for label in LABELS:
            order = keyed_order(seed, f"portraits for {label}", (item for item in ids[split] if item not in labels))
            labels.update(dict.fromkeys(order[: needed[split, label]], label))
    return labels
