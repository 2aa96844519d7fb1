"""Planning: at which code of the generator each dealt portrait is edited, and in which shard.

A code is drawn for the portrait alone: another shard count, machine or order changes nothing.
"""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from synface.core.tables import read_table, write_table
from synface.settings.edit import Planning
from synface.settings.reading import complete
from synface.stages.codes import Codes
from synface.stages.deal import DEALT

logger = logging.getLogger(__name__)

CODES = ["theta", "rho", "code_x", "code_y"]
COLUMNS = [*DEALT, *CODES, "shard"]


def plan_edit(
    *, dealt: Path | str, gamut: Path | str | None, plan: Path | str, settings: Mapping[str, Any], shards: int
) -> None:
    """Write the plan that serves every synthetic dataset made from one edit.

    Args:
        dealt: the edit's dealt.csv.
        gamut: the generator's gamut.json; None for faces that are edited elsewhere, which have no codes.
        plan: written, see `COLUMNS`; by source_id.
        settings: of the stage, see `Planning`.
        shards: number of files that the work is cut into.

    Raises:
        InputError: the settings do not fit the generator.
    """
    chosen = read_table(dealt, text=DEALT, columns=DEALT)
    chosen[CODES] = None if gamut is None else _codes_of(chosen, gamut, settings, f"edits.{Path(plan).parent.name}")
    # The shard says which job handles a portrait and must not influence any other column.
    chosen["shard"] = chosen.index % shards
    write_table(chosen[COLUMNS], plan)


def _codes_of(chosen: pd.DataFrame, gamut: Path | str, settings: Mapping[str, Any], edit: str) -> pd.DataFrame:
    codes = Codes(json.loads(Path(gamut).read_text(encoding="utf-8")), complete(Planning, settings, edit), edit)
    drawn = [codes.draw(label, item) for label, item in zip(chosen["label"], chosen["source_id"], strict=True)]
    return pd.DataFrame(drawn, index=chosen.index, columns=CODES, dtype=float)
