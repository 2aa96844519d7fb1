"""The settings of a GANmut training, with the published values as defaults."""

from collections.abc import Mapping
from typing import Any

from synface.core.errors import InputError

DEFAULTS: Mapping[str, Any] = {
    "parametrization": "linear",  # or "gaussian"
    "iterations": 2_000_000,  # updates of the discriminator
    "classes_first": 0,  # of these iterations, the first ones that only teach the discriminator the classes
    "batch_size": 16,
    "critic_steps": 5,  # updates of the discriminator per update of the generator
    "learning_rate": 1e-4,  # of both, Adam with betas 0.5 and 0.999
    "image_size": 128,
    "width": 64,
    "blocks": 6,
    "masked": False,  # the generator repaints a part of the face, and says which, instead of all of it
    "discriminator_width": 64,
    "discriminator_depth": 6,
    "regularization": "gp",  # or "r1"
    "regularization_every": 1,  # updates of the discriminator; the weight grows by the same factor
    "augmentation": "published",  # or "smooth": as far, but interpolated, about the same size, without a black border
    "cycle": "approximate",  # or "original"; linear only
    "adversarial": "wasserstein",  # or "logistic"
    "instance_noise": 0.0,  # standard deviation of what is added to all that the discriminator sees, in [-1, 1]
    "lambda_source": 1.0,  # what tells generated faces from real ones
    "lambda_cls": None,  # 1 for linear, 2 for gaussian
    "lambda_rec": 10.0,
    "lambda_regularization": 10.0,
    "lambda_g_strength": 1.0,  # linear only
    "lambda_d_info": 1.0,  # linear only
    "lambda_g_info": 1.0,  # linear only
    "lambda_expr": 1.0,  # gaussian only
    "lambda_prediction": 0.5,  # gaussian only
    "balanced": False,  # every class equally often in a batch
    "average": 0.0,  # decay of the running average of the generator's weights, which is then the result; 0 = none
    "initialization": "default",  # PyTorch's, as published, or "he": sooner classes, no checkerboards
    "precision": "float32",  # or "bfloat16"
    "seed": 1,
    "history_every": 100,  # iterations averaged into one row of the history
}

_CHOICES = {
    "parametrization": ("linear", "gaussian"),
    "regularization": ("gp", "r1"),
    "adversarial": ("wasserstein", "logistic"),
    "augmentation": ("published", "smooth"),
    "cycle": ("approximate", "original"),
    "initialization": ("default", "he"),
    "precision": ("float32", "bfloat16"),
}
# The published losses leave out the first 5 items (linear) or use the first 7 (Gaussian) of a batch.
_SMALLEST_BATCH = {"linear": 6, "gaussian": 7}


def complete(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``settings`` with the defaults filled in; `InputError` for an unknown key or an impossible value."""
    unknown = sorted(set(settings) - set(DEFAULTS))
    if unknown:
        raise InputError(f"unknown GANmut setting {unknown[0]!r}; expected one of {', '.join(DEFAULTS)}")
    full = {**DEFAULTS, **settings}
    for key, choices in _CHOICES.items():
        if full[key] not in choices:
            raise InputError(f"GANmut setting {key} is {full[key]!r}; expected one of {', '.join(choices)}")
    if full["lambda_cls"] is None:
        full["lambda_cls"] = 1.0 if full["parametrization"] == "linear" else 2.0
    smallest = _SMALLEST_BATCH[full["parametrization"]]
    if full["batch_size"] < smallest:
        raise InputError(
            f"GANmut setting batch_size is {full['batch_size']}; the losses of the {full['parametrization']} model "
            f"need at least {smallest}"
        )
    if full["image_size"] % 4:
        raise InputError(f"GANmut setting image_size is {full['image_size']}; expected a multiple of 4")
    return full


def discriminator_weights(settings: Mapping[str, Any]) -> dict[str, float]:
    """Return the weight of every term of the discriminator's loss."""
    linear = settings["parametrization"] == "linear"
    return {
        "real": settings["lambda_source"],
        "fake": settings["lambda_source"],
        "class": settings["lambda_cls"],
        # Lazily (Karras et al., CVPR 2020): seldom and as much stronger; it is a third of an update's work on the CPU.
        "regularization": settings["lambda_regularization"] * settings["regularization_every"],
        "code": settings["lambda_d_info"] if linear else settings["lambda_expr"],
    }


def generator_weights(settings: Mapping[str, Any]) -> dict[str, float]:
    """Return the weight of every term of the generator's loss."""
    weights = {
        "fake": settings["lambda_source"],
        "reconstruction": settings["lambda_rec"],
        "class": settings["lambda_cls"],
    }
    if settings["parametrization"] == "linear":
        return {**weights, "strength": settings["lambda_g_strength"], "code": settings["lambda_g_info"]}
    return {**weights, "prediction": settings["lambda_prediction"]}
