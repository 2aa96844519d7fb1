"""What a file is, told by its content: weights that can be read, or one of the things that come in their place."""

import json
import re
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

HEAD = 4096  # bytes that are looked at
MOST_SHOWN = 80  # characters of a name or text out of a file
LEGACY_MAGIC = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."  # torch.save before PyTorch 1.6: a pickled number
AGAIN = "download it again"

# Beginnings of files, what they are, and what to do about it.
_WEIGHTS = "give the weights that PyTorch wrote (.pth, .pt, .ckpt) or safetensors"
_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"\x1f\x8b", "packed with gzip", "unpack it (gunzip, or tar -xzf) and give the file within"),
    (b"\xfd7zXZ\x00", "packed with xz", "unpack it (unxz, or tar -xJf) and give the file within"),
    (b"BZh", "packed with bzip2", "unpack it (bunzip2, or tar -xjf) and give the file within"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "unpack it (unzstd) and give the file within"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it and give the file within"),
    (b"Rar!", "a RAR archive", "unpack it and give the file within"),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file, as Keras writes", _WEIGHTS),
    (b"\x93NUMPY", "a NumPy array", _WEIGHTS),
    (b"\xff\xd8\xff", "a JPEG picture", _WEIGHTS),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", _WEIGHTS),
    (b"GIF8", "a GIF picture", _WEIGHTS),
    (b"II*\x00", "a TIFF picture", _WEIGHTS),
    (b"MM\x00*", "a TIFF picture", _WEIGHTS),
    (b"%PDF", "a PDF document", _WEIGHTS),
    (b"\x00\x00\x00\x0cjP", "a JPEG 2000 picture", _WEIGHTS),
    # Protocol buffers have no magic number. SavedModel: version 1, then a graph. ONNX: a version, then a text or graph.
    (b"\x08\x01\x12", "a TensorFlow SavedModel", _WEIGHTS),
)
_ONNX = re.compile(rb"\x08[\x02-\x14][\x12\x1a\x22\x28\x32\x3a\x42]")


@dataclass(frozen=True)
class FileType:
    """What a file is.

    Attributes:
        kind: ``"torch"`` (the zip that torch.save writes), ``"legacy"`` (what it wrote before PyTorch 1.6),
            ``"safetensors"``, or ``"other"``.
        what: for a message, if it cannot be read: "an HTML page".
        advice: what to do then.
    """

    kind: str
    what: str = ""
    advice: str = AGAIN


def file_type(path: Path | str) -> FileType:
    """Return what the file at ``path`` is. Raises `OSError` when it cannot be read."""
    path = Path(path)
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        return FileType("other", "an empty file")
    if not head.strip(b"\x00"):
        return FileType("other", "a file that begins with zeros only, as a download that broke off leaves it")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(path)
    if head.startswith(LEGACY_MAGIC):
        return FileType("legacy")
    if len(head) > 8 and head[8:9] == b"{":
        return _safetensors_type(path, head, size)
    return _known_beginning(head) or _text_type(head) or _unknown(head)


def shown(text: str) -> str:
    """Return a text out of a foreign file as it may stand in a message: one short line that no terminal obeys."""
    plain = "".join(letter if letter.isprintable() else "?" for letter in text)
    return plain if len(plain) <= MOST_SHOWN else f"{plain[: MOST_SHOWN - 3]}..."


def size_in_words(size: int) -> str:
    """Return a number of bytes as text: "17 bytes", "3.2 MB"."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} bytes"


def reason_of(error: Exception) -> str:
    """Return the first line of what ``error`` says, as it may stand in a message."""
    return shown((str(error) or type(error).__name__).splitlines()[0].rstrip("."))


def _zip_type(path: Path) -> FileType:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error):
        # The table of contents of a zip is its end.
        what = "a PyTorch file or other zip archive without its end, as a download that broke off leaves it"
        return FileType("other", what)
    inner = {name.partition("/")[2] for name in names}
    if "data.pkl" in inner:
        if "constants.pkl" in inner:
            return FileType(
                "other",
                "a TorchScript archive, which is a program",
                "where it was made, save its state dict alone: "
                f'torch.save(torch.jit.load("{shown(path.name)}").state_dict(), "state.pth")',
            )
        return FileType("torch")
    if "model.weights.h5" in names:
        return FileType("other", "a Keras file", _WEIGHTS)
    if names and all(name.endswith(".npy") for name in names):
        return FileType("other", "a file of NumPy arrays", _WEIGHTS)
    holding = f"holding {shown(names[0])}" + (f" and {len(names) - 1} more" if names[1:] else "") if names else "empty"
    return FileType("other", f"a zip archive ({holding})", "unpack it and give the weights file within")


def _safetensors_type(path: Path, head: bytes, size: int) -> FileType:
    (header,) = struct.unpack("<Q", head[:8])
    if header > 100_000_000 and header + 8 > size:  # more than safetensors allows
        return _unknown(head)
    if header + 8 + _bytes_of_tensors(path, header) > size:
        return FileType("other", "a safetensors file without its end, as a download that broke off leaves it")
    return FileType("safetensors")


def _bytes_of_tensors(path: Path, header: int) -> int:
    """Return how many bytes must follow the header of a safetensors file, as far as it can be read."""
    with path.open("rb") as file:
        file.seek(8)
        try:
            described = json.loads(file.read(header))
            return max(
                (entry["data_offsets"][1] for key, entry in described.items() if key != "__metadata__"), default=0
            )
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
            return 0  # damaged in another way, which its reader tells


def _known_beginning(head: bytes) -> FileType | None:
    for beginning, what, advice in _BEGINNINGS:
        if head.startswith(beginning):
            return FileType("other", what, advice)
    if head[257:262] == b"ustar":
        return FileType("other", "a tar archive", "unpack it (tar -xf) and give the weights file within")
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileType("other", "a WebP picture", _WEIGHTS)
    if head.startswith(b"BM") and head[6:10] == bytes(4):
        return FileType("other", "a BMP picture", _WEIGHTS)
    if head[4:8] == b"TFL3":
        return FileType("other", "a TensorFlow Lite model", _WEIGHTS)
    if _ONNX.match(head):
        return FileType("other", "an ONNX model", _WEIGHTS)
    if head[0] == 0x0A and (b"\x12\x0bPlaceholder" in head or b"\x12\x05Const" in head):
        return FileType("other", "a TensorFlow graph", _WEIGHTS)
    if re.match(rb"\x80[\x02-\x05]", head):
        advice = "where it was made, save the state dict with torch.save, as it is, instead of pickle.dump"
        return FileType("other", "a pickle of Python's, whose code would have to run (pickled code is not run)", advice)
    return None


def _text_type(head: bytes) -> FileType | None:
    try:
        text = head.decode("utf-8", errors="strict" if len(head) < HEAD else "ignore").lstrip("\ufeff \t\r\n")
    except UnicodeDecodeError:
        return None
    if any(ord(letter) < 9 for letter in text):
        return None
    if text.startswith("version https://git-lfs"):
        return FileType(
            "other", "a Git LFS pointer, not the file it stands for", "run git lfs pull where it was cloned"
        )
    if "/annex/objects/" in text[:300]:
        return FileType("other", "a git-annex pointer, not the file it stands for", "run git annex get on it")
    if re.match(r"<(!doctype|html|head|body|\?xml|script|meta|!--)", text, re.IGNORECASE):
        title = re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE)
        named = f' titled "{shown(title[1].strip())}"' if title and title[1].strip() else ""
        return FileType(
            "other",
            f"an HTML page{named}, as a site shows before a download, or in its place",
            "open the link in a browser, confirm the download, and give the file that then comes",
        )
    first = text.splitlines()[0] if text else ""
    return FileType("other", f'a text that begins "{shown(first)}"', _WEIGHTS)


def _unknown(head: bytes) -> FileType:
    return FileType("other", f"of a kind that is not known here (it begins with {head[:8].hex(' ')})", _WEIGHTS)
