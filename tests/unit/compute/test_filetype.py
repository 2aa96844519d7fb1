"""What stands in the place of weights is called what it is, by its first bytes."""

import gzip
import io
import lzma
import pickle
import tarfile
import zipfile

import cv2
import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from synface.compute.filetype import file_type, shown, size_in_words
from synface.compute.weights import read_weights
from synface.core.errors import InputError

PICTURE = np.zeros((8, 8, 3), np.uint8)


def packed(write):
    stream = io.BytesIO()
    write(stream)
    return stream.getvalue()


def tarred(stream):
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("checkpoint/G.ckpt"), io.BytesIO())


def zipped(*names):
    def write(stream):
        with zipfile.ZipFile(stream, "w") as archive:
            for name in names:
                archive.writestr(name, b"weights")

    return packed(write)


OTHERS = {
    "html": (
        lambda: b"\n <!DOCTYPE html><html><head><title>Google Drive - Quota exceeded</title></head>",
        r'an HTML page titled "Google Drive - Quota exceeded".*open the link in a browser, confirm',
    ),
    "html without a title": (lambda: b"<html><body>Virus scan warning", "an HTML page, as a site shows"),
    "xml": (lambda: b'<?xml version="1.0"?><Error><Code>AccessDenied', "an HTML page, as a site shows"),
    "lfs": (
        lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 33000000\n",
        r"a Git LFS pointer, .* \(73 bytes\); run git lfs pull",
    ),
    "annex": (lambda: b"/annex/objects/SHA256E-s33--4d7a.pth\n", "a git-annex pointer.*git annex get"),
    "empty": (lambda: b"", r"an empty file \(0 bytes\); download it again"),
    "zeros": (lambda: bytes(9000), r"begins with zeros only.* \(9\.0 kB\); download it again"),
    "json": (lambda: b'{"message": "Not Found"}', r'a text that begins "\{"message": "Not Found"\}"'),
    "text": (lambda: "Gewichte: größer\n".encode() * 900, 'a text that begins "Gewichte: größer"'),
    "gzip": (lambda: gzip.compress(b"weights"), "packed with gzip.*gunzip"),
    "xz": (lambda: lzma.compress(b"weights"), "packed with xz.*unxz"),
    "tar": (lambda: packed(tarred), "a tar archive.*tar -xf"),
    "zip": (lambda: zipped("lin/G.ckpt", "README"), r"a zip archive \(holding lin/G\.ckpt and 1 more\).*unpack it"),
    "empty zip": (zipped, r"a zip archive \(empty\)"),
    "keras 3": (lambda: zipped("config.json", "model.weights.h5"), "a Keras file"),
    "npz": (lambda: packed(lambda stream: np.savez(stream, a=np.zeros(2))), "a file of NumPy arrays"),
    "npy": (lambda: packed(lambda stream: np.save(stream, np.zeros(2))), "a NumPy array"),
    "hdf5": (lambda: b"\x89HDF\r\n\x1a\n\x00\x00\x00\x00", "an HDF5 file, as Keras writes"),
    # ir_version 8, then producer_name "pytorch": how torch.onnx begins a file.
    "onnx": (lambda: b"\x08\x08\x12\x07pytorch\x1a\x051.9.0:\x80\x01", "an ONNX model"),
    # saved_model_schema_version 1, then a MetaGraphDef of 300 bytes.
    "saved model": (lambda: b"\x08\x01\x12\xac\x02\x0a\x10\x12\x05serve", "a TensorFlow SavedModel"),
    "frozen graph": (lambda: b"\x0a\x1d\x0a\x01x\x12\x0bPlaceholder*\x0b", "a TensorFlow graph"),
    "tflite": (lambda: b"\x1c\x00\x00\x00TFL3\x00\x00", "a TensorFlow Lite model"),
    "jpeg": (lambda: cv2.imencode(".jpg", PICTURE)[1].tobytes(), "a JPEG picture"),
    "png": (lambda: cv2.imencode(".png", PICTURE)[1].tobytes(), "a PNG picture"),
    "bmp": (lambda: cv2.imencode(".bmp", PICTURE)[1].tobytes(), "a BMP picture"),
    "tiff": (lambda: cv2.imencode(".tiff", PICTURE)[1].tobytes(), "a TIFF picture"),
    "webp": (lambda: cv2.imencode(".webp", PICTURE)[1].tobytes(), "a WebP picture"),
    "torchscript": (
        lambda: zipped(*(f"G/{name}" for name in ("data.pkl", "code/__torch__.py", "constants.pkl"))),
        r"a TorchScript archive.*torch\.jit\.load\(\"file\"\)\.state_dict\(\)",
    ),
    "pickle": (lambda: pickle.dumps({"a": 1}), "a pickle of Python's.*torch.save, as it is, instead of pickle.dump"),
    "other": (lambda: bytes(range(200, 256)), r"not known here \(it begins with c8 c9 ca cb cc cd ce cf\)"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_something_else_is_named(tmp_path, kind):
    content, message = OTHERS[kind]
    (tmp_path / "file").write_bytes(content())
    with pytest.raises(InputError, match=rf"file: no weights, but .*{message}") as error:
        read_weights(tmp_path / "file")
    assert "\n" not in str(error.value)


def test_weights_are_known_whatever_their_suffix(tmp_path):
    state = {"weight": torch.ones(2)}
    torch.save(state, tmp_path / "new.safetensors")
    torch.save(state, tmp_path / "old.safetensors", _use_new_zipfile_serialization=False)
    save_file(state, tmp_path / "own.pth")
    kinds = {"new.safetensors": "torch", "old.safetensors": "legacy", "own.pth": "safetensors"}
    for name, kind in kinds.items():
        assert file_type(tmp_path / name).kind == kind
        assert torch.equal(read_weights(tmp_path / name)[0]["weight"], torch.ones(2))


@pytest.mark.parametrize(
    ("form", "left", "message"),
    [
        ("new", 0.5, r"without its end.* \({size}\); download it again"),
        ("new", 0.99, r"without its end.* \({size}\); download it again"),
        ("old", 0.5, r"declares 40\.0 kB of tensors and holds 19\.\d kB; download it again"),
        ("old", 0.99, r"declares 40\.0 kB of tensors and holds 39\.\d kB; download it again"),
        ("own", 0.5, r"a safetensors file without its end.* \({size}\); download it again"),
        ("own", 0.001, r"a safetensors file without its end.* \({size}\); download it again"),
    ],
)
def test_a_download_that_broke_off_is_told(tmp_path, form, left, message):
    state, path = {"weight": torch.ones(10_000)}, tmp_path / "file"
    if form == "own":
        save_file(state, path)
    else:
        torch.save(state, path, _use_new_zipfile_serialization=form == "new")
    content = path.read_bytes()[: int(left * path.stat().st_size)]
    path.write_bytes(content)
    size = f"{len(content)} bytes" if len(content) < 1000 else rf"{len(content) / 1000:.1f} kB"
    with pytest.raises(InputError, match=message.format(size=size.replace(".", r"\."))):
        read_weights(path)


def test_a_folder_and_nothing_are_told(tmp_path):
    with pytest.raises(InputError, match="a folder; expected a weights file"):
        read_weights(tmp_path)
    with pytest.raises(InputError, match=r"no such weights file; see resources/README\.md"):
        read_weights(tmp_path / "absent")


def test_a_text_of_a_file_cannot_write_to_the_terminal():
    assert shown("\x1b[31mred\nline\x07") == "?[31mred?line?"
    assert shown("a" * 81) == "a" * 77 + "..."


@pytest.mark.parametrize(
    ("size", "words"), [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (33_400_000, "33.4 MB"), (5e9, "5.0 GB")]
)
def test_sizes_in_words(size, words):
    assert size_in_words(size) == words
