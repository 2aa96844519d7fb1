"""The tables of what one judge found in one edited set and the real one that it imitates, with chosen numbers."""

from pathlib import Path

import numpy as np
import pandas as pd

from synface.judges.measures import DISTANCES, GROUP_ACCURACY, GROUPS, JUDGED
from synface.judges.plane import PLANE

# measure, value, ends of its interval, label, rho, share before, after; of 200 faces each
EDITED = [
    ("lift", 0.3, 0.25, 0.35, "all", "all", 0.2, 0.5),
    ("lift", 0.1, 0.05, 0.15, "all", "0.50 to 0.75", 0.2, 0.3),
    ("lift", 0.5, 0.45, 0.55, "all", "1.00 to 1.25", 0.2, 0.7),
    ("lift", 0.6, 0.5, 0.7, "happiness", "all", 0.1, 0.7),
    ("lift", 0.1, -0.1, 0.3, "fear", "all", 0.1, 0.2),
    ("lift", -0.2, -0.3, -0.1, "neutral", "all", 0.8, 0.6),
    ("lift", 0.0, -0.02, 0.02, "disgust", "all", 0.0, 0.0),
    ("own", 0.97, 0.96, 0.98, "all", "all", np.nan, np.nan),
    ("others", 0.88, 0.87, 0.89, "all", "all", np.nan, np.nan),
    ("nearest", 0.9, 0.85, 0.94, "all", "all", np.nan, np.nan),
    ("along", 0.4, 0.3, 0.5, "all", "all", np.nan, np.nan),
    ("skin", 0.6, 0.5, 0.7, "all", "all", np.nan, np.nan),
    ("around", 1.2, 1.1, 1.3, "all", "all", np.nan, np.nan),
]
REAL = {"all": (0.8, 0.7, 0.9), "happiness": (0.8, 0.7, 0.9), "fear": (0.8, 0.7, 0.9), "neutral": (0.8, 0.7, 0.9)}
REAL["disgust"] = (0.07, 0.03, 0.15)


def write_judged(folder: Path, edited: str, real: str) -> dict[str, Path]:
    """Write all five tables and return them by name."""
    rows = [
        ("j", edited, measure, label, rho, 200, value, low, high, before, after)
        for measure, value, low, high, label, rho, before, after in EDITED
    ]
    rows += [("j", real, "agreement", label, "all", 200, *found, np.nan, np.nan) for label, found in REAL.items()]
    tables = {
        "judged": (JUDGED, rows),
        "edit_plane": (PLANE, [("j", edited, 200, 0.3, 0.25, 0.35, "j", 0.75, 0.7, 0.8, "true")]),
        "kernel_distances": (
            DISTANCES,
            [
                ("j", f"{real}/train", f"{edited}/train", 900, 200, 0.05, 0.04, 0.06),
                ("j", f"{real}/train", f"{real}/test", 900, 300, 0.001, -0.001, 0.003),
            ],
        ),
        "groups": (
            GROUPS,
            [("j", real, "test", "age", "to 19", "fear", 3), ("j", real, "test", "age", "20 to 39", "anger", 4)],
        ),
        "group_accuracy": (
            GROUP_ACCURACY,
            [
                ("j", "age", "to 19", "poster", real, real, 3, 0.5, 0.2, 0.8),
                ("j", "age", "to 19", "poster", edited, real, 3, 1.0, 0.4, 1.0),
            ],
        ),
    }
    for name, (columns, values) in tables.items():
        pd.DataFrame(values, columns=columns).to_csv(folder / f"{name}.csv", index=False)
    return {name: folder / f"{name}.csv" for name in tables}
