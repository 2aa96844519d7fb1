"""What a dataset was made of, by name, with what the configuration says of licenses: it is told wherever a set goes.

An origin is a dictionary: ``kind`` (one of `IMAGES`, or of `BESIDE` for what gave no image), ``name`` in the
configuration, ``dataset`` that it belongs to, ``license`` and ``from`` as the configuration has them ("" where it says
nothing), and where they apply ``made_by``, ``layout``, ``learned_from`` (collections), ``licenses`` of portraits,
and ``shuffled`` labels.
"""

from collections.abc import Iterator
from typing import Any

from synface.settings.dataset import ExternalSet, MergedSet, NaturalSet
from synface.settings.edit import PatchEdit
from synface.settings.generator import TrainedGenerator
from synface.settings.obtain import Obtain
from synface.study.study import Study

IMAGES = (
    "photographs",
    "drawings",
    "external",
    "edited portraits",
    "edited drawings",
    "portraits",
    "drawn portraits",
)
BESIDE = ("generator", "model", "teacher", "counts")

Origin = dict[str, Any]


def origins_of(study: Study, dataset: str) -> list[Origin]:
    """Return all that ``dataset`` was made of, each once; of a merge, what its parts were made of."""
    entry = study.config.datasets[dataset]
    if not isinstance(entry, MergedSet):
        return list(_of_part(study, dataset))
    found: list[Origin] = []
    for part in entry.merge:
        for origin in origins_of(study, part.dataset):
            shuffled = entry.labels == "shuffled" and origin["kind"] in IMAGES
            told = {**origin, "shuffled": True} if shuffled else origin
            if told not in found:
                found.append(told)
    return found


def _of_part(study: Study, name: str) -> Iterator[Origin]:
    entry = study.config.datasets[name]
    if isinstance(entry, NaturalSet | ExternalSet):
        yield _imported(study, name)
        if like := study.set_imitated_by(name):
            yield _origin("counts", like, name)
        return
    recipe, edit = study.synthetic(name), study.edit_of(name)
    source = study.config.sources[edit.source]
    drawn = study.is_made(source.images)
    edited = {False: ("portraits", "drawn portraits"), True: ("edited portraits", "edited drawings")}
    kind = edited[name not in study.unedited][drawn]
    yield _origin(
        kind, edit.source, name, source.obtain, licenses=list(source.licenses) if source.license_file else None
    )
    if recipe.unedited is None and isinstance(edit, PatchEdit):
        yield _origin("generator", edit.made_by, name, edit.obtain, learned_from=list(edit.trained_on))
        taught = []
    elif recipe.unedited is None:
        generator = study.config.generators[edit.generator]
        trained = isinstance(generator, TrainedGenerator)
        # What a training starts from keeps its license.
        given = generator.start_from if trained else generator
        obtain = given.obtain if given else None
        yield _origin("generator", edit.generator, name, obtain, learned_from=study.collections_behind(edit.generator))
        taught = [generator.train_on] if trained else []
    else:
        teacher = recipe.unedited
        learned = list(dict.fromkeys(study.collection_of(part) for part in study.parts_of(teacher.train_set)))
        obtain = study.config.models[teacher.model].obtain
        yield _origin("model", teacher.model, name, obtain, learned_from=learned)
        taught = study.parts_of(teacher.train_set)
    # What a model or generator that is trained here learned from: no image of it is in the set.
    yield from (
        _origin("counts", recipe.like, name),
        *({**_imported(study, each), "kind": "teacher"} for each in taught),
    )


def _imported(study: Study, name: str) -> Origin:
    entry, given = study.config.datasets[name], study.imported(name)
    if isinstance(entry, ExternalSet):
        facts = {"made_by": entry.external.made_by, "learned_from": list(entry.external.trained_on)}
        kind = "external"
    else:
        facts, kind = {}, "drawings" if study.is_made(given.path) else "photographs"
    return _origin(kind, name, name, given.obtain, layout=given.layout, **facts)


def _origin(kind: str, name: str, dataset: str, obtain: Obtain | None = None, **facts: Any) -> Origin:
    told = {"license": obtain.license or "", "from": obtain.from_ or ""} if obtain else {"license": "", "from": ""}
    return {
        "kind": kind,
        "name": name,
        "dataset": dataset,
        **told,
        **{key: value for key, value in facts.items() if value is not None},
    }
