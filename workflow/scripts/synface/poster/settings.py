"""The settings of a training: the report's recipe as defaults, and a check of what the config gives instead."""

import copy
from collections.abc import Mapping
from typing import Any

from synface.core.errors import InputError

# The report (section 4.2) trained with the published script: Adam inside SAM and the published loss, at its own
# learning rate, batch size and number of epochs. The published RAF-DB recipe differs by config alone.
DEFAULTS: Mapping[str, Any] = {
    "size": "large",
    "token_mixing": True,
    "width": 1.0,
    "depth": None,
    "input_size": 224,
    "drop_path": 0.1,
    "color_order": "rgb",
    "pretrained": {"ir50": None, "mobilefacenet": None},
    "freeze_landmarks": True,
    "landmark_batch_statistics": False,
    "epochs": 50,
    "batch_size": 64,
    "lr": 1.5e-5,
    "betas": [0.9, 0.999],
    "lr_gamma": 0.98,
    "optimizer": "sam",
    "sam_rho": 0.05,
    "loss": "published",
    "label_smoothing": 0.2,
    "sampler": "shuffle",
    "horizontal_flip": 0.5,
    "random_erasing": {"probability": 0.5, "scale": [0.02, 0.1], "ratio": [0.3, 3.3]},
    "additive_noise": {"probability": 0.0, "variance": 30.0},
    "selection": "last",
    "validation_fraction": 0.1,
    "precision": "float32",
    "channels_last": True,
    "compile": False,
}

CHOICES: Mapping[str, tuple[str, ...]] = {
    "size": ("large", "base", "small"),
    "color_order": ("rgb", "bgr"),
    "optimizer": ("sam", "adam"),
    "loss": ("published", "cross-entropy"),
    "sampler": ("shuffle", "balanced"),
    "selection": ("last", "best-on-validation"),
    "precision": ("float32", "bfloat16"),
}


def complete(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``settings`` with every default filled in; `InputError` names an unknown key or value."""
    completed = _merge(DEFAULTS, settings, "")
    for key, allowed in CHOICES.items():
        if completed[key] not in allowed:
            raise InputError(f"models: {key} is {completed[key]!r}; expected one of {', '.join(allowed)}")
    for key in ("epochs", "batch_size"):
        if completed[key] < 1:
            raise InputError(f"models: {key} is {completed[key]}; expected at least 1")
    if not 0 < completed["validation_fraction"] < 1:
        raise InputError(f"models: validation_fraction is {completed['validation_fraction']}; expected between 0 and 1")
    return completed


def _merge(defaults: Mapping[str, Any], given: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    merged = copy.deepcopy(dict(defaults))
    for key, value in given.items():
        if key not in defaults:
            raise InputError(f"models: unknown key {prefix}{key}; expected one of {', '.join(defaults)}")
        if isinstance(defaults[key], Mapping):
            value = _merge(defaults[key], value or {}, f"{prefix}{key}.")
        merged[key] = value
    return merged
