"""The state dict of the wanted network, out of what scripts wrap around it and put before its keys."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from torch import Tensor

from synface.compute.filetype import shown
from synface.core.errors import InputError

PREFERRED_WRAPPERS = ("model_state_dict", "state_dict")
PYTORCH_PREFIXES = ("module.", "_orig_mod.")  # DataParallel's, torch.compile's
DEEPEST = 4  # dictionaries within dictionaries
NAMED = 4  # entries in a message


def find_state(content: object, name: str, marks: tuple[str, ...] = ()) -> dict[str, Tensor]:
    """Return the state of one network out of ``content``, without what stands before all its keys.

    A state may stand alone or in dictionaries. Of several, one is meant that has a key of ``marks``; of several of
    those, or if there are none, the one under ``model_state_dict`` or ``state_dict``. Before a key of ``marks`` any
    dotted name may stand (``model.``, ``net.module.``) if it stands before every key; it is taken off.

    Args:
        content: what a file held.
        name: of the file, for the message.
        marks: keys by which the wanted network is known, of which it has one.

    Raises:
        InputError: there is no such state, or several.
    """
    states = dict(_states_in(content))
    fitting = {where: fit for where, state in states.items() if (fit := _fitting(state, marks)) is not None}
    others = {where: _without_pytorchs(state) for where, state in states.items()} if not fitting else {}
    candidates = fitting or others
    preferred = {}
    for wrapper in reversed(PREFERRED_WRAPPERS):
        preferred = {where: state for where, state in candidates.items() if where[-1:] == (wrapper,)} or preferred
    found = candidates if len(candidates) == 1 else preferred
    if len(found) == 1:
        return next(iter(found.values()))
    raise InputError(
        f"{name}: expected the state dict of one network, alone or under {' or '.join(PREFERRED_WRAPPERS)}; "
        f"found {_described(content, list(candidates))}; where the file was made, save that of the one network alone: "
        'torch.save(network.state_dict(), "state.pth")'
    )


def _states_in(content: object) -> Iterator[tuple[tuple[str, ...], Mapping[str, Tensor]]]:
    """Yield every state in dictionaries within dictionaries, with the names that lead there."""
    seen: set[int] = set()
    level: list[tuple[tuple[str, ...], Any]] = [((), content)]
    for _ in range(DEEPEST):
        deeper = []
        for where, value in level:
            # One state under two names is one; and nothing is followed in circles.
            if not isinstance(value, Mapping) or id(value) in seen:
                continue
            seen.add(id(value))
            if _is_state(value):
                yield where, value
            else:
                # What an optimizer remembers of each parameter has numbers for names.
                deeper += [((*where, key), inner) for key, inner in value.items() if isinstance(key, str)]
        level = deeper


def _is_state(value: object) -> TypeGuard[Mapping[str, Tensor]]:
    return (
        isinstance(value, Mapping)
        and bool(value)
        and all(isinstance(key, str) and isinstance(item, Tensor) for key, item in value.items())
    )


def _fitting(state: Mapping[str, Tensor], marks: tuple[str, ...]) -> dict[str, Tensor] | None:
    """Return ``state`` without what stands before all keys, if a mark is among them then; else None."""
    prefixes = {key.removesuffix(mark) for key in state for mark in marks if key == mark or key.endswith(f".{mark}")}
    for prefix in sorted(prefixes, key=len):
        if all(key.startswith(prefix) for key in state):
            return {key.removeprefix(prefix): value for key, value in state.items()}
    return None


def _without_pytorchs(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    plain = dict(state)
    while prefix := next((one for one in PYTORCH_PREFIXES if all(key.startswith(one) for key in plain)), None):
        plain = {key.removeprefix(prefix): value for key, value in plain.items()}
    return plain


def _described(content: object, states: list[tuple[str, ...]]) -> str:
    if len(states) > 1:
        return f"{len(states)} that may be meant ({_listed(['.'.join(where) for where in states])})"
    if not isinstance(content, Mapping):
        return f"a {type(content).__name__}"
    if not content:
        return "an empty dictionary"
    # NumPy's arrays, or a number among the weights: it looks like a state, and is none.
    odd = next((str(key) for key, value in content.items() if not isinstance(value, Tensor | Mapping)), None)
    entries = f"a dictionary with {_listed([str(key) for key in content])}"
    return entries if odd is None else f"{entries}, where {shown(odd)} is no tensor"


def _listed(names: list[str]) -> str:
    return ", ".join(map(shown, names[:NAMED])) + (" ..." if len(names) > NAMED else "")
