"""How the keys of the configuration are described.

A frozen dataclass describes one kind of entry. Each field is a key: its annotation is the type, its default the
default, the text below it the description. `key` adds bounds, the stages that receive the key, and the table whose
entries it names. `synface.settings.reading` reads by it what a user gives. A class may set

* ``STAGE``: the stage (or stages) that receive its keys, where `key` says nothing else;
* ``SHORT``: the key that is meant when the entry is a bare text, as in ``color: lab``;
* ``mistakes(path)``: yields what is wrong with keys that do not fit each other;
* ``MARK``: the key that tells this kind of entry from the others of its table, such as ``checkpoint``; "" for the kind
  that an entry is which has none of theirs.

A field whose key is a word of Python ends in an underscore: ``from_`` is the key ``from``.

Only the standard library is used: the environments of jobs have nothing else for this.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, get_type_hints

Interval = tuple[float, float]
"""[low, high]"""
Label = Literal["surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"]
"""An emotion, as `synface.core.emotions` orders and spells them."""
REQUIRED = dataclasses.MISSING


@dataclass(frozen=True)
class Key:
    """All that is said of a key beside its type, default and description.

    Attributes:
        stages: that receive the key as a setting; none for a file or an entry that the key names.
        least: the smallest number allowed, itself included.
        above: the number that must be exceeded.
        most: the greatest number allowed, itself included.
        below: the number that must not be reached.
        multiple_of: what a whole number must be divisible by.
        ordered: whether [low, high] must not fall.
        names: the table whose entries the key names.
        was: an earlier spelling.
    """

    stages: tuple[str, ...] | None = None
    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None
    multiple_of: int | None = None
    ordered: bool = True
    names: str | None = None
    was: str | None = None


@dataclass(frozen=True)
class Problem:
    """One mistake: where it is, and what is wrong there."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}"


def key(default: Any = REQUIRED, *, stage: str | Sequence[str] | None = None, **facts: Any) -> Any:
    """Return the dataclass field of a key; see `Key` for ``facts``. A key without ``default`` must be given."""
    stages = (stage,) if isinstance(stage, str) else None if stage is None else tuple(stage)
    metadata = {"key": Key(stages=stages, **facts)}
    if isinstance(default, list | dict):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    if isinstance(default, type):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True)
class Described:
    """A key with its name and type, as `keys_of` finds it."""

    name: str
    attribute: str
    type: Any
    key: Key
    default: Any  # REQUIRED, a value, or an instance


@cache
def keys_of(entry: type) -> tuple[Described, ...]:
    """Return the keys of a class, in its order."""
    hints = get_type_hints(entry)
    stage = getattr(entry, "STAGE", None)
    stages = (stage,) if isinstance(stage, str) else stage
    found = []
    for item in dataclasses.fields(entry):
        facts = item.metadata["key"]
        # A group of keys that says itself which stages receive them.
        if facts.stages is None and not hasattr(hints[item.name], "STAGE"):
            facts = dataclasses.replace(facts, stages=stages)
        made = item.default_factory is not REQUIRED
        default = item.default_factory() if made else item.default
        found.append(Described(item.name.rstrip("_"), item.name, hints[item.name], facts, default))
    return tuple(found)


def plain(value: Any) -> Any:
    """Return an entry, or a part of one, as dictionaries, lists and plain values, in the order of the description."""
    if dataclasses.is_dataclass(value):
        return {item.name: plain(getattr(value, item.attribute)) for item in keys_of(type(value))}
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


def settings_for(entry: Any, stage: str) -> dict[str, Any]:
    """Return the keys of ``entry`` that ``stage`` receives, as plain values.

    A group of keys is one entry, unless it is all that the stage receives: then its keys are returned themselves.
    """
    found = {}
    for item in keys_of(type(entry)):
        value = getattr(entry, item.attribute)
        if item.key.stages is None and dataclasses.is_dataclass(value):
            inside = settings_for(value, stage)
            if inside:
                found[item.name] = inside
        elif stage in (item.key.stages or ()):
            found[item.name] = plain(value)
    groups = [value for value in found.values() if isinstance(value, dict)]
    return groups[0] if len(groups) == len(found) == 1 else found


def _named_by(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return list(value.values())
    return [value] if isinstance(value, str) else value if isinstance(value, list) else []


def references(entry: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """Yield (path of the key, name, table) for every key of ``entry`` that names an entry of a table."""
    for item in keys_of(type(entry)):
        value, inside = getattr(entry, item.attribute), f"{path}.{item.name}"
        if item.key.names:
            yield from ((inside, name, item.key.names) for name in _named_by(value))
        elif dataclasses.is_dataclass(value):
            yield from references(value, inside)
        elif isinstance(value, list):
            for number, part in enumerate(value):
                if dataclasses.is_dataclass(part):
                    yield from references(part, f"{inside}[{number}]")
