"""A study: what its experiments come down to, and what each rule has to know of the configuration.

Made once from the checked configuration. Everything that is asked for many jobs is answered from a table that is made
once, so that planning stays linear in the number of jobs. Names are returned in the order of the configuration.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any

from synface.settings.dataset import ExternalSet, Imported, MergedSet, NaturalSet, Synthetic, SyntheticSet
from synface.settings.edit import Edit, GeneratorEdit, PatchEdit
from synface.settings.experiment import Experiment
from synface.settings.generator import PublishedGenerator, TrainedGenerator
from synface.settings.judge import PACKAGES, READER_COMMAND, TELLS_GROUPS, TELLS_PEOPLE
from synface.settings.keys import plain, settings_for
from synface.settings.model import ELSEWHERE, PublishedModel
from synface.settings.obtain import Obtain
from synface.study.config import (
    TABLES,
    Configuration,
    imported,
    is_natural,
    is_published,
    parts_of,
    read_config,
    splits_of,
)
from synface.study.contrasts import contrasts_of
from synface.study.draws import recipe_of, with_draws
from synface.study.parametrization import framing_of

PORTRAITS_PER_SHARD = 1_000
# Beyond, shards grow: a job of hours is no burden, a hundred thousand jobs are one to every scheduler.
MOST_SHARDS = 100

# The tables of networks that are trained here for models, and which part of POSTER each is.
PARTS = {"landmarks": "mobilefacenet", "action_units": "ir50"}

CountPortraits = Callable[[str, str], int]


def _none(_source: str, _images: str) -> int:
    return 0


@dataclass(frozen=True)
class Training:
    """One training: the model, its training set (or a draw of it), and the seed.

    That of a published model was `ELSEWHERE`, its seed is called 0.
    """

    model: str
    train_set: str
    seed: int


class Study:
    """The answers to what the rules ask, for one configuration."""

    def __init__(self, config: Configuration, count_portraits: CountPortraits = _none) -> None:
        """Take a checked configuration; ``count_portraits`` tells how many files a source, at its path, holds."""
        self.given = config
        self.config, self._draws = with_draws(config)
        self._count_portraits = count_portraits

    @classmethod
    def of(cls, given: Mapping[str, Any], count_portraits: CountPortraits = _none) -> "Study":
        """Return the study of a configuration as it was given; `InputError` tells its mistakes."""
        return cls(read_config(given), count_portraits)

    @cached_property
    def configuration(self) -> dict[str, Any]:
        """The whole configuration as it was given, as plain values, every default filled in."""
        return plain(self.given)

    # What a rule receives

    def names(self, table: str, mark: str = "") -> list[str]:
        """Return the names in ``table``, of those kinds of entry that ``mark`` marks, such as ``natural``."""
        entries = getattr(self.config, table).items()
        return [name for name, entry in entries if not mark or mark == entry.MARK]

    def settings(self, table: str, name: str, stage: str) -> dict[str, Any]:
        """Return the keys of an entry that ``stage`` receives."""
        key = (table, name, stage)
        if key not in self._settings:
            entry = getattr(self.config, table)[name]
            # A dataset's keys lie below its mark.
            entry = (
                getattr(entry, entry.MARK, entry) if table == "datasets" and not isinstance(entry, MergedSet) else entry
            )
            self._settings[key] = settings_for(entry, stage)
        return self._settings[key]

    @cached_property
    def _settings(self) -> dict[tuple[str, str, str], dict[str, Any]]:
        return {}

    def imported(self, dataset: str) -> Imported | None:
        """Return how a natural or external dataset lies on the disk; None for one that is made here."""
        entry = self.config.datasets[dataset]
        return imported(entry) if isinstance(entry, NaturalSet | ExternalSet) else None

    def set_imitated_by(self, dataset: str) -> str | None:
        """Return the natural dataset whose counts an external one meets, if any."""
        entry = self.config.datasets[dataset]
        return entry.external.like if isinstance(entry, ExternalSet) else None

    def maker_of(self, dataset: str) -> str:
        """Return what made an external dataset; "" for a natural one."""
        entry = self.config.datasets[dataset]
        return entry.external.made_by if isinstance(entry, ExternalSet) else ""

    # Edits and what is made from them

    def synthetic(self, dataset: str) -> Synthetic:
        """Return the recipe of a synthetic dataset."""
        return self.config.datasets[dataset].synthetic

    def edit_of(self, dataset: str) -> Edit:
        """Return the edit behind a synthetic dataset."""
        return self.config.edits[self.synthetic(dataset).edit]

    def generator_of(self, edit: str) -> str | None:
        """Return the GANmut of an edit; None where another generator's faces are given."""
        entry = self.config.edits[edit]
        return entry.generator if isinstance(entry, GeneratorEdit) else None

    def patches_of(self, edit: str) -> str | None:
        """Return the folder with another generator's faces; None where a GANmut edits."""
        entry = self.config.edits[edit]
        return entry.patches if isinstance(entry, PatchEdit) else None

    def framing_of(self, edit: str) -> str:
        """Return the frame of the face that an edit edits: as given, or what its generator knows."""
        entry = self.config.edits[edit]
        if entry.framing is not None:
            return entry.framing
        if isinstance(entry, PatchEdit):
            return "mtcnn-square"
        generator = self.config.generators[entry.generator]
        if isinstance(generator, TrainedGenerator):
            return "mtcnn-square" if generator.framing == "as-is" else generator.framing
        return framing_of(generator.checkpoint)

    def facts_of(self, dataset: str) -> dict[str, Any]:
        """Return what is known of every image of a synthetic dataset: its recipe and where its edit is from."""
        edit, unedited = self.edit_of(dataset), dataset in self.unedited
        maker = edit.made_by if isinstance(edit, PatchEdit) else edit.generator
        return {
            **plain(self.synthetic(dataset)),
            "source": edit.source,
            "generator": "none" if unedited else maker,
            **({"faces edited elsewhere": "yes"} if isinstance(edit, PatchEdit) and not unedited else {}),
            "seed": edit.seed,
            "labels learned from": ", ".join(self._labels_of(dataset)),
        }

    @cached_property
    def unedited(self) -> list[str]:
        """The synthetic datasets whose portraits stay as they are, labelled by a trained model."""
        return [name for name in self.names("datasets", "synthetic") if self.synthetic(name).unedited]

    # Whose images and labels a dataset carries

    def collection_of(self, dataset: str) -> str:
        """Return the collection that a natural dataset is a part of."""
        natural = self.config.datasets[dataset].natural
        by_layout = {"raf-db": "RAF-DB", "affectnet": "AffectNet"}
        return natural.collection or by_layout.get(natural.layout, dataset)

    def collections_behind(self, generator: str) -> list[str]:
        """Return the collections whose labels a generator learned from."""
        entry = self.config.generators[generator]
        if not isinstance(entry, TrainedGenerator):
            return entry.trained_on
        before = entry.start_from.trained_on if entry.start_from else []
        return list(dict.fromkeys([*before, self.collection_of(entry.train_on)]))

    @cached_property
    def lineage(self) -> list[dict[str, Any]]:
        """What each training set of an experiment carries: collections of its ``images``, and of its ``labels``.

        ``labels`` maps a collection to what learned from it, in words: a generator, or the model that labelled. A test
        set has the collection ``images``.
        """
        found = []
        used = (name for ask in self.config.experiments.values() for name in (*ask.train_on, *ask.test_on))
        for name in dict.fromkeys(used):
            parts = self.parts_of(name)
            natural = [part for part in parts if isinstance(self.config.datasets[part], NaturalSet)]
            labels = {
                collection: teacher
                for part in parts
                if part not in natural
                for collection, teacher in self._labels_of(part).items()
            }
            images = sorted({self.collection_of(part) for part in natural})
            found.append({"dataset": name, "images": images, "labels": labels})
        return found

    def _labels_of(self, dataset: str) -> dict[str, str]:
        """Return the collections behind the labels of a synthetic dataset, each with who learned from it, in words."""
        entry = self.config.datasets[dataset]
        if isinstance(entry, ExternalSet):
            return dict.fromkeys(entry.external.trained_on, f"{entry.external.made_by}, which made {dataset},")
        teacher = self.synthetic(dataset).unedited
        edit = self.edit_of(dataset)
        if teacher is None and isinstance(edit, PatchEdit):
            learned, who = edit.trained_on, f"{edit.made_by}, which edited {dataset},"
        elif teacher is None:
            generator = edit.generator
            learned, who = self.collections_behind(generator), f"{generator}, the generator behind {dataset},"
        else:
            parts = self.parts_of(teacher.train_set)
            learned, who = [self.collection_of(part) for part in parts], f"{teacher.model}, which labelled {dataset},"
        return dict.fromkeys(learned, who)

    def demands(self, edit: str) -> list[tuple[str, float | str, float | None]]:
        """Return the distinct (reference dataset, fraction, test fraction) that ``edit`` must be able to fill."""
        recipes = [self.synthetic(name) for name in self.names("datasets", "synthetic")]
        asked = {(recipe.like, recipe.fraction, recipe.test_fraction) for recipe in recipes if recipe.edit == edit}
        return sorted(asked, key=lambda demand: (demand[0], str(demand[1:])))

    def sets_behind(self, source: str) -> list[str]:
        """Return the sets that are imitated with a source's portraits and tell its split; none where it is given."""
        if self.config.sources[source].test_fraction is not None:
            return []
        edits = (name for name, edit in self.config.edits.items() if edit.source == source)
        return sorted({like for edit in edits for like, *_ in self.demands(edit)})

    def edits_by(self, generator: str) -> list[str]:
        """Return the edits by a generator that something asked for is made from."""
        return [name for name in self.needed["edits"] if self.generator_of(name) == generator]

    def shards(self, edit: str) -> int:
        """Return how many files the work of an edit is cut into: as given, or by the portraits of its source."""
        if edit not in self._shards:
            given = self.config.edits[edit].shards
            self._shards[edit] = given or shards_for(self._portraits_of(self.config.edits[edit].source))
        return self._shards[edit]

    @cached_property
    def _shards(self) -> dict[str, int]:
        return {}

    def _portraits_of(self, source: str) -> int:
        images = self.config.sources[source].images
        drawing = self.drawings_by_path.get(images)
        if drawing is None:
            return self._count_portraits(source, images)
        given = plain(self.config.drawings[drawing])
        return given.get("count") or sum(sum(part.values()) for part in given["counts"].values())

    # What experiments ask for

    @cached_property
    def evaluations(self) -> list[dict[str, Any]]:
        """One entry per experiment, model, train set, draw of it (``dataset``), seed and test set."""
        return [
            {
                "experiment": name,
                "model": model,
                "train_set": train_set,
                "dataset": dataset,
                "seed": seed,
                "test_set": test_set,
            }
            for name, experiment in self.config.experiments.items()
            for model in experiment.models
            for train_set, dataset, seed in self._runs_of(model, experiment)
            for test_set in experiment.test_on
        ]

    def _runs_of(self, model: str, experiment: Experiment) -> list[tuple[str, str, int]]:
        """Return (train set, draw of it, seed) of every training of a model that an experiment asks for."""
        if self.is_published(model):
            return [(ELSEWHERE, ELSEWHERE, 0)]
        return [
            (train_set, dataset, seed)
            for train_set in experiment.train_on
            for dataset in self.draws_of(train_set, experiment.dataset_seeds)
            for seed in experiment.seeds
        ]

    def is_published(self, model: str) -> bool:
        """Return whether a model has a checkpoint and is only tested."""
        return is_published(self.config, model)

    def draws_of(self, dataset: str, seeds: Sequence[int] | None) -> list[str]:
        """Return the draws of a dataset with these dataset seeds, each once; itself without any."""
        return list(dict.fromkeys(self._draws[dataset, seed] for seed in seeds)) if seeds else [dataset]

    @cached_property
    def contrasts(self) -> list[dict[str, Any]]:
        """Which cells of (model, training set) are compared; see `contrasts_of`."""
        return contrasts_of(self.given)

    @cached_property
    def test_sets(self) -> dict[Training, list[str]]:
        """The test sets of every training that an experiment asks for."""
        found: dict[Training, dict[str, None]] = {}
        for cell in self.evaluations:
            training = Training(cell["model"], cell["dataset"], cell["seed"])
            found.setdefault(training, {})[cell["test_set"]] = None
        return {training: list(names) for training, names in found.items()}

    def tests_of(self, model: str, train_set: str, seed: int) -> list[str]:
        """Return the test sets of one training."""
        return self.test_sets[Training(model, train_set, seed)]

    @cached_property
    def training_sets(self) -> list[str]:
        """Every dataset, or draw of one, that an experiment trains on."""
        return list(dict.fromkeys(training.train_set for training in self.trainings_here))

    def tested_with(self, train_set: str) -> list[str]:
        """Return every test set of any model trained on a dataset."""
        tests = (names for training, names in self.test_sets.items() if training.train_set == train_set)
        return list(dict.fromkeys(name for names in tests for name in names))

    @cached_property
    def trainings(self) -> list[Training]:
        """All trainings, each once; those of published models were elsewhere."""
        return list(self.test_sets)

    @cached_property
    def trainings_here(self) -> list[Training]:
        """The trainings that the workflow does."""
        return [training for training in self.trainings if not self.is_published(training.model)]

    @cached_property
    def trained_models(self) -> list[str]:
        """The models of the configuration that have no checkpoint."""
        return [name for name in self.config.models if not self.is_published(name)]

    @cached_property
    def published_in_use(self) -> list[str]:
        """The published models that an experiment asks for."""
        return [name for name in self.models_in_use if self.is_published(name)]

    @cached_property
    def trained_in_use(self) -> list[str]:
        """The models that the workflow trains for an experiment."""
        return [name for name in self.models_in_use if not self.is_published(name)]

    def trainings_of(self, model: str, train_set: str | None = None) -> list[Training]:
        """Return the trainings of a model, on all draws of one training set, or on all."""
        if train_set is None:
            return [training for training in self.trainings if training.model == model]
        return self._by_pair[model, train_set]

    @cached_property
    def _by_pair(self) -> dict[tuple[str, str], list[Training]]:
        found: dict[tuple[str, str], list[Training]] = {}
        for training in self.trainings:
            found.setdefault((training.model, recipe_of(training.train_set)), []).append(training)
        return found

    @cached_property
    def pairs(self) -> list[tuple[str, str]]:
        """The distinct (model, training set), over all draws and seeds."""
        return list(self._by_pair)

    @cached_property
    def models_in_use(self) -> list[str]:
        """The models that an experiment asks for."""
        used = {training.model for training in self.trainings}
        return [name for name in self.config.models if name in used]

    @cached_property
    def datasets_in_use(self) -> list[str]:
        """Every dataset, or draw of one, that an experiment trains or tests on."""
        used = {cell[key] for cell in self.evaluations for key in ("dataset", "test_set")}
        return [name for name in self.config.datasets if name in used]

    def parts_of(self, dataset: str) -> list[str]:
        """Return the datasets that ``dataset`` is made of: itself, or what a merge comes down to."""
        return parts_of(self.config, dataset)

    @cached_property
    def _parts_in_use(self) -> list[str]:
        used = {part for name in self.datasets_in_use for part in self.parts_of(name)}
        return [name for name in self.config.datasets if name in used]

    @cached_property
    def synthetic_in_use(self) -> list[str]:
        """The synthetic datasets behind what the experiments use."""
        return [name for name in self._parts_in_use if isinstance(self.config.datasets[name], SyntheticSet)]

    @cached_property
    def datasets_to_show(self) -> dict[str, str]:
        """What figures show of the datasets in use: by the name in the catalogue, the first draw."""
        return first_draws(self.datasets_in_use)

    @cached_property
    def synthetic_to_show(self) -> dict[str, str]:
        """The same of the synthetic datasets behind them."""
        return first_draws(self.synthetic_in_use)

    @cached_property
    def edits_to_show(self) -> list[str]:
        """The edits by GANmuts behind them."""
        shown = {self.synthetic(name).edit for name in self.synthetic_to_show.values() if name not in self.unedited}
        return [name for name in self.config.edits if name in shown and self.generator_of(name)]

    @cached_property
    def generators_in_use(self) -> list[str]:
        """The generators behind what the experiments use."""
        return self.needed["generators"]

    def first_edit_by(self, generator: str) -> str:
        """Return the first edit that a generator makes."""
        return next(name for name in self.config.edits if self.generator_of(name) == generator)

    @cached_property
    def needed(self) -> dict[str, list[str]]:
        """The entries of each table that anything asked for is made of, by table."""
        config = self.config
        found: dict[str, set[str]] = {table: set() for table in TABLES}
        waiting = list(self.datasets_in_use)
        labelling = set()
        while waiting:
            name = waiting.pop()
            if name in found["datasets"]:
                continue
            found["datasets"].add(name)
            entry = config.datasets[name]
            if isinstance(entry, MergedSet):
                waiting += [part.dataset for part in entry.merge]
            elif isinstance(entry, ExternalSet):
                waiting += [entry.external.like] if entry.external.like else []
            elif isinstance(entry, SyntheticSet):
                edit = entry.synthetic.edit
                found["edits"].add(edit)
                found["sources"].add(config.edits[edit].source)
                generator = None
                if (ganmut := self.generator_of(edit)) is not None:
                    found["generators"].add(ganmut)
                    generator = config.generators[ganmut]
                waiting += [entry.synthetic.like]
                if teacher := entry.synthetic.unedited:
                    waiting.append(teacher.train_set)
                    labelling.add(teacher.model)
                waiting += [generator.train_on] if isinstance(generator, TrainedGenerator) else []
        found["models"] = {*self.models_in_use, *labelling}
        found["experiments"] = set(config.experiments)
        paths = {config.sources[name].images for name in found["sources"]}
        trained = [config.models[name] for name in found["models"] if not self.is_published(name)]
        weights = {path for model in trained for path in plain(model.pretrained).values()}
        for table in PARTS:
            networks = getattr(config, table)
            found[table] = {name for name in networks if network_path(table, name) in weights}
            paths |= {networks[name].images for name in found[table]}
        paths |= {entry.path for name in found["datasets"] if (entry := self.imported(name))}
        found["drawings"] = {name for path, name in self.drawings_by_path.items() if path in paths}
        return {table: [name for name in getattr(config, table) if name in used] for table, used in found.items()}

    @cached_property
    def rejecting(self) -> list[tuple[str, str]]:
        """What lists rejects behind the datasets in use, as (table, name): sources, edits, then datasets."""
        sources = dict.fromkeys(self.edit_of(name).source for name in self.synthetic_in_use)
        edits = [name for name in self.needed["edits"] if self.patches_of(name)]
        found = [*(("sources", name) for name in sources), *(("edits", name) for name in edits)]
        return [*found, *(("datasets", name) for name in self._parts_in_use)]

    def rejects_of(self, table: str, name: str) -> str:
        """Return the path of the rejects of an entry of `rejecting`."""
        if table == "datasets" and isinstance(self.config.datasets[name], SyntheticSet):
            return f"results/synthetic/{name}/rejects.csv"
        return f"results/{table}/{name}/rejects.csv"

    # What judges look at

    def judge_that_keeps(self, dataset: str) -> str | None:
        """Return the judge whose reading decides which faces of a synthetic dataset may be chosen, if any."""
        keep = self.synthetic(dataset).keep
        return keep.judge if keep else None

    def judge_of_groups(self, dataset: str) -> str | None:
        """Return the judge by whose groups the choice of a synthetic dataset is balanced, if any."""
        traits = self.synthetic(dataset).balance or []
        return self.identity_judge if any(trait != "rho" for trait in traits) else None

    @cached_property
    def choosing(self) -> dict[str, list[str]]:
        """The judges that a synthetic dataset, or a draw of one, waits for, by its name; only where there are some."""
        found = {
            name: [judge for judge in (self.judge_that_keeps(name), self.judge_of_groups(name)) if judge]
            for name in self.names("datasets", "synthetic")
        }
        return {name: list(dict.fromkeys(judges)) for name, judges in found.items() if judges}

    @cached_property
    def read_edits(self) -> list[str]:
        """The synthetic datasets whose edited faces some judge reads: to measure them, or to choose among them."""
        return list(dict.fromkeys([*self.judged_edits, *self.choosing]))

    @cached_property
    def read_sets(self) -> list[str]:
        """The other datasets that some judge reads."""
        return list(dict.fromkeys([*self.judged_sets, *(self.synthetic(name).like for name in self.choosing)]))

    @cached_property
    def readings(self) -> list[tuple[str, str]]:
        """Every (judge, dataset) behind what the experiments use."""
        found = [pair for pairs in self.judged.values() for pair in pairs]
        for name in self.synthetic_in_use:
            read = (name, self.synthetic(name).like)
            found += [(judge, each) for judge in self.choosing.get(name, []) for each in read]
        return list(dict.fromkeys(found))

    @cached_property
    def judged_edits(self) -> list[str]:
        """The synthetic datasets whose edits judges read; none without judges."""
        return [name for name in self.synthetic_to_show.values() if name not in self.unedited and self.config.judges]

    @cached_property
    def judged_sets(self) -> list[str]:
        """The other datasets that they read: behind what experiments use and what edits imitate; no merges."""
        imitated = {self.synthetic(name).like for name in self.judged_edits}
        used = {*first_draws(self._parts_in_use).values(), *imitated} - set(self.judged_edits)
        return [name for name in self.config.datasets if name in used and self.config.judges]

    @cached_property
    def judged_merges(self) -> list[str]:
        """The merged datasets all of whose parts they read, and which they need not read again."""
        read = {*self.judged_edits, *self.judged_sets}
        merges = [name for name in self.datasets_to_show.values() if isinstance(self.config.datasets[name], MergedSet)]
        return [name for name in merges if read.issuperset(self.parts_of(name))]

    @cached_property
    def judged(self) -> dict[str, list[tuple[str, str]]]:
        """Every (judge, dataset) of ``edits`` and of ``sets``."""
        names = {"edits": self.judged_edits, "sets": self.judged_sets}
        return {kind: [(judge, name) for judge in self.config.judges for name in names[kind]] for kind in names}

    @cached_property
    def judged_pairs(self) -> list[tuple[str, str, str]]:
        """Which (judge, first, second) are compared: edited training sets with the real one, and that with its test.

        The last says how far apart two sets of real photographs are.
        """
        found = []
        for name in self.judged_edits:
            like = self.synthetic(name).like
            both = [f"{like}/{split}" for split in ("train", "test") if split in splits_of(self.config, like)]
            found += [(both[0], f"{name}/{both[0].rpartition('/')[2]}"), *([tuple(both)] if len(both) == 2 else [])]
        return [(judge, *pair) for judge in self.config.judges for pair in dict.fromkeys(found)]

    @cached_property
    def identity_judge(self) -> str | None:
        """The first judge that knows people again, and tells groups."""
        return next((name for name, judge in self.config.judges.items() if judge.network in TELLS_GROUPS), None)

    def judged_parts(self, train_set: str) -> list[str]:
        """Return the datasets that judges read behind a training set and what it is tested on."""
        used = {part for name in (train_set, *self.tested_with(train_set)) for part in self.parts_of(name)}
        return [name for name in (*self.judged_sets, *self.judged_edits) if name in used]

    @cached_property
    def judge_tables(self) -> list[str]:
        """The tables of what judges found; none without judges."""
        found = ["judged", "edit_plane", "kernel_distances", "groups"] if self.config.judges else []
        return [*found, "group_accuracy"] if self.judged_tests else found

    @cached_property
    def places_edits(self) -> bool:
        """Whether some judge tells how much of the person an edit keeps."""
        return bool(self.judged_edits) and any(each.network in TELLS_PEOPLE for each in self.config.judges.values())

    @cached_property
    def judged_tests(self) -> list[tuple[str, str]]:
        """The (judge, test set) whose accuracies are told by group: of judges that tell groups."""
        tests = {each["test_set"] for each in self.evaluations}
        judges = [name for name, judge in self.config.judges.items() if judge.network in TELLS_GROUPS]
        return [(judge, name) for judge in judges for name in self.judged_sets if name in tests]

    @cached_property
    def scaled_evaluations(self) -> list[dict[str, Any]]:
        """The evaluations of experiments that ask what synthetic images are worth, on natural test sets."""
        asking = {name for name, experiment in self.config.experiments.items() if experiment.scaling}
        tests = set(self.natural_tests)
        asked = (each for each in self.evaluations if each["experiment"] in asking and each["test_set"] in tests)
        return [each for each in asked if not self.is_published(each["model"])]

    @cached_property
    def scaled_trainings(self) -> list[Training]:
        """The trainings behind them, each once."""
        found = (Training(each["model"], each["dataset"], each["seed"]) for each in self.scaled_evaluations)
        return list(dict.fromkeys(found))

    @cached_property
    def scaled_datasets(self) -> dict[str, str]:
        """The first draw of each of their training sets, by its name: their draws have equally many images."""
        return {recipe_of(each.train_set): each.train_set for each in reversed(self.scaled_trainings)}

    @cached_property
    def natural_tests(self) -> list[str]:
        """The test sets that hold natural images alone."""
        tests = dict.fromkeys(each["test_set"] for each in self.evaluations)
        return [name for name in tests if is_natural(self.given, name)]

    @cached_property
    def published_experiments(self) -> dict[str, dict[str, str]]:
        """The experiments to be set beside the study's published numbers, each with our names of its datasets."""
        asking = {name: each.published for name, each in self.config.experiments.items() if each.published}
        return {name: {} if names is True else dict(names) for name, names in asking.items()}

    # What the user provides

    @cached_property
    def drawings_by_path(self) -> dict[str, str]:
        """The drawings, by the folder that each becomes."""
        return {f"results/drawings/{name}": name for name in self.config.drawings}

    def is_made(self, path: str) -> bool:
        """Return whether the workflow itself makes what lies at ``path``: a drawing, or a pretrained network."""
        return path in self.drawings_by_path or path in self._networks

    @cached_property
    def _networks(self) -> set[str]:
        return {network_path(table, name) for table in PARTS for name in getattr(self.config, table)}

    @cached_property
    def external_inputs(self) -> list[tuple[str, str, Obtain]]:
        """(config key, path, where from) of every file or folder that the user provides."""
        config = self.config
        found = [(f"sources.{name}.images", entry.images, entry.obtain) for name, entry in config.sources.items()]
        found += [
            (f"sources.{name}.license_file", entry.license_file, entry.obtain)
            for name, entry in config.sources.items()
            if entry.license_file
        ]
        for name, generator in config.generators.items():
            if isinstance(generator, PublishedGenerator):
                found.append((f"generators.{name}.checkpoint", generator.checkpoint, generator.obtain))
                continue
            if start := generator.start_from:
                found.append((f"generators.{name}.start_from.checkpoint", start.checkpoint, start.obtain))
            if generator.pairs:
                found.append((f"generators.{name}.pairs", generator.pairs, Obtain()))
        for name, edit in config.edits.items():
            if isinstance(edit, PatchEdit):
                found.append((f"edits.{name}.patches", edit.patches, edit.obtain))
        for table in PARTS:
            networks = getattr(config, table).items()
            found += [(f"{table}.{name}.images", entry.images, entry.obtain) for name, entry in networks]
        for name, entry in config.datasets.items():
            if isinstance(entry, NaturalSet | ExternalSet):
                given = imported(entry)
                found.append((f"datasets.{name}.{entry.MARK}.path", given.path, given.obtain))
        for name, judge in config.judges.items():
            obtain = judge.obtain
            if known := PACKAGES.get(judge.network):
                obtain = Obtain(from_=known.command, license=known.license)
            elif judge.network == "reader" and obtain == Obtain():
                obtain = Obtain(from_=READER_COMMAND, license="yours")
            found.append((f"judges.{name}.file", judge.file, obtain))
        for name, model in config.models.items():
            if isinstance(model, PublishedModel):
                found.append((f"models.{name}.checkpoint", model.checkpoint, model.obtain))
                continue
            for part, path in plain(model.pretrained).items():
                if path:
                    found.append((f"models.{name}.pretrained.{part}", path, model.obtain))
        return [(where, path, obtain) for where, path, obtain in found if not self.is_made(path)]

    @cached_property
    def inputs_in_use(self) -> dict[str, str]:
        """The paths of the user's files and folders behind what the experiments ask for, by their keys."""
        used = {f"{table}.{name}" for table, names in self.needed.items() for name in names}
        used |= {f"judges.{judge}" for judge, _ in self.readings}
        inputs = ((where, path) for where, path, _ in self.external_inputs)
        return {where: path for where, path in inputs if ".".join(where.split(".")[:2]) in used}

    @cached_property
    def downloads(self) -> list[dict[str, str | None]]:
        """``path``, ``url`` and ``license`` of the weights whose addresses the configuration gives, each file once."""
        config = self.config
        generators = config.generators.values()
        published = [entry for entry in generators if isinstance(entry, PublishedGenerator)]
        published += [
            entry.start_from for entry in generators if isinstance(entry, TrainedGenerator) and entry.start_from
        ]
        published += [entry for entry in config.models.values() if isinstance(entry, PublishedModel)]
        found = [(entry.checkpoint, entry.obtain.url, entry.obtain.license) for entry in published]
        for name in self.trained_models:
            parts, obtain = plain(config.models[name].pretrained), config.models[name].obtain
            found += [(path, obtain.urls.get(part), obtain.license) for part, path in plain(parts).items()]
        by_path: dict[str, dict[str, str | None]] = {}
        for path, url, license_ in found:
            if path and url and not self.is_made(path):
                by_path.setdefault(path, {"path": path, "url": url, "license": license_})
        return list(by_path.values())

    @cached_property
    def missing(self) -> dict[str, tuple[str, Obtain]]:
        """What the user has to provide and is not there: path -> (config key, where from)."""
        found: dict[str, tuple[str, Obtain]] = {}
        for where, path, obtain in self.external_inputs:
            if path not in found and not Path(path).exists():
                found[path] = (where, obtain)
        return found

    def missing_message(self) -> str:
        """Return one message that lists every missing input: what, where it goes, where from, which license."""
        lines = ["These inputs are missing. Put each where the configuration says (a link will do), or change the key:"]
        for path, (where, obtain) in self.missing.items():
            lines.append(f"  {path}   ({where})")
            lines.append(f"      from:    {obtain.from_ or 'you: the configuration does not say'}")
            lines.append(f"      license: {obtain.license or 'the configuration does not say'}")
        return "\n".join([*lines, "Nothing at hand? `make demo` runs a whole study on drawn faces."])


def first_draws(datasets: Sequence[str]) -> dict[str, str]:
    """Return the first draw of each dataset, by its name in the catalogue."""
    found: dict[str, str] = {}
    for name in datasets:
        found.setdefault(recipe_of(name), name)
    return found


def network_path(table: str, name: str) -> str:
    """Return the file that an entry of one of the tables in `PARTS` becomes."""
    return f"results/{table}/{name}/{PARTS[table]}.safetensors"


def shards_for(portraits: int) -> int:
    """Return the number of shards for so many portraits: 1,000 in each, and more where that would be over 100."""
    return min(max(1, ceil(portraits / PORTRAITS_PER_SHARD)), MOST_SHARDS)
