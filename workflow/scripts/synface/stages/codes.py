"""The codes of an edit: the point in the generator's space of emotions at which each portrait is edited.

GANmut (d'Apolito et al., CVPR 2021) conditions its linear generator on rho * (cos theta, sin theta), where theta is the
direction of an emotion, rho its intensity and the origin neutral; its Gaussian generator on a point near the mean of
the emotion's Gaussian. Ranges of rho and theta follow the study's choice, made by looking at edited faces.
"""

import math
from collections.abc import Mapping
from typing import Any

from synface.core.draws import keyed_generator
from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.settings.edit import Planning
from synface.settings.keys import Interval
from synface.settings.reading import message_of

DECIMALS = 6  # of codes: far finer than an image of 8 bits shows, and the same text on every machine

Code = tuple[float | None, float | None, float, float]
"""theta (radians, in (-pi, pi]) and rho, both None for a Gaussian generator; then x and y of the code."""


class Codes:
    """Draws the code of each portrait from what the configuration says of an edit and the generator of its gamut.

    A Gaussian generator needs ``at``: ``class-mean``, or ``class-gaussian`` for N(mean, covariance) clipped to the
    generator's square [-1, 1]^2.

    A linear generator takes ``at: class-mean``: the class axis at one ``rho`` (default 1, the length of the axes in
    training), neutral at the origin. Or, without ``at``: ``rho`` as a number or [low, high], ``neutral_rho`` likewise
    (neutral lies in any direction), ``theta_jitter`` (half-width in degrees around the axis) and
    ``ranges: {emotion: {theta: [from, to] in degrees, counterclockwise, rho: number or [low, high]}}`` for the
    emotions whose region was chosen by looking. Intervals are drawn from uniformly.
    """

    def __init__(self, gamut: Mapping[str, Any], settings: Planning, edit: str) -> None:
        """Take the settings of the configuration's key ``edit``; `InputError` when they do not fit ``gamut``."""
        if problems := list(settings.misfits(edit, gamut["parametrization"])):
            raise InputError(message_of(problems))
        self.seed, self.at, self.classes = settings.seed, settings.at, gamut["classes"]
        self.gaussian = gamut["parametrization"] == "gaussian"
        if self.gaussian:
            return
        fixed = self.at == "class-mean"
        rho = 1.0 if fixed and settings.rho is None else settings.rho
        self.rho, self.theta = {}, {}
        for label in LABELS:
            region = settings.ranges.get(label)
            if label == "neutral":
                self.theta[label] = (-math.pi, math.pi)
                self.rho[label] = (0.0, 0.0) if fixed else _interval(settings.neutral_rho)
            else:
                axis, width = self.classes[label]["theta"], math.radians(settings.theta_jitter)
                self.theta[label], self.rho[label] = (axis - width, axis + width), _interval(rho)
            if region is not None and region.theta is not None:
                self.theta[label] = _sector(region.theta)
            if region is not None and region.rho is not None:
                self.rho[label] = _interval(region.rho)

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


def _interval(value: float | Interval) -> Interval:
    return value if isinstance(value, tuple) else (value, value)


def _sector(degrees: Interval) -> Interval:
    """Radians from a sector in degrees, counterclockwise: [170, -170] is the 20 degrees around 180."""
    start, end = degrees
    return math.radians(start), math.radians(end + 360 if end < start else end)
