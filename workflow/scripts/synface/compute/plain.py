"""PyTorch's files read as plain data: tensors, and the numbers and names that scripts save beside them.

PyTorch's own restricted reader (``weights_only``) does the reading, and builds tensors only. Harmless things that it
does not know are admitted by their name, and an empty `Beside` stands for each: no code of theirs runs, nor NumPy's, so
it does not matter which version or operating system they come from.
"""

import pickle
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

import torch

from synface.compute.filetype import AGAIN, LEGACY_MAGIC, reason_of, shown, size_in_words
from synface.compute.pickles import Contents, examine
from synface.compute.states import PREFERRED_WRAPPERS
from synface.core.errors import InputError

MOST_BYTES = 4 << 30  # the largest file of these networks, with its optimizer, has 1 GB
_BESIDE = (
    "argparse.Namespace",
    "types.SimpleNamespace",
    "decimal.Decimal",
    "fractions.Fraction",
    "uuid.UUID",
    *(f"datetime.{name}" for name in ("date", "datetime", "time", "timedelta", "timezone")),
    *(f"builtins.{name}" for name in ("bool", "bytes", "dict", "float", "frozenset", "int", "list", "object")),
    *(f"builtins.{name}" for name in ("range", "slice", "str", "tuple")),
    *(
        f"{module}.{name}"
        for module in ("pathlib", "pathlib._local")  # the second is Python 3.13's
        for name in ("Path", "PosixPath", "WindowsPath", "PurePath", "PurePosixPath", "PureWindowsPath")
    ),
)
_NUMPY = re.compile(
    r"numpy\.(_?core\.multiarray\.(scalar|_reconstruct)|dtype|ndarray|dtypes\.\w+DType"
    r"|bool_?|u?int\d+|float\d+|complex\d+|str_|bytes_|(datetime|timedelta)64"
    r"|random\.\w+\.\w+)"
)
# Python 2's names, which Python 3 writes too, for types above; and what PyTorch's reader knows by itself.
_KNOWN = re.compile(
    r"builtins\.(long|unicode|xrange|set|bytearray|complex)|_codecs\.encode"
    r"|collections\.(OrderedDict|Counter|defaultdict|deque)"
    r"|torch\.(nn\.parameter\.Parameter|_utils\._rebuild_\w+|_tensor\._rebuild_from_type_v2|Size|device"
    r"|serialization\._get_layout|((cuda|sparse|cuda\.sparse|storage)\.)?\w*(Storage|Tensor)"
    r"|bool|q?u?int\d+\w*|b?float\d+\w*|complex\d+|bits\d+\w*|per_(tensor|channel)_\w+)"
)
_WRAPPERS = (*PREFERRED_WRAPPERS, "model", "net", "generator", "G", "params_ema", "params")


class Beside:
    """Stands for something harmless beside a state; it takes whatever that was made of, and forgets it."""

    def __new__(cls, *_arguments: Any) -> "Beside":
        """Return an empty one."""
        return super().__new__(cls)

    def __init__(self, *_arguments: Any) -> None: ...

    def __setstate__(self, _state: Any) -> None: ...


def read_plain(path: Path, kind: str) -> Any:
    """Return what the PyTorch file at ``path`` holds, on the CPU.

    Args:
        path: the file.
        kind: ``"torch"`` or ``"legacy"``, see `file_type`.

    Raises:
        InputError: the file is damaged, declares more than it has, or holds what only code could build.
    """
    try:
        contents = _examine_zip(path) if kind == "torch" else _examine_legacy(path)
    except InputError:
        raise
    except Exception as error:  # a damaged pickle fails in any of a dozen ways
        raise InputError(f"{path}: a damaged PyTorch file ({reason_of(error)}); {AGAIN}") from error
    _refuse_objects(path, contents)
    _refuse_sizes(path, contents)
    admitted = [(Beside, name) for name in (*_BESIDE, *filter(_NUMPY.fullmatch, contents.names))]
    admitted += [(_dictionary, "collections.defaultdict"), (_list, "collections.deque")]
    try:
        with torch.serialization.safe_globals(admitted), warnings.catch_warnings():
            # Of another protocol, and of whom to tell.
            warnings.simplefilter("ignore", UserWarning)
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        # What PyTorch says here is how to run the code all the same.
        form = f"pickle protocol {contents.protocol}" if contents.protocol > 2 else "something other than plain data"
        raise InputError(
            f"{path}: written with {form}, and pickled code is not run; where it was made, load it "
            'and save its state dict alone: torch.save(state_dict, "state.pth")'
        ) from error
    except Exception as error:  # as above
        raise InputError(f"{path}: a damaged PyTorch file ({reason_of(error)}); {AGAIN}") from error


def too_large(path: Path, size: int) -> str:
    """Return the message for a file whose weights have ``size`` bytes, more than are read."""
    return (
        f"{path}: {size_in_words(size)} of weights; expected at most {size_in_words(MOST_BYTES)}, "
        "more than the networks here need; give the weights of one network alone"
    )


def _dictionary(*_factory: Any) -> dict:
    # Filled by the reader, which fills dictionaries of no other type.
    return {}


def _list(*_contents: Any) -> list:
    return []


def _examine_zip(path: Path) -> Contents:
    with zipfile.ZipFile(path) as archive:
        sizes = {entry.filename.partition("/")[2]: entry.file_size for entry in archive.infolist()}
        if sum(sizes.values()) > MOST_BYTES:
            raise InputError(too_large(path, sum(sizes.values())))
        name = next(entry for entry in archive.namelist() if entry.partition("/")[2] == "data.pkl")
        with archive.open(name) as stream:
            contents = examine(stream)
    for key, declared in contents.storages.items():
        stored = sizes.get(f"data/{key}", 0)
        if declared > stored:
            raise InputError(_declares_more(path, f"{size_in_words(declared)} for a tensor that has", stored))
    return contents


def _examine_legacy(path: Path) -> Contents:
    with path.open("rb") as stream:
        stream.seek(len(LEGACY_MAGIC))
        for _ in ("version", "description of the machine"):
            examine(stream)
        contents = examine(stream)
        left = path.stat().st_size - stream.tell()
    declared = sum(contents.storages.values())
    if declared > left:
        raise InputError(_declares_more(path, f"{size_in_words(declared)} of tensors and holds", left))
    return contents


def _refuse_objects(path: Path, contents: Contents) -> None:
    foreign = [name for name in contents.names if not _is_plain(name)]
    if not foreign:
        return
    # How Python's oldest pickles say that an object follows.
    named = next((name for name in foreign if not name.startswith("copyreg.")), foreign[0])
    # A network's own class is named before the layers in it.
    whole = any(name.startswith("torch.nn.modules.") for name in foreign)
    wrapper = next((name for name in _WRAPPERS if name in contents.texts), None)
    state = f'torch.load("{shown(path.name)}", map_location="cpu", weights_only=False)'
    if contents.dictionary:
        state += f'["{wrapper or PREFERRED_WRAPPERS[-1]}"]'
    if whole and not (contents.dictionary and wrapper in PREFERRED_WRAPPERS):
        state += ".state_dict()"
    called = named.rpartition(".")[2][:1].islower()
    holds = "calls" if called else f"holds {'a whole network' if whole else 'an object'} of"
    raise InputError(
        f"{path}: {holds} {shown(named)}, whose code would have to run, and pickled code is not run; where the file "
        f'was made, save its state dict alone: torch.save({state}, "state.pth"), or as safetensors'
    )


def _is_plain(name: str) -> bool:
    return name in _BESIDE or bool(_NUMPY.fullmatch(name) or _KNOWN.fullmatch(name))


def _refuse_sizes(path: Path, contents: Contents) -> None:
    if contents.tensor_bytes > MOST_BYTES:
        raise InputError(too_large(path, contents.tensor_bytes))
    if contents.beyond:
        raise InputError(f"{path}: a damaged PyTorch file (a tensor larger than what is stored of it); {AGAIN}")


def _declares_more(path: Path, declared: str, stored: int) -> str:
    found = f"it declares {declared} {size_in_words(stored)}"
    return f"{path}: a damaged PyTorch file, or one that broke off: {found}; {AGAIN}"
