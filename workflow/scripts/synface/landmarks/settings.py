"""The settings of a landmark training: defaults, and a check of what the config gives instead."""

from collections.abc import Mapping
from typing import Any

from synface.core.errors import InputError

DEFAULTS: Mapping[str, Any] = {
    "width": 1.0,  # factor on all channel numbers, as POSTER's
    "input_size": 224,  # POSTER's; the landmark network sees half of it
    "color_order": "rgb",
    "epochs": 60,
    "batch_size": 32,
    "lr": 2e-3,  # of Adam at the start; falls to 0 along a half cosine
    "rotation": 10.0,  # greatest angle in degrees
    "zoom": 0.1,  # greatest change of size, as a fraction
    "shift": 0.05,  # greatest shift in each direction, as a fraction of the side
    "brightness": 0.2,  # greatest change of brightness, as a fraction
    "horizontal_flip": 0.5,
    "validation_fraction": 0.1,
    "seed": 1,
}


def complete(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``settings`` with the defaults filled in; `InputError` for an unknown key or an impossible value."""
    unknown = sorted(set(settings) - set(DEFAULTS))
    if unknown:
        raise InputError(f"landmarks: unknown key {unknown[0]}; expected one of {', '.join(DEFAULTS)}")
    full = {**DEFAULTS, **settings}
    for key, least in (("epochs", 1), ("batch_size", 2), ("input_size", 32)):
        if full[key] < least:
            raise InputError(f"landmarks: {key} is {full[key]}; expected at least {least}")
    if full["input_size"] % 2:
        raise InputError(f"landmarks: input_size is {full['input_size']}; expected an even number, as POSTER's")
    for key in ("width", "lr"):
        if full[key] <= 0:
            raise InputError(f"landmarks: {key} is {full[key]}; expected more than 0")
    for key in ("zoom", "validation_fraction"):
        if not 0 <= full[key] < 1:
            raise InputError(f"landmarks: {key} is {full[key]}; expected between 0 and 1")
    return full
