"""What a pickle would make, told from its instructions; none of them is followed.

PyTorch's files are a pickle that names storages, and the storages. Before any memory is taken, this tells which classes
and functions the pickle names, and how much it declares that there is.
"""

import math
import pickletools
from dataclasses import dataclass, field
from typing import Any, BinaryIO

# Bytes per element, by the name of the storage's class; of one that is not listed, at least 1.
_ITEM_SIZES = {"Double": 8, "Float": 4, "Half": 2, "BFloat16": 2, "Long": 8, "Int": 4, "Short": 2, "QInt32": 4}
_ITEM_SIZES |= {"ComplexDouble": 16, "ComplexFloat": 8}
_TEXTS = {"BINUNICODE", "SHORT_BINUNICODE", "UNICODE", "BINUNICODE8", "SHORT_BINSTRING", "BINSTRING"}
_NUMBERS = {"BININT", "BININT1", "BININT2", "LONG1", "LONG4", "INT", "LONG"}
_OLD_MODULES = {"__builtin__": "builtins", "copy_reg": "copyreg"}  # of Python 2, whose names protocol 2 keeps


@dataclass
class Contents:
    """What a pickle declares.

    Attributes:
        names: classes and functions, dotted, in the order in which they are named first.
        texts: every text in it, keys of dictionaries among them.
        storages: bytes of each storage, by its key.
        tensor_bytes: of all tensors together, were each laid out by itself.
        beyond: whether a tensor reaches beyond its storage.
        protocol: of the pickle.
        dictionary: whether all of it is a plain dictionary.
    """

    names: list[str] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)
    storages: dict[str, int] = field(default_factory=dict)
    tensor_bytes: int = 0
    beyond: bool = False
    protocol: int = 0
    dictionary: bool = False


@dataclass(frozen=True)
class _Name:
    dotted: str


@dataclass(frozen=True)
class _Storage:
    elements: int
    item_size: int


_MARK = object()


def examine(stream: BinaryIO) -> Contents:
    """Read one pickle from ``stream`` up to its end and return what it declares.

    Raises `ValueError` or another exception of Python's when it is damaged.
    """
    found, stack, memo, begun = Contents(), [], {}, False
    for opcode, argument, _ in pickletools.genops(stream):
        name = opcode.name
        if name not in ("PROTO", "FRAME") and not begun:
            begun, found.dictionary = True, name == "EMPTY_DICT"
        if name == "PROTO":
            found.protocol = argument
        elif name in ("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"):
            memo[len(memo) if name == "MEMOIZE" else argument] = stack[-1]
        elif name in ("GET", "BINGET", "LONG_BINGET"):
            stack.append(memo[argument])
        elif name == "MARK":
            stack.append(_MARK)
        else:
            taken = _take(stack, opcode.stack_before)
            value = _value_of(name, argument, taken, found)
            stack.extend([value] * len(opcode.stack_after))
    return found


def _take(stack: list[Any], before: list[Any]) -> list[Any]:
    """Take from ``stack`` what an instruction uses; of one that goes back to a mark, what stands above it."""
    if pickletools.markobject in before:
        start = len(stack) - 1 - stack[::-1].index(_MARK)
        taken = stack[start + 1 :]
        del stack[start - before.index(pickletools.markobject) :]
        return taken
    taken = stack[len(stack) - len(before) :]
    del stack[len(stack) - len(before) :]
    return taken


def _value_of(name: str, argument: Any, taken: list[Any], found: Contents) -> Any:
    """Return what an instruction puts on the stack, as far as it matters here, and note it in ``found``."""
    if name in _TEXTS:
        found.texts.add(str(argument))
        return str(argument)
    if name in _NUMBERS:
        return argument
    if name in ("GLOBAL", "INST", "STACK_GLOBAL"):
        module, _, own = " ".join(map(str, taken)).partition(" ") if argument is None else argument.partition(" ")
        dotted = f"{_OLD_MODULES.get(module, module)}.{own}"
        if dotted not in found.names:
            found.names.append(dotted)
        return _Name(dotted)
    if name == "BINPERSID":
        return _note_storage(taken[0], found)
    if name.endswith(("TUPLE", "TUPLE1", "TUPLE2", "TUPLE3")):
        _note_tensor(taken, found)
        return tuple(taken)
    return None


def _note_storage(identity: Any, found: Contents) -> _Storage | None:
    # ("storage", its class, key, device, number of elements), and in old files a view.
    if not (isinstance(identity, tuple) and len(identity) >= 5):
        return None
    _, kind, key, _, elements = identity[:5]
    if not (isinstance(kind, _Name) and isinstance(elements, int)):
        return None
    item_size = _ITEM_SIZES.get(kind.dotted.rpartition(".")[2].removesuffix("Storage"), 1)
    found.storages[str(key)] = elements * item_size
    return _Storage(elements, item_size)


def _note_tensor(items: list[Any], found: Contents) -> None:
    # What a tensor is rebuilt from begins with storage, offset, shape and strides.
    if len(items) < 4 or not isinstance(items[0], _Storage):
        return
    storage, offset, shape, strides = items[:4]
    if not (isinstance(offset, int) and isinstance(shape, tuple) and isinstance(strides, tuple)):
        return
    # Without the type of its own (version 3), a tensor in an untyped storage counts a byte per element.
    elements = math.prod(shape)
    found.tensor_bytes += elements * storage.item_size
    reach = offset + 1 + sum((count - 1) * stride for count, stride in zip(shape, strides, strict=True))
    found.beyond |= elements > 0 and reach > storage.elements
