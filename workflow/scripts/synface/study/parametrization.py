"""Whether a file of weights holds a linear or a Gaussian GANmut, read while planning, without PyTorch."""

import mmap
import re
from functools import cache
from pathlib import Path

# Names of tensors stand as plain text in safetensors, in PyTorch's zip files and in its older pickles.
_MARKS = {"linear": re.compile(rb"(?<!covariance_)axes\.weight"), "gaussian": re.compile(rb"mu\.weight")}


@cache
def parametrization_of(path: Path | str) -> str | None:
    """Return "linear" or "gaussian"; None when the file is not there, or names neither or both."""
    path = Path(path)
    if not path.is_file() or not path.stat().st_size:
        return None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = [kind for kind, mark in _MARKS.items() if mark.search(content)]
    return found[0] if len(found) == 1 else None
