"""Label files as editors and scripts leave them: any usual encoding, any usual separator, with or without a header."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from synface.core.errors import InputError

# The longest field: a 48 x 48 image in FER2013's table has 9,215 characters, one of 512 x 512 a million.
csv.field_size_limit(1 << 24)
_SEPARATORS = (",", "\t", ";", "|")


def read_text(path: Path) -> str:
    """Return the text of a label file, whether UTF-8, UTF-16 or Latin-1, without its byte order mark.

    Raises `InputError` for a file that cannot be read or is no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: the label file cannot be read ({error.strerror})") from error
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise InputError(f"{path}: expected a text file of labels, found binary data; download or export it again")
    return text


def lines_of(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, fields) of a list such as ``name label``, by space, tab, comma or semicolon.

    With spaces, all but the last field are the name, which may have spaces itself. Empty lines, and a first line whose
    last field is a word for labels, are left out.
    """
    text = read_text(path)
    separator = _separator(text)
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        if separator is None:
            name, _, label = line.strip().rpartition(" ")
            fields = [name.strip(), label]
        else:
            fields = [field.strip() for field in next(csv.reader([line], delimiter=separator))]
        if number == 1 and fields[-1].lower() in ("label", "labels", "expression", "emotion", "class"):
            continue
        yield number, fields


def read_rows(path: Path, *, header: bool | str = True) -> pd.DataFrame:
    """Read a table of text, with whatever separator; every field is text, an empty one is "".

    The index is the line number. Without ``header`` the columns are numbered; given as a name, the first row is a
    header where it has that name. Raises `InputError` for a table without rows, with one name for two columns, or with
    a row that has more fields than columns.
    """
    text = read_text(path)
    reader = csv.reader(io.StringIO(text), delimiter=_separator(text) or ",")
    rows, numbers = [], []
    try:
        for row in reader:
            if any(field.strip() for field in row):
                rows.append(row)
                numbers.append(reader.line_num)
    except csv.Error as error:
        raise InputError(f"{path}, line {reader.line_num}: not a readable table ({error})") from error
    names = [name.strip() for name in rows[0]] if rows else []
    has_header = header in names if isinstance(header, str) else header
    if has_header:
        rows, numbers = rows[1:], numbers[1:]
        if len(set(names)) < len(names):
            double = next(name for name in names if names.count(name) > 1)
            raise InputError(f"{path}: two columns are called {double!r}; expected each name once")
    if not rows:
        raise InputError(f"{path}: expected a row for each image, found none")
    columns: list[Any] = list(names) if has_header else list(range(max(map(len, rows))))
    for number, row in zip(numbers, rows, strict=True):
        if len(row) > len(columns):
            raise InputError(f"{path}, line {number}: found {len(row)} fields; expected {len(columns)}, as in line 1")
    filled = [row + [""] * (len(columns) - len(row)) for row in rows]
    return pd.DataFrame(filled, columns=columns, index=numbers, dtype="str")


def read_code(path: Path) -> object:
    """Return the one number or word in an .npy file.

    Raises `InputError` with the reason: objects, which could run code, are never unpickled.
    """
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, kind = read(file, max_header_size=10_000)
            if kind.hasobject:
                raise InputError(
                    "holds a Python object, which is not read since it could run code; save it as a number"
                )
            if int(np.prod(shape)) != 1 or kind.itemsize > 1_000:
                raise InputError(f"holds an array of shape {list(shape)} and type {kind}; expected one number or word")
            file.seek(0)
            value = np.load(file, allow_pickle=False)
    except OSError as error:
        raise InputError(f"cannot be opened ({error.strerror})") from error
    except InputError:
        raise
    except Exception as error:  # a damaged header makes NumPy's parser fail in any of a dozen ways
        raise InputError(f"is no readable .npy file ({type(error).__name__})") from error
    if value.dtype.names:
        raise InputError(f"holds a record of {', '.join(value.dtype.names)}; expected one number or word")
    return value.reshape(-1)[0].item()


def _separator(text: str) -> str | None:
    """Return what separates the fields: of the usual separators, the one in the most of the first lines."""
    sample = [line for line in text.splitlines()[:50] if line.strip()]
    counts = {each: sum(each in line for line in sample) for each in _SEPARATORS}
    best = max(_SEPARATORS, key=lambda each: counts[each])
    return best if counts[best] > len(sample) / 2 else None
