"""The codes of an edit: the point in the generator's space of emotions at which each portrait is edited.

GANmut (d'Apolito et al., CVPR 2021) conditions its linear generator on rho * (cos theta, sin theta), where theta is the
direction of an emotion, rho its intensity and the origin neutral; its Gaussian generator on a point near the mean of
the emotion's Gaussian. Ranges of rho and theta follow the study's choice, made by looking at edited faces.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from synface.core.draws import keyed_generator
from synface.core.emotions import LABELS
from synface.core.errors import InputError

NEUTRAL_RHO = (0.0, 0.1)
DECIMALS = 6  # of codes: far finer than an image of 8 bits shows, and the same text on every machine

Code = tuple[float | None, float | None, float, float]
"""theta (radians, in (-pi, pi]) and rho, both None for a Gaussian generator; then x and y of the code."""


class Codes:
    """Draws the code of each portrait from what the config says about an edit and the generator about its gamut.

    A Gaussian generator needs ``at``: ``class-mean``, or ``class-gaussian`` for N(mean, covariance) clipped to the
    generator's square [-1, 1]^2.

    A linear generator takes ``at: class-mean``: the class axis at one ``rho`` (default 1, the length of the axes in
    training), neutral at the origin. Or, without ``at``: ``rho`` as a number or [low, high], ``neutral_rho`` likewise
    (neutral lies in any direction), ``theta_jitter`` (half-width in degrees around the axis) and
    ``ranges: {emotion: {theta: [from, to] in degrees, counterclockwise, rho: number or [low, high]}}`` for the
    emotions whose region was chosen by looking. Intervals are drawn from uniformly.
    """

    def __init__(self, gamut: Mapping[str, Any], settings: Mapping[str, Any], edit: str) -> None:
        """Check that ``settings`` of the config key ``edit`` fit ``gamut``; raise `InputError` otherwise."""
        self.seed = settings["seed"]
        self.at = settings.get("at")
        self.classes = gamut["classes"]
        self.gaussian = gamut["parametrization"] == "gaussian"
        rho, ranges = settings.get("rho"), settings.get("ranges") or {}
        neutral_rho = _interval(settings.get("neutral_rho", NEUTRAL_RHO), f"{edit}.neutral_rho")
        jitter = settings.get("theta_jitter", 0)
        varies = ranges or jitter or neutral_rho != NEUTRAL_RHO
        if self.gaussian:
            if self.at not in ("class-mean", "class-gaussian"):
                raise InputError(f"{edit}: a Gaussian generator needs `at: class-mean` or `at: class-gaussian`")
            if rho is not None or varies:
                raise InputError(
                    f"{edit}: rho, neutral_rho, theta_jitter and ranges are for a linear generator, "
                    "this one is Gaussian; give `at` alone"
                )
            return
        if self.at == "class-gaussian":
            raise InputError(f"{edit}.at: class-gaussian needs a Gaussian generator, this one is linear; give `rho`")
        if self.at is None and rho is None:
            raise InputError(f"{edit}: a linear generator needs `rho` (a number or [low, high]) or `at: class-mean`")
        if self.at == "class-mean":
            rho = 1.0 if rho is None else rho
            if varies or isinstance(rho, Sequence):
                raise InputError(
                    f"{edit}.at: class-mean with a linear generator is the class axis at one intensity; "
                    "give one `rho`, or remove `at` to draw from ranges"
                )
            neutral_rho = (0.0, 0.0)
        self._set_ranges(_interval(rho, f"{edit}.rho"), neutral_rho, jitter, ranges, edit)

    def _set_ranges(self, rho: tuple, neutral_rho: tuple, jitter: float, ranges: Mapping, edit: str) -> None:
        self.rho, self.theta = {}, {}
        for label in LABELS:
            if label == "neutral":
                self.theta[label], self.rho[label] = (-math.pi, math.pi), neutral_rho
            else:
                axis, width = self.classes[label]["theta"], math.radians(jitter)
                self.theta[label], self.rho[label] = (axis - width, axis + width), rho
        for label, given in ranges.items():
            where = f"{edit}.ranges.{label}"
            if label not in LABELS:
                raise InputError(f"{where}: unknown emotion; expected one of {', '.join(LABELS)}")
            if "theta" in given:
                self.theta[label] = _sector(given["theta"], f"{where}.theta")
            if "rho" in given:
                self.rho[label] = _interval(given["rho"], f"{where}.rho")

    def draw(self, label: str, source_id: str) -> Code:
        """Return the code that turns the portrait ``source_id`` into ``label``."""
        if self.gaussian:
            return self._draw_point(label, source_id)
        theta = _uniform(self.seed, "theta", source_id, *self.theta[label])
        theta = math.pi - (math.pi - theta) % (2 * math.pi)  # into (-pi, pi]
        theta = round(theta, DECIMALS)
        rho = round(_uniform(self.seed, "rho", source_id, *self.rho[label]), DECIMALS)
        return theta, rho, round(rho * math.cos(theta), DECIMALS) + 0.0, round(rho * math.sin(theta), DECIMALS) + 0.0

    def _draw_point(self, label: str, source_id: str) -> Code:
        x, y = self.classes[label]["mean"]
        if self.at == "class-gaussian":
            (a, b), (_, c) = self.classes[label]["covariance"]
            first, second = keyed_generator(self.seed, "gaussian", source_id).standard_normal(2)
            # The Cholesky factor of a 2 x 2 matrix, written out: the same digits with every linear algebra library.
            left = math.sqrt(a)
            below = b / left if left > 0 else 0.0
            x, y = x + left * first, y + below * first + math.sqrt(max(c - below * below, 0.0)) * second
        return None, None, *(round(min(max(float(value), -1.0), 1.0), DECIMALS) + 0.0 for value in (x, y))


def _uniform(seed: int, purpose: str, item: str, low: float, high: float) -> float:
    return low + (high - low) * float(keyed_generator(seed, purpose, item).random())


def _interval(value: float | Sequence[float], key: str) -> tuple[float, float]:
    low, high = value if isinstance(value, Sequence) and len(value) == 2 else (value, value)
    if not all(isinstance(end, (int, float)) for end in (low, high)) or not 0 <= low <= high:
        raise InputError(f"{key}: expected a number from 0 or [low, high], found {value}")
    return float(low), float(high)


def _sector(degrees: Sequence[float], key: str) -> tuple[float, float]:
    """Radians from a sector in degrees, counterclockwise: [170, -170] is the 20 degrees around 180."""
    start, end = degrees
    if end < start:
        end += 360
    if not 0 <= end - start <= 360:
        raise InputError(f"{key}: expected [from, to] in degrees, at most once around, found {degrees}")
    return math.radians(start), math.radians(end)
