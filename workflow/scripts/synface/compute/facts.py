"""Facts that a file of weights tells of itself, checked before anything is built after them."""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from synface.compute.filetype import shown
from synface.core.errors import InputError

Kind = TypeVar("Kind", int, float, bool, str)

_WORDS: dict[type, str] = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def read_fact(
    facts: Mapping[str, Any],
    key: str,
    kind: type[Kind],
    default: Kind | None = None,
    *,
    name: str,
    least: float | None = None,
    most: float | None = None,
    multiple_of: int | None = None,
    among: Collection[str] | None = None,
) -> Kind:
    """Return the fact under ``key``, or ``default`` where there is one and the fact is not given.

    Args:
        facts: all of them, as JSON gives them.
        key: of the one.
        kind: its type.
        default: of a fact that may be left out.
        name: of the file, for the message.
        least: of a number.
        most: of a number.
        multiple_of: of a whole number.
        among: all texts that are possible.

    Raises:
        InputError: it is missing, of another type or outside these bounds.
    """
    value = facts.get(key, default)
    # Python counts true and false among the whole numbers.
    kinds = (int, float) if kind is float else kind
    fits = isinstance(value, kinds) and (kind is bool or not isinstance(value, bool))
    fits = fits and (least is None or value >= least) and (most is None or value <= most)
    fits = fits and (multiple_of is None or value % multiple_of == 0) and (among is None or value in among)
    if fits:
        return value
    expected = f"one of {', '.join(among)}" if among else _WORDS[kind]
    if least is not None and most is not None:
        expected = str(least) if least == most else f"{expected} from {least} to {most}"
    if multiple_of is not None:
        expected += f", a multiple of {multiple_of}"
    found = shown(repr(value)) if key in facts else "none"
    raise InputError(f"{name}: says {key} is {found}; expected {expected}; write the file again")
