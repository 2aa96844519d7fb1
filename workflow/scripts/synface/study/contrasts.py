"""Which cells of (model, training set) are compared, which of that was asked beforehand, and in what they differ."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from synface.settings.dataset import SyntheticSet
from synface.settings.experiment import Contrast, Experiment
from synface.settings.keys import plain
from synface.study.config import Configuration, is_natural, is_published, parts_of, size_of

Cell = tuple[str, str]  # model, training set

# How something is made, or a name: no image depends on it.
_NO_DIFFERENCE = ("edit", "shards", "spares", "obtain", "made_by", "trained_on", "test_batch_size")


def contrasts_of(config: Configuration) -> list[dict[str, Any]]:
    """Return every contrast: experiment, model, train_set, baseline_model, baseline, primary_on and differ_in.

    ``primary_on`` are the test sets on which it was asked beforehand; ``differ_in`` is in what the two differ, where
    that is more than one thing. Cells that differ in one of model and training set are compared, the later one with the
    earlier, and whatever is asked.
    """
    found = []
    for name, experiment in config.experiments.items():
        asked = _asked_in(config, experiment)
        models = _trained_in(config, experiment)
        cells = [(model, train_set) for model in models for train_set in experiment.train_on]
        near = [
            (second, first)
            for first, second in combinations(cells, 2)
            if (first[0] == second[0]) != (first[1] == second[1]) and (first, second) not in asked
        ]
        for cell, baseline in [*near, *(pair for pair in asked if pair not in near)]:
            found.append(
                {
                    "experiment": name,
                    "model": cell[0],
                    "train_set": cell[1],
                    "baseline_model": baseline[0],
                    "baseline": baseline[1],
                    "primary_on": asked.get((cell, baseline), []),
                    "differ_in": ", ".join(differences(config, cell, baseline)),
                }
            )
    return found


def _trained_in(config: Configuration, experiment: Experiment) -> list[str]:
    """Return the models of an experiment that are trained here: of others, nothing about training sets is known."""
    return [model for model in experiment.models if not is_published(config, model)]


def _asked_in(config: Configuration, experiment: Experiment) -> dict[tuple[Cell, Cell], list[str]]:
    """Return the test sets on which each (cell, baseline) was asked about."""
    tests = [name for name in experiment.test_on if is_natural(config, name)] or experiment.test_on
    asked: dict[tuple[Cell, Cell], list[str]] = {}
    for each in experiment.contrasts or _asked_by_default(config, experiment):
        for model in [each.model] if each.model else _trained_in(config, experiment):
            pair = (model, each.train_set), (each.baseline_model or model, each.baseline)
            if pair[0] != pair[1]:
                on = asked.setdefault(pair, [])
                on += [name for name in each.test_on or tests if name not in on]
    return asked


def _asked_by_default(config: Configuration, experiment: Experiment) -> Iterator[Contrast]:
    """Yield every training set with synthetic faces against the first natural one.

    Where there is nothing of the kind, every training set against the first.
    """
    train_sets = experiment.train_on
    if not train_sets:
        return
    natural = [name for name in train_sets if is_natural(config, name)]
    baseline = natural[0] if natural else train_sets[0]
    asked = [name for name in train_sets if name not in natural and name != baseline]
    for name in asked or [name for name in train_sets if name != baseline]:
        yield Contrast(train_set=name, baseline=baseline)


def differences(config: Configuration, cell: Cell, baseline: Cell) -> list[str]:
    """Return in words in what two cells differ, if that is more than one thing; none otherwise.

    The keys of two synthetic sets' edits and recipes, or what a merge has and the other has not; the number of training
    images, and of steps where models train by epochs; the keys of the models.
    """
    (model, train_set), (other_model, other_set) = cell, baseline
    found = []
    if train_set != other_set:
        found += _differing_recipes(config, train_set, other_set)
    sized = size_of(config, train_set) != size_of(config, other_set)
    found += ["the number of training images"] if sized else []
    if model != other_model:
        settings = [plain(config.models[name]) for name in (model, other_model)]
        found += [key for key in settings[0] if settings[0][key] != settings[1][key] and key not in _NO_DIFFERENCE]
    elif sized and config.models[model].steps is None:
        found.append("the number of steps")
    return found if len(found) > 1 else []


def _recipe(config: Configuration, entry: SyntheticSet) -> dict[str, Any]:
    edit = plain(config.edits[entry.synthetic.edit])
    return {"generator": edit.get("made_by"), **edit, **plain(entry.synthetic), "fraction": None}


def _differing_recipes(config: Configuration, first: str, second: str) -> list[str]:
    entries = [config.datasets[name] for name in (first, second)]
    if all(isinstance(entry, SyntheticSet) for entry in entries):
        one, other = (_recipe(config, entry) for entry in entries)
        # What only one of two generators is told is no second difference.
        return [key for key in one if key in other and one[key] != other[key] and key not in _NO_DIFFERENCE]
    parts = [set(parts_of(config, name)) for name in (first, second)]
    labels = [getattr(entry, "labels", "kept") for entry in entries]
    found = ["the labels"] if labels[0] != labels[1] else []
    if not parts[0] & parts[1]:
        return ["the faces", *found]
    own = [[name for name in config.datasets if name in side - other] for side, other in (parts, parts[::-1])]
    if all(own):  # one thing, put in the other's place
        return [f"the faces ({' and '.join(own[0])} in place of {' and '.join(own[1])})", *found]
    return [*(f"the faces of {name}" for name in (*own[0], *own[1])), *found]
