"""The weights of the losses' terms, by the settings of a training."""

from synface.settings.generator import GanmutTraining

# The published scripts' own.
_CLASS = {"linear": 1.0, "gaussian": 2.0}


def discriminator_weights(settings: GanmutTraining) -> dict[str, float]:
    """Return the weight of every term of the discriminator's loss."""
    linear = settings.parametrization == "linear"
    return {
        "real": settings.lambda_source,
        "fake": settings.lambda_source,
        "class": _class_weight(settings),
        # Lazily (Karras et al., CVPR 2020): seldom and as much stronger; it is a third of an update's work on the CPU.
        "regularization": settings.lambda_regularization * settings.regularization_every,
        "code": settings.lambda_d_info if linear else settings.lambda_expr,
    }


def generator_weights(settings: GanmutTraining) -> dict[str, float]:
    """Return the weight of every term of the generator's loss."""
    weights = {
        "fake": settings.lambda_source,
        "reconstruction": settings.lambda_rec,
        "class": _class_weight(settings),
    }
    if settings.parametrization == "linear":
        own = {"strength": settings.lambda_g_strength, "code": settings.lambda_g_info, "pairs": settings.lambda_pairs}
        return {**weights, **own}
    return {**weights, "prediction": settings.lambda_prediction}


def _class_weight(settings: GanmutTraining) -> float:
    return _CLASS[settings.parametrization] if settings.lambda_cls is None else settings.lambda_cls
