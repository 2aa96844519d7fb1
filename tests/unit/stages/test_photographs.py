"""Photographs without labels: every face is classified, every file is in one of two tables, and the docs' lines run."""

import contextlib
import io
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from imaging import portrait

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.faces.table import BOX, NO_FACE
from synface.poster.loading import save_poster
from synface.poster.model import Poster
from synface.poster.preprocessing import normalize, resize
from synface.stages.photographs import predict_photographs

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A folder with a model that wants BGR and knows another order, and photographs."""
    folder = tmp_path_factory.mktemp("photographs")
    torch.manual_seed(0)
    network = Poster("small", 8, width=0.125, depth=1, input_size=64).eval()
    network.color_order, network.class_names = "bgr", (*reversed(LABELS), "contempt")
    save_poster(network, folder / "model.safetensors")
    (folder / "own/deep").mkdir(parents=True)
    pair = np.concatenate([portrait("0", 128), portrait("1", 128)], axis=1)
    files = {"pair.png": encode_png(pair), "deep/one.png": encode_png(portrait("2", 160))}
    files |= {"wall.png": encode_png(np.full((80, 120, 3), 90, np.uint8)), "broken.jpg": b"no image", "notes.txt": b"-"}
    for name, data in files.items():
        (folder / "own" / name).write_bytes(data)
    (folder / "own/gone.png").symlink_to(folder / "nothing.png")
    return folder, network


@pytest.fixture(scope="module")
def predicted(study):
    folder, _ = study
    tables = {name: folder / f"{name}.csv" for name in ("predictions", "left_out")}
    faces = predict_photographs(model=folder / "model.safetensors", folder=folder / "own", batch_size=2, **tables)
    return faces, pd.read_csv(tables["predictions"]), pd.read_csv(tables["left_out"])


def test_every_file_has_faces_or_a_reason(predicted):
    faces, table, left_out = predicted
    assert table[["file", "face"]].to_numpy().tolist() == [["deep/one.png", 1], ["pair.png", 1], ["pair.png", 2]]
    assert len(faces) == 3
    assert dict(left_out.to_numpy().tolist()) == {
        "broken.jpg": "not a readable image (unknown format)",
        "gone.png": "a link to nothing",
        "notes.txt": "not an image by its suffix",
        "wall.png": NO_FACE,
    }


def test_a_face_is_a_square_of_the_photograph_and_is_fed_as_the_network_wants(predicted, study):
    faces, table, _ = predicted
    row = table.iloc[0]
    left, top, right, bottom = row[BOX]
    assert 0 <= left < right <= 160
    assert bottom - top > right - left  # MTCNN's faces are upright; the side of the square is the height
    assert faces[0].shape == (100, 100, 3)
    pixels = np.stack([resize(face, 64) for face in faces]).transpose(0, 3, 1, 2)
    with torch.no_grad():
        logits = study[1](normalize(torch.from_numpy(pixels), "bgr")).double()
    expected = logits[:, :7].flip(1).softmax(dim=1)  # without contempt, in our order
    np.testing.assert_allclose(table[list(LABELS)], expected, atol=1e-4)
    assert table["predicted"].tolist() == [LABELS[index] for index in expected.argmax(dim=1)]


def test_other_crops_show_other_faces(study, tmp_path):
    folder, _ = study
    tables = {name: tmp_path / f"{name}.csv" for name in ("predictions", "left_out")}
    common = {"model": folder / "model.safetensors", "folder": folder / "own", **tables}
    aligned = predict_photographs(**common, method="aligned", size=112)
    assert {face.shape for face in aligned} == {(112, 112, 3)}
    # Whole pictures for faces: the wall is one, too.
    whole = predict_photographs(**common, method="as-is", size=40)
    assert pd.read_csv(tables["predictions"])["file"].tolist() == ["deep/one.png", "pair.png", "wall.png"]
    np.testing.assert_array_equal(whole[2], np.full((40, 40, 3), 90))


def test_no_folder_and_no_photograph_are_told(study, tmp_path):
    tables = {name: tmp_path / f"{name}.csv" for name in ("predictions", "left_out")}
    with pytest.raises(InputError, match="no folder with photographs"):
        predict_photographs(model=study[0] / "model.safetensors", folder=tmp_path / "none", **tables)
    (tmp_path / "text").mkdir()
    (tmp_path / "text/a.txt").write_text("a")
    assert predict_photographs(model=study[0] / "model.safetensors", folder=tmp_path / "text", **tables) == []
    assert pd.read_csv(tables["predictions"]).empty
    assert pd.read_csv(tables["left_out"])["file"].tolist() == ["a.txt"]


def test_the_eight_documented_lines_say_the_same(study, predicted, monkeypatch):
    folder, _ = study
    (lines,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs/weights.md").read_text(), flags=re.DOTALL)
    assert len([line for line in lines.splitlines() if line]) == 8
    (folder / "photograph.jpg").write_bytes((folder / "own/pair.png").read_bytes())
    monkeypatch.chdir(folder)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(lines, {})
    shown = [eval(line.replace("np.float64", "float")[line.index("{") :]) for line in printed.getvalue().splitlines()]
    expected = predicted[1].iloc[1:]
    assert [list(each) for each in shown] == [list(LABELS)] * 2
    np.testing.assert_allclose([list(each.values()) for each in shown], expected[list(LABELS)], atol=1e-4)
