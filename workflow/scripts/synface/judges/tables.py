"""The files of what judges read: for each judge and set a table and, in the same order, arrays.

The arrays are ``features`` [N, D] and, of a judge that tells them, ``points`` [N, 68, 2] and ``identities`` [N, 128];
of edited faces also ``portraits`` [N, 128], the identities before the edit.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from synface.core.files import atomic_path
from synface.core.tables import read_table

READ = ["read", "intended", "age", "male", "ita"]
"""The emotion that is read, the probability of the labelled one; of judges that tell them age in years, probability of
"male" and the skin's typology angle in degrees."""
SET = ["dataset", "source_id", "split", "label", *READ]
EDITS = [
    *("dataset", "source_id", "split", "label", "rho", *READ, "read_before", "intended_before"),
    *("own", "others", "nearest", "along", "skin", "around"),
]
PORTRAITS = "portraits"
_TEXT = ["dataset", "source_id", "split", "label", "read", "read_before"]


def read_judged(table: Path | str) -> pd.DataFrame:
    """Return a table that `judge_set` or `judge_edits` wrote."""
    return read_table(table, text=_TEXT, columns=SET)


def read_arrays(arrays: Path | str) -> dict[str, np.ndarray]:
    """Return the arrays beside such a table, float32."""
    with np.load(arrays) as file:
        return dict(file)


def write_arrays(arrays: Mapping[str, np.ndarray], path: Path | str) -> None:
    """Write them."""
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **{name: np.ascontiguousarray(value, np.float32) for name, value in arrays.items()})
