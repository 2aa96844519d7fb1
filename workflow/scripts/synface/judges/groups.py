"""Into which groups faces fall: by skin tone, gender and age as a judge reads them, and by rho."""

import numpy as np
import pandas as pd

GREY = "grey picture"
# Chardon et al. (1991) and Del Bino et al. (2006): the least angle of each group, in degrees.
TONES = (
    ("very light", 55.0),
    ("light", 41.0),
    ("intermediate", 28.0),
    ("tan", 10.0),
    ("brown", -30.0),
    ("dark", -90.0),
)
_AGES = ((20, "to 19"), (40, "20 to 39"), (60, "40 to 59"), (np.inf, "60 and more"))
_GENDERS = ("read as female", "read as male")
_PLACES = {group: place for place, group in enumerate([*_GENDERS, *(name for _, name in _AGES), *dict(TONES), GREY])}
_STEP = 0.25  # of rho


def groups_of(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Return the group of each row of what a judge read, by trait; of a judge that does not tell them, none."""
    found = {}
    if rows["male"].notna().any():
        found["skin tone"] = rows["ita"].map(tone_of)
        found["gender"] = rows["male"].map(lambda share: _GENDERS[int(share > 0.5)])
        found["age"] = rows["age"].map(lambda years: next(name for end, name in _AGES if years < end))
    return found


def tone_of(angle: float) -> str:
    """Return the group of an angle in degrees, or `GREY`."""
    return GREY if np.isnan(angle) else next((name for name, least in TONES if angle > least), TONES[-1][0])


def ranges_of(rho: pd.Series) -> pd.Series:
    """Return the range in which each rho lies, such as "0.50 to 0.75"; a missing value where it is NaN."""
    lower = np.floor(rho.astype(float) / _STEP + 1e-9) * _STEP
    return lower.map(lambda low: f"{low:.2f} to {low + _STEP:.2f}", na_action="ignore")


def places_of(names: pd.Series) -> pd.Series:
    """Return what sorts groups as they follow each other; other names stay as they are."""
    return names.map(_PLACES) if names.name == "group" else names
