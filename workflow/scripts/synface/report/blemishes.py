"""Smears and speckles by edit and class, and the sentence that tells of a generator that is unfinished.

The rules stand in docs/verdicts.md, a row each.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from synface.core.emotions import LABELS
from synface.core.tables import read_table, write_table
from synface.report.facts import in_words

SMEAR_LIMITS: Mapping[str, float] = {
    "surprise": 13.4,
    "fear": 7.1,
    "disgust": 5.7,
    "happiness": 3.9,
    "sadness": 5.8,
    "anger": 5.8,
    "neutral": 4.5,
}
"""By label, in L*: what 1 % of true edits exceed, at full intensity, of 200 drawn people of whom half smile before.
`python benchmarks/blemishes.py` prints it, and the next."""
SPECKLE_LIMIT = 0.73
"""In L*: what 1 % of all 1,400 of them exceed."""

ALL = "all"
COLUMNS = ["edit", "generator", "label", "faces"]
COLUMNS += ["smear", "smear_limit", "smeared", "speckle", "speckle_limit", "speckled", "at_origin", "change_at_origin"]
ALLOWED = 0.02  # of a generator's faces beyond the limits; 1 % of true edits are


def tabulate_blemishes(
    *, blemishes: Mapping[str, Path | str], generators: Mapping[str, str], table: Path | str
) -> None:
    """Write `COLUMNS`: a row for every edit and label in it, and one for all of its faces.

    ``smear`` and ``speckle`` are medians in L*; ``smeared`` and ``speckled`` count the faces beyond the limits of true
    edits; ``at_origin`` counts those at a rho where nothing should change, ``change_at_origin`` is their median
    CIEDE2000.

    Args:
        blemishes: the edits' blemishes.csv.
        generators: of the same edits.
        table: written.
    """
    rows = [row for edit, path in blemishes.items() for row in _rows(edit, generators[edit], path)]
    write_table(pd.DataFrame(rows, columns=COLUMNS).round(4), table)


def _rows(edit: str, generator: str, path: Path | str) -> Iterator[dict]:
    faces = read_table(path, text=["source_id"], columns=["label", "smear", "speckle", "change"])
    faces["smeared"] = faces["smear"] > faces["label"].map(SMEAR_LIMITS)
    faces["speckled"] = faces["speckle"] > SPECKLE_LIMIT
    for label in (*LABELS, ALL):
        part = faces if label == ALL else faces[faces["label"] == label]
        if len(part):
            yield {
                "edit": edit,
                "generator": generator,
                "label": label,
                "faces": len(part),
                "smear": part["smear"].median(),
                "smear_limit": SMEAR_LIMITS.get(label),
                "smeared": int(part["smeared"].sum()),
                "speckle": part["speckle"].median(),
                "speckle_limit": SPECKLE_LIMIT,
                "speckled": int(part["speckled"].sum()),
                "at_origin": int(part["change"].notna().sum()),
                "change_at_origin": part["change"].median(),
            }


def describe_blemishes(table: Path | str) -> list[dict]:
    """Return a row for each edit and label, as `tabulate_blemishes` writes them; what is empty there is None."""
    rows = _read(table)
    return rows.astype(object).where(rows.notna(), None).to_dict("records")


def list_unfinished(table: Path | str) -> list[str]:
    """Return a sentence for each generator whose edits are beyond the limits of true ones too often.

    That is where the lower end of the share's exact 95 % interval is above `ALLOWED`: few faces show nothing. The
    sentence is about the worst edit: edits of the same portraits are alike, so together they are no larger sample.
    """
    rows = _read(table)
    rows = rows[rows["label"] == ALL].assign(beyond=lambda each: (each["smeared"] + each["speckled"]) / each["faces"])
    found = []
    for generator, part in rows.groupby("generator", sort=False):
        worst = part.loc[part["beyond"].idxmax()]
        number, smeared, speckled = (int(worst[name]) for name in ("faces", "smeared", "speckled"))
        shares = {"darken or brighten a region": smeared, "add speckles": speckled}
        told = [f"{100 * count / number:.0f} % {what}" for what, count in shares.items() if _too_many(count, number)]
        if told:
            found.append(
                f"The generator {generator} is unfinished, or these faces are foreign to it: of the {number:,} faces "
                f"of {worst['edit']} that were measured, {in_words(told)} by more than 99 % of true edits of drawn "
                "faces do (1 % would be chance)."
            )
    return found


def _read(table: Path | str) -> pd.DataFrame:
    return read_table(table, text=["edit", "generator"], columns=COLUMNS)


def _too_many(count: int, number: int) -> bool:
    if count <= ALLOWED * number:
        return False
    from scipy.stats import binomtest  # takes a second, which a finished generator need not pay

    return bool(binomtest(count, number).proportion_ci(method="exact").low > ALLOWED)
