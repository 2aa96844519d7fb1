"""How the keys of the configuration are described, and how what a user gives is read by that description.

A frozen dataclass describes one kind of entry. Each field is a key: the annotation is its type, the default its default,
the text below the field its description, and `key` adds bounds, the stages that receive the key, and the table that it
names an entry of. A class may set

* ``STAGE``: the stage (or stages) that receive its keys, where `key` says nothing else;
* ``SHORT``: the key that is meant when the entry is a bare text, as in ``color: lab``;
* ``mistakes(path)``: yields what is wrong with keys that do not fit each other;
* ``MARK``: the key that tells this kind of entry from the others of its table, such as ``checkpoint``.

A field whose key is a word of Python ends in an underscore: ``from_`` is the key ``from``.

Only the standard library is used: the environments of jobs have nothing else for this.
"""

import dataclasses
import difflib
import math
import types
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from synface.core.errors import InputError

Interval = tuple[float, float]
"""[low, high]"""
Entry = TypeVar("Entry")

REQUIRED = dataclasses.MISSING
INVALID = object()  # what is put in the place of a value that cannot be read
MOST_LINES = 8  # of mistakes that are told at once


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


def complete(entry: type[Entry], given: Mapping[str, Any], where: str) -> Entry:
    """Return ``given`` as an ``entry``, every default filled in; `InputError` tells all mistakes, under ``where``."""
    if isinstance(given, entry):
        return given
    problems: list[Problem] = []
    value = read_value(entry, given, where, Key(), problems)
    if problems:
        raise InputError(tell(problems))
    return value


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


def tell(problems: Sequence[Problem]) -> str:
    """Return one message that names the first mistakes, a line each."""
    lines = [str(problem) for problem in dict.fromkeys(problems)]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"... and {len(lines) - MOST_LINES + 1} more mistakes like these"]
    return "\n".join(lines)


def nearest(name: str, known: Sequence[str]) -> str:
    """Return a hint on which of ``known`` was meant."""
    close = difflib.get_close_matches(str(name), known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    return (
        f"expected {one_of(known)}"
        if 0 < len(known) <= 12
        else "config/README.md lists all"
        if known
        else "there are none"
    )


def one_of(names: Sequence[str]) -> str:
    """Return the names as a choice in words."""
    return names[0] if len(names) == 1 else f"one of {', '.join(names)}"


def read_value(kind: Any, given: Any, path: str, key: Key, problems: list[Problem]) -> Any:
    """Return ``given`` as the type ``kind``, or `INVALID`; mistakes are added to ``problems``."""
    if dataclasses.is_dataclass(kind):
        return _read_entry(kind, given, path, problems)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, Union):
        return _read_union(kind, given, path, key, problems)
    if origin is Literal:
        return given if given in arguments and isinstance(given, str) else _refuse(kind, given, path, key, problems)
    if origin is tuple:
        return _read_interval(kind, given, path, key, problems)
    if origin is list:
        return _read_list(kind, arguments[0], given, path, key, problems)
    if origin is not None and issubclass(origin, Mapping):
        return _read_names(arguments, given, path, key, problems)
    value = _convert(kind, given)
    if value is INVALID or not _within(value, key):
        return _refuse(kind, given, path, key, problems)
    return value


def _read_entry(kind: type, given: Any, path: str, problems: list[Problem]) -> Any:
    short = getattr(kind, "SHORT", None)
    if short and isinstance(given, str):
        given = {short: given}
    if given is None and all(item.default is not REQUIRED for item in keys_of(kind)):
        given = {}
    if not isinstance(given, Mapping):
        names = [item.name for item in keys_of(kind)]
        problems.append(
            Problem(
                path,
                f"found {_shown(given)}; expected {'a ' + short + ' or ' if short else ''}keys such as {', '.join(names[:3])}",
            )
        )
        return INVALID
    known = {item.name: item for item in keys_of(kind)}
    before = len(problems)
    for name in given:
        if name not in known:
            problems.append(Problem(f"{path}.{name}" if path else str(name), _unknown(name, known)))
    values = {}
    for name, item in known.items():
        inside = f"{path}.{name}" if path else name
        if name in given:
            values[item.attribute] = read_value(item.type, given[name], inside, item.key, problems)
        elif item.default is REQUIRED:
            if item.key.was not in given:
                problems.append(Problem(inside, f"missing; expected {expected(item.type, item.key)}"))
        else:
            values[item.attribute] = item.default
    if len(problems) > before:
        return INVALID
    value = kind(**values)
    problems += getattr(value, "mistakes", lambda _path: ())(path)
    return value


def _unknown(name: Any, known: Mapping[str, Described]) -> str:
    renamed = next((item.name for item in known.values() if item.key.was == name), None)
    if renamed:
        return f"is called {renamed!r}; rename it"
    return f"unknown key; {nearest(name, list(known))}"


def _read_union(kind: Any, given: Any, path: str, key: Key, problems: list[Problem]) -> Any:
    if given in (None, "null") and type(None) in get_args(kind):
        return None
    kinds = [part for part in get_args(kind) if part is not type(None)]
    if all(dataclasses.is_dataclass(part) for part in kinds):
        return _read_alternative(kinds, given, path, problems)
    # A list is an interval, whatever else may stand in its place.
    fitting = [part for part in kinds if (get_origin(part) is tuple) == isinstance(given, list | tuple)]
    value = read_value(fitting[0], given, path, key, []) if fitting else INVALID
    return _refuse(kind, given, path, key, problems) if value is INVALID else value


def _read_alternative(kinds: Sequence[type], given: Any, path: str, problems: list[Problem]) -> Any:
    """Read one of several kinds of entries: which one, its mark tells."""
    marks = {kind.MARK: kind for kind in kinds}
    found = [mark for mark in marks if isinstance(given, Mapping) and mark in given]
    if len(found) != 1:
        what = f"found {' and '.join(found)} together" if found else f"found {_shown(given)}"
        problems.append(Problem(path, f"{what}; expected {one_of(list(marks))}"))
        return INVALID
    others = {item.name: mark for mark, kind in marks.items() for item in keys_of(kind) if mark != found[0]}
    known = {item.name for item in keys_of(marks[found[0]])}
    strangers = [name for name in given if name not in known and name in others]
    for name in strangers:
        problems.append(
            Problem(f"{path}.{name}", f"belongs to an entry with {others[name]!r}; this one has {found[0]!r}")
        )
    rest = {name: value for name, value in given.items() if name not in strangers}
    value = _read_entry(marks[found[0]], rest, path, problems)
    return INVALID if strangers else value


def _read_interval(kind: Any, given: Any, path: str, key: Key, problems: list[Problem]) -> Any:
    if not isinstance(given, list | tuple) or len(given) != len(get_args(kind)):
        return _refuse(kind, given, path, key, problems)
    values = [_convert(part, item) for part, item in zip(get_args(kind), given, strict=True)]
    if INVALID in values or not all(_within(value, key) for value in values):
        return _refuse(kind, given, path, key, problems)
    if key.ordered and values[0] > values[-1]:
        return _refuse(kind, given, path, key, problems)
    return tuple(values)


def _read_list(kind: Any, part: Any, given: Any, path: str, key: Key, problems: list[Problem]) -> Any:
    if not isinstance(given, list | tuple) or not given:
        return _refuse(kind, given, path, key, problems)
    values = [read_value(part, item, f"{path}[{number}]", key, problems) for number, item in enumerate(given)]
    if not any(dataclasses.is_dataclass(value) for value in values):
        for value in dict.fromkeys(value for value in values if value is not INVALID and values.count(value) > 1):
            problems.append(Problem(path, f"names {value!r} twice; expected every entry once"))
    return values


def _read_names(arguments: Sequence[Any], given: Any, path: str, key: Key, problems: list[Problem]) -> Any:
    """Read a table: names, each with an entry of one kind."""
    if given is None:
        given = {}
    allowed = get_args(arguments[0]) if get_origin(arguments[0]) is Literal else None
    if not isinstance(given, Mapping):
        problems.append(Problem(path, f"found {_shown(given)}; expected names, each with its entry"))
        return INVALID
    values = {}
    for name, entry in given.items():
        if not isinstance(name, str):
            problems.append(
                Problem(path, f"found the name {name!r}, which YAML does not read as text; put it in quotes")
            )
        elif allowed and name not in allowed:
            problems.append(Problem(f"{path}.{name}", f"unknown name; {nearest(name, allowed)}"))
        else:
            values[name] = read_value(arguments[1], entry, f"{path}.{name}" if path else name, key, problems)
    return values


def _convert(kind: type, given: Any) -> Any:
    """Return ``given`` as a bool, int, float or str, or `INVALID`.

    Text that spells a number is one: the command line's ``--config`` gives text, and so does YAML for ``1e-4``.
    """
    if kind is str:
        return given if isinstance(given, str) and given else INVALID
    if kind is bool:
        return (
            {"true": True, "false": False}.get(given.lower(), INVALID)
            if isinstance(given, str)
            else (given if isinstance(given, bool) else INVALID)
        )
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        return INVALID
    try:
        number = float(given)
        if not math.isfinite(number):
            return INVALID
        if kind is float:
            return number
        return int(given) if not isinstance(given, float) and str(int(given)) == str(given).strip() else _whole(number)
    except (ValueError, OverflowError):
        return INVALID


def _whole(number: float) -> Any:
    return int(number) if number.is_integer() else INVALID


def _within(value: Any, key: Key) -> bool:
    if isinstance(value, str | bool):
        return True
    return (
        (key.least is None or value >= key.least)
        and (key.above is None or value > key.above)
        and (key.most is None or value <= key.most)
        and (key.below is None or value < key.below)
        and (key.multiple_of is None or value % key.multiple_of == 0)
    )


def _refuse(kind: Any, given: Any, path: str, key: Key, problems: list[Problem]) -> Any:
    hint = ""
    choices = choices_of(kind)
    if isinstance(given, str) and difflib.get_close_matches(given, choices, n=1):
        hint = f"; {nearest(given, choices)}"
    problems.append(Problem(path, f"found {_shown(given)}; expected {expected(kind, key)}{hint}"))
    return INVALID


def choices_of(kind: Any) -> tuple[str, ...]:
    """Return the words that may be given, for a type that is a choice (or nothing), else none."""
    if get_origin(kind) is Literal:
        return get_args(kind)
    parts = get_args(kind) if get_origin(kind) in (types.UnionType, Union) else ()
    return next((get_args(part) for part in parts if get_origin(part) is Literal), ())


def expected(kind: Any, key: Key) -> str:
    """Say in words what a value of this type must be."""
    if dataclasses.is_dataclass(kind):
        return f"keys such as {', '.join(item.name for item in keys_of(kind)[:3])}"
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, Union):
        parts = [part for part in arguments if part is not type(None)]
        if all(dataclasses.is_dataclass(part) for part in parts):
            return one_of([part.MARK for part in parts])
        return " or ".join([*(expected(part, key) for part in parts), *(["null"] if type(None) in arguments else [])])
    if origin is Literal:
        return one_of(arguments)
    if origin is tuple:
        return f"{'[low, high], low first' if key.ordered else 'two numbers'}{_bounds(key, ', both ')}"
    if origin is list:
        what = "names" if arguments[0] is str else "whole numbers" if arguments[0] is int else "entries"
        return f"a list of {what}{_bounds(key, ', each ')}"
    if origin is not None:
        return "names, each with its entry"
    if kind is str:
        return f"a name in `{key.names}`" if key.names else "text"
    if kind is bool:
        return "true or false"
    return ("a whole number" if kind is int else "a number") + _bounds(key)


def _bounds(key: Key, each: str = " ") -> str:
    parts = [
        f"{word} {value:g}"
        for word, value in (
            ("at least", key.least),
            ("above", key.above),
            ("at most", key.most),
            ("below", key.below),
            ("divisible by", key.multiple_of),
        )
        if value is not None
    ]
    return f"{each}{' and '.join(parts)}" if parts else ""


def _shown(given: Any) -> str:
    """Return what was found, short enough for a line."""
    if isinstance(given, Mapping):
        return f"keys {', '.join(map(str, list(given)[:3]))}" if given else "no keys"
    if given is None:
        return "nothing"
    if isinstance(given, bool):
        return f"{str(given).lower()} (yes, no, on and off are true and false in YAML)"
    text = repr(list(given) if isinstance(given, tuple) else given)
    return text if len(text) <= 60 else f"{text[:57]}..."


def references(entry: Any, path: str) -> Iterator[tuple[str, str, str]]:
    """Yield (path of the key, name, table) for every key of ``entry`` that names an entry of a table."""
    for item in keys_of(type(entry)):
        value, inside = getattr(entry, item.attribute), f"{path}.{item.name}"
        if item.key.names:
            yield from ((inside, name, item.key.names) for name in ([value] if isinstance(value, str) else value or []))
        elif dataclasses.is_dataclass(value):
            yield from references(value, inside)
        elif isinstance(value, list):
            for number, part in enumerate(value):
                if dataclasses.is_dataclass(part):
                    yield from references(part, f"{inside}[{number}]")
