"""The codes at which the atlas shows a generator: a grid over its space, and a strip from neutral to each emotion.

In the linear space the grid is polar, as regions of an edit are: every axis is one of its directions, so that a face
of a run at an axis is one of the page's. In the Gaussian space it is a square, and the strips lead to the means.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from synface.core.emotions import LABELS
from synface.stages.codes import DECIMALS

LEVELS = (0.2, 0.4, 0.6, 0.8, 1.0, 1.2)
"""Intensities rho of a linear space, beside 0."""
STEP = 15.0  # degrees between two directions, about
SIDE = 11  # codes per side of the square
STEPS = 5  # from the mean of neutral to that of another class
_HALF_WIDTH, _RHO, _NEUTRAL_RHO = 15, (0.5, 1.2), (0.0, 0.1)


@dataclass(frozen=True)
class Grid:
    """The codes of an atlas.

    Attributes:
        codes: float64 [N, 2], to `DECIMALS`. Linear: the origin, then level by level all directions. Gaussian: the
            square row by row from below, then what the strips need besides.
        directions: of a linear space, radians, see `directions_between`; empty for a Gaussian one.
        levels: rho of a linear space without 0; of a Gaussian one the values of either coordinate.
        strips: per emotion the numbers of the codes from neutral to it, neutral first.
    """

    codes: np.ndarray
    directions: list[float]
    levels: list[float]
    strips: dict[str, list[int]]


def grid_of(gamut: Mapping[str, Any]) -> Grid:
    """Return the grid for what gamut.json says of a generator."""
    return _polar(gamut["classes"]) if gamut["parametrization"] == "linear" else _square(gamut["classes"])


def regions_of(gamut: Mapping[str, Any]) -> dict[str, dict[str, list[float]]]:
    """Return the regions that a linear generator's page begins with, as `edits.*.ranges`; none for a Gaussian one."""
    if gamut["parametrization"] != "linear":
        return {}
    regions = {}
    for label in LABELS:
        if label == "neutral":
            regions[label] = {"theta": [-180, 180], "rho": list(_NEUTRAL_RHO)}
            continue
        axis = round(math.degrees(gamut["classes"][label]["theta"]))
        ends = (axis - _HALF_WIDTH, axis + _HALF_WIDTH)
        regions[label] = {"theta": [180 - (180 - end) % 360 for end in ends], "rho": list(_RHO)}
    return regions


def directions_between(axes: Sequence[float], step: float = STEP) -> list[float]:
    """Return the axes and what lies evenly between neighbors, about ``step`` degrees apart.

    Args:
        axes: angles in radians, in (-pi, pi].
        step: degrees.

    Returns:
        Angles in radians in (-pi, pi], ascending, to `DECIMALS` as those of a run.
    """
    ordered = sorted(axes)
    found = []
    for start, end in zip(ordered, [*ordered[1:], ordered[0] + 2 * math.pi], strict=True):
        parts = max(1, round(math.degrees(end - start) / step))
        found += [start + (end - start) * part / parts for part in range(parts)]
    return sorted(round(angle if angle < math.pi + 1e-9 else angle - 2 * math.pi, DECIMALS) for angle in found)


def _polar(classes: Mapping[str, Any]) -> Grid:
    axes = {label: classes[label]["theta"] for label in LABELS if label in classes}
    directions = directions_between(list(axes.values()))
    codes = [(0.0, 0.0)]
    codes += [(rho * math.cos(theta), rho * math.sin(theta)) for rho in LEVELS for theta in directions]
    strips = {}
    for label, axis in axes.items():
        place = int(np.argmin(np.abs(np.array(directions) - axis)))
        strips[label] = [0, *(1 + level * len(directions) + place for level in range(len(LEVELS)))]
    return Grid(_rounded(codes), directions, list(LEVELS), strips)


def _square(classes: Mapping[str, Any]) -> Grid:
    line = np.linspace(-1, 1, SIDE)
    codes = [(x, y) for y in line for x in line]
    start = np.array(classes["neutral"]["mean"])
    strips = {}
    first = len(codes)
    codes.append(tuple(start))
    for label in (label for label in LABELS if label != "neutral"):
        way = np.array(classes[label]["mean"]) - start
        strips[label] = [first, *range(len(codes), len(codes) + STEPS)]
        codes += [tuple(start + way * step / STEPS) for step in range(1, STEPS + 1)]
    return Grid(_rounded(codes).clip(-1, 1), [], [round(float(value), DECIMALS) for value in line], strips)


def _rounded(codes: Sequence[tuple[float, float]]) -> np.ndarray:
    return np.array(codes, dtype=float).round(DECIMALS) + 0.0
