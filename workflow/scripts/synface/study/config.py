"""The configuration as a whole: read by its description, and checked for what no single key can show.

All mistakes are reported at once, before any job, each with the path of its key.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from synface.core.errors import InputError
from synface.settings.action_units import ActionUnitNetwork
from synface.settings.dataset import (
    Dataset,
    ExternalSet,
    Imported,
    MergedSet,
    NaturalSet,
    SyntheticSet,
    TableColumns,
)
from synface.settings.drawing import Drawing
from synface.settings.edit import Edit, GeneratorEdit, varies_rho
from synface.settings.experiment import LEAST_SIZES, Experiment, Report, Statistics
from synface.settings.generator import Generator, TrainedGenerator
from synface.settings.judge import TELLS_GROUPS, Judge
from synface.settings.keys import Key, Problem, key, references
from synface.settings.landmarks import LandmarkNetwork
from synface.settings.model import ELSEWHERE, Model, PublishedModel
from synface.settings.reading import message_of, nearest, read_value
from synface.settings.source import Source
from synface.study.parametrization import built_of, parametrization_of


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """A synface study: tables of named things, and the experiments that ask about them.

    Names consist of letters, digits, '-', '_' and '.'.
    """

    drawings: Mapping[str, Drawing] = key({})
    """Faces that the project draws itself, written to results/drawings/{name} in the layouts that users have."""
    sources: Mapping[str, Source] = key({})
    """Folders or zip files of portraits to be edited, such as FFHQ."""
    generators: Mapping[str, Generator] = key({})
    """GANmut generators, published (checkpoint) or trained here (train_on)."""
    edits: Mapping[str, Edit] = key({})
    """Which portraits become which emotion, by a GANmut (generator) or by another generator (patches)."""
    datasets: Mapping[str, Dataset] = key()
    """The catalogue of datasets; each is natural, synthetic or a merge of others."""
    landmarks: Mapping[str, LandmarkNetwork] = key({})
    """Landmark networks trained here, written to results/landmarks/{name}/mobilefacenet.safetensors for models."""
    action_units: Mapping[str, ActionUnitNetwork] = key({})
    """Image networks trained here, written to results/action_units/{name}/ir50.safetensors for models."""
    models: Mapping[str, Model] = key()
    """The classifiers, trained here or published (checkpoint)."""
    experiments: Mapping[str, Experiment] = key()
    """The questions; each trains every model on every train_on with every seed and tests it on every test_on."""
    judges: Mapping[str, Judge] = key({})
    """Recognisers that this study did not train and that guided no generator of it: what they read before and after an
    edit says whether it shows the expression."""
    leaks: Literal["refuse", "drop", "tell"] = key("refuse", stage=())
    """What becomes of a training image that is the same picture as a test image: refuse ends the run with a sentence,
    drop takes it out of training and lists it, tell trains on it and says so."""
    lean: bool = key(False, stage=())
    """Remove the shards of images between a portrait and a dataset (at working resolution, edited, recolored, blended,
    cropped) once the next stages have read them. Another blending or threshold then begins at the portraits."""
    statistics: Statistics = key(Statistics)
    """How differences between models are judged."""
    report: Report = key(Report)
    """What the report page says about the study."""


TABLES = (
    "drawings",
    "sources",
    "generators",
    "edits",
    "datasets",
    "landmarks",
    "action_units",
    "models",
    "experiments",
    "judges",
)
# What pandas, and whoever reads our tables with it, would take for a missing value or a truth value.
_NO_NAMES = {"nan", "na", "n.a", "null", "none", "true", "false", "inf", "infinity"}


def read_config(given: Mapping[str, Any]) -> Configuration:
    """Return the configuration of ``given``, every default filled in; `InputError` tells the first mistakes."""
    problems: list[Problem] = []
    configuration = read_value(Configuration, given, "", Key(), problems)
    if not problems:
        problems += check(configuration)
    if problems:
        raise InputError(message_of(problems))
    return configuration


def check(config: Configuration) -> list[Problem]:
    """Return the mistakes of a configuration whose single keys are right."""
    problems = [problem for table in TABLES for problem in _names(table, list(getattr(config, table)))]
    problems += _references(config)
    if problems:
        return problems
    # What looks into merges and references further needs them to end somewhere.
    problems += [*_circles(config), *_natural_only(config), *_imports(config), *_trained_or_not(config)]
    if problems:
        return problems
    checks = (_merges, _splits, _contrasts, _scaling, _edits, _starts, _balances)
    return [problem for each in checks for problem in each(config)]


def _names(table: str, names: list[str]) -> Iterator[Problem]:
    """Names become folders, wildcards and fields of tables."""
    seen: dict[str, str] = {}
    for name in names:
        allowed = all(letter.isalnum() or letter in "-_." for letter in name)
        if not name or not allowed or name.startswith("."):
            yield Problem(table, f"the name {name!r} must consist of letters, digits, '-', '_' and '.'")
        elif _reads_as_a_value(name):
            yield Problem(table, f"the name {name!r} would be read as a value in tables; give it a letter more")
        elif table == "datasets" and name.lower() == ELSEWHERE:
            yield Problem(table, f"the name {name!r} stands for what published models learned from; take another")
        elif name.lower() in seen:
            yield Problem(table, f"{seen[name.lower()]!r} and {name!r} would be one folder where case does not count")
        seen[name.lower()] = name


def _reads_as_a_value(name: str) -> bool:
    try:
        float(name)
    except ValueError:
        return name.lower() in _NO_NAMES
    return True


def _references(config: Configuration) -> Iterator[Problem]:
    for table in TABLES:
        for name, entry in getattr(config, table).items():
            for path, named, other in references(entry, f"{table}.{name}"):
                if named not in getattr(config, other):
                    yield Problem(path, f"no {named!r} in `{other}`; {nearest(named, list(getattr(config, other)))}")


def _circles(config: Configuration) -> Iterator[Problem]:
    """A merge must not be made from itself."""

    def look(name: str, above: tuple[str, ...]) -> Iterator[Problem]:
        if name in above:
            yield Problem(f"datasets.{name}.merge", f"made from itself ({' <- '.join([*above, name])})")
            return
        entry = config.datasets[name]
        for part in entry.merge if isinstance(entry, MergedSet) else ():
            yield from look(part.dataset, (*above, name))

    for name in config.datasets:
        if problems := list(look(name, ())):
            yield problems[0]
            return


def _natural_only(config: Configuration) -> Iterator[Problem]:
    """Counts are those of a natural set, and a generator that learned from what it made would be a circle."""
    for name, entry in config.datasets.items():
        made = entry.synthetic if isinstance(entry, SyntheticSet) else None
        made = entry.external if isinstance(entry, ExternalSet) else made
        if made is not None and made.like and not isinstance(config.datasets[made.like], NaturalSet):
            yield Problem(
                f"datasets.{name}.{entry.MARK}.like",
                f"{made.like!r} is not a natural dataset; the class counts to match come from a natural one",
            )
        teacher = entry.synthetic.unedited if isinstance(entry, SyntheticSet) else None
        if teacher and not is_natural(config, teacher.train_set):
            yield Problem(
                f"datasets.{name}.synthetic.unedited.train_set",
                f"{teacher.train_set!r} is not natural; labels come from a model that was trained on natural images",
            )
    for name, entry in config.generators.items():
        if isinstance(entry, TrainedGenerator) and not isinstance(config.datasets[entry.train_on], NaturalSet):
            yield Problem(
                f"generators.{name}.train_on",
                f"{entry.train_on!r} is not a natural dataset; a generator is trained on natural ones",
            )


def _merges(config: Configuration) -> Iterator[Problem]:
    """No image may come into a merge twice."""
    for name, entry in config.datasets.items():
        if not isinstance(entry, MergedSet):
            continue
        parts = [part for given in entry.merge for part in parts_of(config, given.dataset)]
        for part in dict.fromkeys(part for part in parts if parts.count(part) > 1):
            yield Problem(f"datasets.{name}.merge", f"{part!r} comes in {parts.count(part)} times; expected once")


def _splits(config: Configuration) -> Iterator[Problem]:
    """Whoever trains needs a training split, whoever tests a test split."""

    def lacking(path: str, name: str, split: str, other: str) -> Iterator[Problem]:
        if split not in splits_of(config, name):
            yield Problem(path, f"{name!r} has no {split} images, its `split` is {other}; expected a set that has some")

    for name, entry in config.experiments.items():
        for dataset in entry.train_on:
            yield from lacking(f"experiments.{name}.train_on", dataset, "train", "val")
        for dataset in entry.test_on:
            yield from lacking(f"experiments.{name}.test_on", dataset, "test", "train")
    for name, entry in config.generators.items():
        if isinstance(entry, TrainedGenerator):
            yield from lacking(f"generators.{name}.train_on", entry.train_on, "train", "val")


def _trained_or_not(config: Configuration) -> Iterator[Problem]:
    """A published model is only tested; whatever speaks of training sets needs one that is trained here."""
    for name, experiment in config.experiments.items():
        path, trained = f"experiments.{name}", [model for model in experiment.models if not is_published(config, model)]
        if trained and not experiment.train_on:
            yield Problem(f"{path}.train_on", f"missing; expected names in `datasets`, to train {trained[0]!r} on")
        if experiment.train_on and not trained:
            yield Problem(f"{path}.train_on", "nothing is trained here, each model has a checkpoint; leave it out")
        for number, contrast in enumerate(experiment.contrasts or []):
            for key_ in ("model", "baseline_model"):
                if (model := getattr(contrast, key_)) and is_published(config, model):
                    place = f"{path}.contrasts[{number}].{key_}"
                    yield Problem(place, f"{model!r} has a checkpoint; expected a model that is trained here")
    for name, entry in config.datasets.items():
        teacher = entry.synthetic.unedited if isinstance(entry, SyntheticSet) else None
        if teacher and is_published(config, teacher.model):
            place = f"datasets.{name}.synthetic.unedited.model"
            yield Problem(place, f"{teacher.model!r} has a checkpoint; expected a model that is trained here")


def _contrasts(config: Configuration) -> Iterator[Problem]:
    """What is asked about must be trained and tested."""
    for name, experiment in config.experiments.items():
        for number, contrast in enumerate(experiment.contrasts or []):
            chosen = {
                "train_set": ("train_on", [contrast.train_set]),
                "baseline": ("train_on", [contrast.baseline]),
                "model": ("models", [contrast.model] if contrast.model else []),
                "baseline_model": ("models", [contrast.baseline_model] if contrast.baseline_model else []),
                "test_on": ("test_on", contrast.test_on or []),
            }
            for key_, (where, names) in chosen.items():
                for absent in [each for each in names if each not in getattr(experiment, where)]:
                    path = f"experiments.{name}.contrasts[{number}].{key_}"
                    yield Problem(path, f"{absent!r} is not in this experiment's `{where}`; add it there")


def _scaling(config: Configuration) -> Iterator[Problem]:
    """A curve with three unknowns needs three points."""
    for name, experiment in config.experiments.items():
        real = [each for each in experiment.train_on if is_natural(config, each)]
        sizes = {frozenset(size_of(config, each).items()) for each in real}
        if experiment.scaling and len(sizes) < LEAST_SIZES:
            yield Problem(
                f"experiments.{name}.scaling",
                f"found {len(sizes)} training sets of real images alone that differ in size; expected at least "
                f"{LEAST_SIZES}, such as merges of one set with a fraction",
            )
        if experiment.scaling and not any(is_natural(config, each) for each in experiment.test_on):
            yield Problem(f"experiments.{name}.scaling", "found no test set of real images alone; add one to `test_on`")


def _imports(config: Configuration) -> Iterator[Problem]:
    """A key that another one makes meaningless would be left out in silence."""
    for name, entry in config.datasets.items():
        if not isinstance(entry, NaturalSet | ExternalSet):
            continue
        given, path = imported(entry), f"datasets.{name}.{entry.MARK}"
        if given.table != TableColumns() and given.layout != "table":
            yield Problem(f"{path}.table", f"is for `layout: table`, this set's layout is {given.layout}")
        if given.test_fraction is not None and given.split != "all":
            yield Problem(f"{path}.test_fraction", f"is for `split: all`, this set's split is {given.split}")


def _edits(config: Configuration) -> Iterator[Problem]:
    """A linear generator takes directions and intensities, a Gaussian one points near its means."""
    for name, edit in config.edits.items():
        if not isinstance(edit, GeneratorEdit):
            continue
        generator = config.generators[edit.generator]
        if isinstance(generator, TrainedGenerator):
            parametrization = generator.parametrization
        else:
            parametrization = parametrization_of(generator.checkpoint)
        if parametrization is not None:
            yield from edit.misfits(f"edits.{name}", parametrization)


def _balances(config: Configuration) -> Iterator[Problem]:
    """Groups need somebody who tells them, and intensities must differ."""
    for name, entry in config.datasets.items():
        traits = entry.synthetic.balance or [] if isinstance(entry, SyntheticSet) else []
        path = f"datasets.{name}.synthetic.balance"
        told = [trait for trait in traits if trait != "rho"]
        if told and not any(judge.network in TELLS_GROUPS for judge in config.judges.values()):
            yield Problem(path, f"no judge tells {told[0]}; add one with `network: {TELLS_GROUPS[0]}` to `judges`")
        if "rho" in traits and not varies_rho(config.edits[entry.synthetic.edit]):
            yield Problem(
                path, f"rho does not vary in edits.{entry.synthetic.edit}; expected `rho: [low, high]` there, or no rho"
            )


def _starts(config: Configuration) -> Iterator[Problem]:
    """A training starts from a generator that is built alike; what the file does not tell here, the training finds."""
    for name, generator in config.generators.items():
        if isinstance(generator, TrainedGenerator) and (start := generator.start_from):
            yield from generator.other_than(f"generators.{name}", start.checkpoint, built_of(start.checkpoint))


def is_published(config: Configuration, model: str) -> bool:
    """Return whether a model has its weights from elsewhere, so that it is only tested."""
    return isinstance(config.models[model], PublishedModel)


def imported(entry: NaturalSet | ExternalSet) -> Imported:
    """Return what a natural and an external set have in common: where it lies, and how it is read."""
    return entry.natural if isinstance(entry, NaturalSet) else entry.external


def parts_of(config: Configuration, name: str) -> list[str]:
    """Return the datasets that ``name`` is made of: itself, or what a merge comes down to."""
    entry = config.datasets[name]
    if not isinstance(entry, MergedSet):
        return [name]
    return [inner for part in entry.merge for inner in parts_of(config, part.dataset)]


def is_natural(config: Configuration, dataset: str) -> bool:
    """Return whether nothing in ``dataset`` is synthetic."""
    return all(isinstance(config.datasets[part], NaturalSet) for part in parts_of(config, dataset))


def size_of(config: Configuration, dataset: str) -> Counter:
    """Return how many training images there are, in terms of the natural sets that counts come from."""
    entry = config.datasets[dataset]
    if isinstance(entry, NaturalSet):
        return Counter({dataset: 1.0})
    if isinstance(entry, ExternalSet):
        return Counter({entry.external.like or dataset: entry.external.fraction})
    if isinstance(entry, SyntheticSet):
        if entry.synthetic.fraction == "largest":  # which the configuration alone does not tell
            return Counter({f"the portraits of {entry.synthetic.edit} for {entry.synthetic.like}": 1.0})
        return Counter({entry.synthetic.like: entry.synthetic.fraction})
    assert isinstance(entry, MergedSet)
    total: Counter = Counter()
    for part in entry.merge:
        for name, share in size_of(config, part.dataset).items():
            total[name] += share * part.fraction * part.repeat
    return total


def splits_of(config: Configuration, name: str) -> set[str]:
    """Return which splits a dataset can have, as far as the configuration tells: of {"train", "test"}."""
    entry = config.datasets[name]
    if isinstance(entry, NaturalSet | ExternalSet):
        return {"all": {"train", "test"}, "train": {"train"}}.get(imported(entry).split, {"test"})
    if isinstance(entry, SyntheticSet):
        return splits_of(config, entry.synthetic.like)
    return {split for part in entry.merge for split in splits_of(config, part.dataset)}
