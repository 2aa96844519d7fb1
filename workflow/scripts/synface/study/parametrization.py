"""What a file of weights says of its GANmut, read while planning, without PyTorch: how it is built, and its framing."""

import json
import mmap
import re
from functools import cache
from pathlib import Path
from typing import Any

# Names of tensors stand as plain text in safetensors, in PyTorch's zip files and in its older pickles.
_MARKS = {"linear": re.compile(rb"(?<!covariance_)axes\.weight"), "gaussian": re.compile(rb"mu\.weight")}

_BLOCK = re.compile(r"main\.\d+\.main\.0\.weight")
_LONGEST_HEADER = 100_000_000  # bytes, of safetensors


@cache
def parametrization_of(path: Path | str) -> str | None:
    """Return "linear" or "gaussian"; None when the file is not there, or names neither or both."""
    path = Path(path)
    if not path.is_file() or not path.stat().st_size:
        return None
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = [kind for kind, mark in _MARKS.items() if mark.search(content)]
    return found[0] if len(found) == 1 else None


@cache
def framing_of(path: Path | str) -> str:
    """Return the frame of the face that a generator knows, as its training wrote it into our safetensors.

    Of these without such an entry, MTCNN's square; of any other file, a published one, dlib-like.
    """
    try:
        facts = json.loads(_header(path)["__metadata__"]["ganmut"])
        found = facts.get("framing", "as-is")
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return "dlib-like"
    return "mtcnn-square" if found == "as-is" else str(found)


@cache
def built_of(path: Path | str) -> dict[str, Any]:
    """Return how the generator in a file is built, as far as that can be told, under the names of `BUILT_OF`.

    Our safetensors tell all of it, another file whether it is linear or Gaussian; one that is not there tells nothing.
    """
    kind = parametrization_of(path)
    found: dict[str, Any] = {} if kind is None else {"parametrization": kind}
    try:
        header = _header(path)
        facts = json.loads(header["__metadata__"]["ganmut"])
        return found | {
            "channels": int(header["main.0.weight"]["shape"][0]),
            "blocks": sum(bool(_BLOCK.fullmatch(name)) for name in header),
            "image_size": facts["image_size"],
            "masked": facts.get("masked", False),
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError):
        return found


def _header(path: Path | str) -> Any:
    """Return the header of a file of safetensors; of another file something without its entries, or an error."""
    with Path(path).open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        return json.loads(file.read(size)) if size <= _LONGEST_HEADER else {}
