"""The paragraphs of method and limitations of a study, by rule; docs/verdicts.md lists the rules of limitations."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from synface.report.answers import is_published, kind_of


def describe_experiment(name: str, experiment: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """Say what was trained and tested, in one sentence or two."""
    seeds, draws = experiment["seeds"], experiment.get("dataset_seeds")
    often = f"{len(seeds)} times each (seeds {', '.join(map(str, seeds))})" if len(seeds) > 1 else "once each"
    redrawn = [each for each in experiment["train_on"] if kind_of(config, each) != "natural"]
    anew = f" {', '.join(redrawn)} were drawn {len(draws)} times anew." if draws and redrawn else ""
    published = [model for model in experiment["models"] if is_published(model, config)]
    models = [model for model in experiment["models"] if model not in published]
    parts = [f"{', '.join(models)} trained on {', '.join(experiment['train_on'])}, {often}"] if models else []
    parts += [f"{', '.join(published)}, trained elsewhere"] if published else []
    return f"Experiment {name}: {'; '.join(parts)}, and tested on {', '.join(experiment['test_on'])}.{anew}"


def describe_model(name: str, model: Mapping[str, Any]) -> str:
    """Say by which recipe a model was trained, or where a published one is from."""
    if "checkpoint" in model:
        learned = ", ".join(model["trained_on"])
        return (
            f"{name} is the POSTER in {model['checkpoint']}, which learned from {learned} elsewhere; it is tested and "
            "never trained, so no verdict is about it. Its intervals cover other test images."
        )
    size = model["size"] if model["depth"] is None else f"{model['depth']} blocks"
    parts = [f"{name} is POSTER ({size}" + (f", width {model['width']:g}" if model["width"] != 1 else "") + ")"]
    parts.append(f"{'BGR' if model['color_order'] == 'bgr' else 'RGB'} images of {model['input_size']} pixels")
    optimizer = "Adam" if model["optimizer"] == "adam" else f"Adam inside SAM (rho {model['sam_rho']:g})"
    loss = "plain cross-entropy" if model["loss"] == "cross-entropy" else "the published loss"
    parts.append(f"{optimizer}, {loss}")
    length = f"{model['steps']:,} steps" if model["steps"] else f"{model['epochs']} epochs"
    parts.append(f"{length} of batches of {model['batch_size']}")
    parts.append(f"learning rate {model['lr']:g}, times {model['lr_gamma']:g} after each epoch")
    erasing, noise = model["random_erasing"]["probability"], model["additive_noise"]["probability"]
    augmentation = ["mirroring"] if model["horizontal_flip"] else []
    augmentation += ["random erasing"] * bool(erasing) + ["additive noise"] * bool(noise)
    parts.append(f"augmented by {', '.join(augmentation)}" if augmentation else "not augmented")
    begun = [part for part, path in (model.get("pretrained") or {}).items() if path]
    parts.append(f"{' and '.join(begun)} pretrained" if begun else "nothing pretrained")
    chosen = (
        "the last epoch" if model["selection"] == "last" else "the epoch best on a held-out part of the training set"
    )
    return f"{'; '.join(parts)}. The model is {chosen}; no test set was used to choose anything."


def list_limitations(comparisons: pd.DataFrame, config: Mapping[str, Any]) -> list[str]:
    """Return what the study cannot show, a sentence each."""
    return list(_limitations(comparisons, config))


def _limitations(comparisons: pd.DataFrame, config: Mapping[str, Any]) -> Iterator[str]:
    asked = comparisons[comparisons["primary"].astype(bool)]
    experiments = config["experiments"]
    for name, experiment in experiments.items():
        made = [each for each in experiment["train_on"] if kind_of(config, each) != "natural"]
        if made and not experiment.get("dataset_seeds"):
            yield (
                f"Each of {', '.join(made)} is one draw of its recipe ({name}): the luck of that draw is in no "
                "interval. dataset_seeds draws them anew."
            )
        trained = [model for model in experiment["models"] if not is_published(model, config)]
        models = [config["models"][model] for model in trained]
        for model in experiment["models"]:
            if model not in trained:
                yield (
                    f"Whether {model} has seen images of {', '.join(experiment['test_on'])} is not known: what it was "
                    "trained on is not here to be compared with them."
                )
        hybrid = [each for each in made if kind_of(config, each) == "hybrid"]
        if hybrid and not any(model["steps"] for model in models):
            yield (
                f"Models train by epochs, so on {', '.join(hybrid)} they see more images and take more steps ({name}); "
                "a real set repeated to the same size, or a model with steps, would tell that apart."
            )
    if len(asked) and not asked["independent"].astype(bool).any():
        yield "No test set is independent: each shares its collection with a training set that is compared on it."
    small = asked[asked["n"] < 1000]["test_set"].drop_duplicates().tolist() if "n" in asked else []
    if small:
        yield f"{', '.join(small)} have fewer than 1,000 test images; only differences of several points can be found."
    if any("synthetic" in entry for entry in config["datasets"].values()):
        yield (
            "The label of a synthetic face is what its generator was asked for; whether people see that expression "
            "was not asked of anyone."
        )
    yield "Seven labels stand for expressions; accuracy is agreement with a test set's annotators, not with feelings."
