"""The plane of edits: how much of the expression appears, against how much of the person is kept.

An editor may cheat in two ways: a lazy edit leaves the face as it was, an overfit one puts the expression on somebody
else's. Both are seen only where the two measures stand side by side.
"""

from pathlib import Path

import pandas as pd

from synface.core.tables import read_table, write_table

PLANE = [
    *("judge", "dataset", "n", "lift", "lift_low", "lift_high"),
    *("people", "kept", "kept_low", "kept_high", "kind"),
]
"""``people`` is the judge that tells ``kept``; ``kind`` one of `KINDS`, or ""."""
KINDS = ("true", "lazy", "overfit", "neither")
HALF = 0.5
"""Of ``kept``: below, a face is more like strangers than like itself."""
_ALL = "all"


def measure_plane(*, judged: Path | str, plane: Path | str) -> None:
    """Place every edited dataset in the plane, by every judge.

    Args:
        judged: judged.csv.
        plane: written: `PLANE`, with 95 % intervals. ``lift`` is that of all faces. ``kept`` is (own - others) /
            (1 - others) of the cosines of identities: 1 for an untouched face, 0 for one that is as far from its own
            portrait as from the other ones. It is told by the judge itself, or by the first that tells it; its interval
            is that of ``own``. Datasets of which no judge tells it are left out.
    """
    table = read_table(judged, text=["judge", "dataset", "measure", "label", "rho"])
    whole = table[(table["label"] == _ALL) & (table["rho"] == _ALL)].set_index(["measure", "dataset", "judge"])
    rows = []
    for (dataset, judge), lift in whole.loc[["lift"]].droplevel("measure").iterrows() if "lift" in whole.index else []:
        tells = [name for measure, of, name in whole.index if (measure, of) == ("own", dataset)]
        if not tells:
            continue
        people = judge if judge in tells else tells[0]
        own, others = (whole.loc[(measure, dataset, people)] for measure in ("own", "others"))
        strangers = others["value"]
        kept = [(own[end] - strangers) / (1 - strangers) for end in ("value", "ci_low", "ci_high")]
        found = (lift["value"], lift["ci_low"], lift["ci_high"])
        rows.append((judge, dataset, int(lift["n"]), *found, people, *kept, kind_of(found, kept)))
    write_table(pd.DataFrame(rows, columns=PLANE).round(5), plane)


def kind_of(lift: tuple | list, kept: tuple | list) -> str:
    """Return what the intervals show of an edit, each (value, low, high), or "" where they show too little.

    A lift above 0 shows the expression; an edit is called lazy or neither where it is not shown.
    """
    if not (kept[1] >= HALF or kept[2] < HALF):
        return ""
    keeps = kept[1] >= HALF
    if lift[1] > 0:
        return "true" if keeps else "overfit"
    return "lazy" if keeps else "neither"
