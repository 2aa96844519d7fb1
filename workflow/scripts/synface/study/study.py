"""What a study comes down to: the datasets, trainings and evaluations that its experiments ask for.

All functions take the configuration complete with its defaults (`synface.study.config`) and return names in its order.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Config = dict[str, Any]


def named(config: Config, table: str, kind: str) -> list[str]:
    """Return the names in ``table`` that have the key ``kind``, such as the datasets that are ``natural``."""
    return [name for name, entry in config[table].items() if kind in entry]


def edits_in_use(config: Config, edit: str) -> list[dict[str, Any]]:
    """Return the synthetic datasets' settings that use ``edit``, in the order of the configuration."""
    settings = (entry["synthetic"] for entry in config["datasets"].values() if "synthetic" in entry)
    return [entry for entry in settings if entry["edit"] == edit]


def demands(config: Config, edit: str) -> list[tuple[str, float]]:
    """Return the distinct (reference dataset, fraction) pairs whose counts ``edit`` must be able to fill, sorted."""
    return sorted({(entry["like"], float(entry["fraction"])) for entry in edits_in_use(config, edit)})


def evaluations(config: Config) -> list[dict[str, Any]]:
    """Return one entry per experiment, model, train set, seed and test set, in the order of the configuration."""
    return [
        {"experiment": name, "model": model, "train_set": train_set, "seed": seed, "test_set": test_set}
        for name, experiment in config["experiments"].items()
        for model in experiment["models"]
        for train_set in experiment["train_on"]
        for seed in experiment["seeds"]
        for test_set in experiment["test_on"]
    ]


def evaluated_pairs(config: Config) -> list[dict[str, str]]:
    """Return the distinct (model, train_set, test_set), over all experiments and seeds."""
    keys = ("model", "train_set", "test_set")
    return [dict(zip(keys, pair, strict=True)) for pair in _distinct(evaluations(config), keys)]


def trainings(config: Config, model: str) -> list[dict[str, Any]]:
    """Return the distinct trainings of ``model``: the name of the train set and the seed."""
    cells = [cell for cell in evaluations(config) if cell["model"] == model]
    return [{"name": train_set, "seed": seed} for train_set, seed in _distinct(cells, ("train_set", "seed"))]


def seeds_of(config: Config, model: str, train_set: str, test_set: str) -> list[int]:
    """Return the seeds with which this cell is evaluated."""
    cells = _distinct(evaluations(config), ("model", "train_set", "test_set", "seed"))
    return [seed for *cell, seed in cells if cell == [model, train_set, test_set]]


def models_in_use(config: Config) -> list[str]:
    """Return the models that an experiment asks for, in the order of the configuration."""
    used = {cell["model"] for cell in evaluations(config)}
    return [name for name in config["models"] if name in used]


def published_experiments(config: Config) -> list[str]:
    """Return the experiments whose results are to be set beside the study's published numbers."""
    return [name for name, experiment in config["experiments"].items() if experiment["published"]]


def _distinct(cells: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> list[tuple]:
    return list(dict.fromkeys(tuple(cell[key] for key in keys) for cell in cells))


def datasets_in_use(config: Config) -> list[str]:
    """Return every dataset that an experiment trains or tests on, in the order of the catalogue."""
    used = {entry[role] for entry in evaluations(config) for role in ("train_set", "test_set")}
    return [name for name in config["datasets"] if name in used]


def parts_of(config: Config, dataset: str) -> list[str]:
    """Return the datasets that ``dataset`` is made of: its own name, or what a merge comes down to."""
    entry = config["datasets"][dataset]
    if "merge" not in entry:
        return [dataset]
    return [name for part in entry["merge"] for name in parts_of(config, part["dataset"])]


def synthetic_in_use(config: Config) -> list[str]:
    """Return the synthetic datasets behind what the experiments use, in the order of the catalogue."""
    used = {part for name in datasets_in_use(config) for part in parts_of(config, name)}
    return [name for name in named(config, "datasets", "synthetic") if name in used]


def generators_in_use(config: Config) -> list[str]:
    """Return the generators that edit for the synthetic datasets in use, in the order of the catalogue."""
    edits = {config["datasets"][name]["synthetic"]["edit"] for name in synthetic_in_use(config)}
    used = {config["edits"][edit]["generator"] for edit in edits}
    return [name for name in config["generators"] if name in used]


def rejecting(config: Config) -> list[str]:
    """Return what lists rejects behind the datasets in use: sources, natural sets and synthetic sets, by name."""
    parts = dict.fromkeys(part for name in datasets_in_use(config) for part in parts_of(config, name))
    edits = [config["edits"][config["datasets"][name]["synthetic"]["edit"]] for name in synthetic_in_use(config)]
    return [*dict.fromkeys(edit["source"] for edit in edits), *(name for name in config["datasets"] if name in parts)]


def rejects_of(config: Config, name: str) -> str:
    """Return the path of the rejects that the source or dataset ``name`` lists."""
    if name in config["sources"]:
        return f"results/sources/{name}/rejects.csv"
    folder = "datasets" if "natural" in config["datasets"][name] else "synthetic"
    return f"results/{folder}/{name}/rejects.csv"
