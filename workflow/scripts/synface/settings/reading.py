"""Reading what a user gives by the description of the keys: every mistake with path, found and expected.

Values are converted by their type, since the command line gives text where numbers are meant.
"""

import dataclasses
import difflib
import math
import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from synface.core.errors import InputError
from synface.settings.keys import REQUIRED, Described, Key, Problem, keys_of

Entry = TypeVar("Entry")

INVALID = object()  # what is put in the place of a value that cannot be read
MOST_LINES = 8  # of mistakes that are reported at once
MOST_NAMES = 12  # that are listed in one line


def complete(entry: type[Entry], given: Mapping[str, Any], where: str) -> Entry:
    """Return ``given`` as an ``entry``, every default filled in; `InputError` tells all mistakes, under ``where``."""
    if isinstance(given, entry):
        return given
    problems: list[Problem] = []
    value = read_value(entry, given, where, Key(), problems)
    if problems:
        raise InputError(message_of(problems))
    return value


def message_of(problems: Sequence[Problem]) -> str:
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
    if not known:
        return "there are none"
    return f"expected {one_of(known)}" if len(known) <= MOST_NAMES else "config/README.md lists all"


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
        either = f"a {short} or " if short else ""
        problems.append(Problem(path, f"found {_shown(given)}; expected {either}{expected(kind, Key())}"))
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
        if len(kinds) == 1:
            return _read_entry(kinds[0], given, path, problems)
        return _read_alternative(kinds, given, path, problems)
    # A list is an interval, or a list, whatever else may stand in its place.
    fitting = [part for part in kinds if (get_origin(part) in (tuple, list)) == isinstance(given, list | tuple)]
    tables = [part for part in kinds if isinstance(get_origin(part), type) and issubclass(get_origin(part), Mapping)]
    if tables and isinstance(given, Mapping):
        return read_value(tables[0], given, path, key, problems)
    if fitting and get_origin(fitting[0]) is list:
        return read_value(fitting[0], given, path, key, problems)  # which tells each entry's own mistakes
    read = (read_value(part, given, path, key, []) for part in fitting)
    value = next((value for value in read if value is not INVALID), INVALID)
    return _refuse(kind, given, path, key, problems) if value is INVALID else value


def _read_alternative(kinds: Sequence[type], given: Any, path: str, problems: list[Problem]) -> Any:
    """Read one of several kinds of entries: which one, its mark tells."""
    marks = {kind.MARK: kind for kind in kinds}
    found = [mark for mark in marks if isinstance(given, Mapping) and mark in given]
    if not found and "" in marks:
        if not isinstance(given, Mapping):
            return _read_entry(marks[""], given, path, problems)
        found = [""]
    if len(found) != 1:
        what = f"found {' and '.join(found)} together" if found else f"found {_shown(given)}"
        problems.append(Problem(path, f"{what}; expected {one_of(list(marks))}"))
        return INVALID
    others = {item.name: mark for mark, kind in marks.items() for item in keys_of(kind) if mark != found[0]}
    known = {item.name for item in keys_of(marks[found[0]])}
    strangers = [name for name in given if name not in known and name in others]
    for name in strangers:
        whose = f"with {others[name]!r}" if others[name] else f"without {found[0]!r}"
        has = f"has {found[0]!r}" if found[0] else "has not"
        problems.append(Problem(f"{path}.{name}", f"belongs to an entry {whose}; this one {has}"))
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
        if isinstance(name, int) and not isinstance(name, bool) and int in get_args(arguments[0]):
            name = str(name)
        if not isinstance(name, str):
            problems.append(Problem(path, f"found the name {name!r}, which is no text in YAML; put it in quotes"))
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
