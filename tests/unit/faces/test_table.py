import numpy as np
import pandas as pd

from synface.faces.table import Face, read_faces, write_faces

LANDMARKS = np.random.default_rng(5).uniform(0, 99, (5, 2))
FOUND = {"007": "no face found", "003": Face((1, 2, 30, 40), 0.98765432, LANDMARKS)}


def test_the_table_has_a_row_for_each_by_id(tmp_path):
    write_faces(FOUND, tmp_path / "faces.csv")
    table = pd.read_csv(tmp_path / "faces.csv", dtype=str)
    assert table["source_id"].tolist() == ["003", "007"]
    assert table.loc[0, ["left", "top", "right", "bottom", "probability"]].tolist() == ["1", "2", "30", "40", "0.9877"]
    assert table.loc[1].dropna().to_dict() == {"source_id": "007", "reason": "no face found"}
    names = ["left_eye", "right_eye", "nose", "mouth_left", "mouth_right"]
    for name, (x, y) in zip(names, LANDMARKS, strict=True):
        assert float(table.loc[0, f"{name}_x"]) == round(x, 2)
        assert float(table.loc[0, f"{name}_y"]) == round(y, 2)


def test_what_was_written_is_read(tmp_path):
    write_faces(FOUND, tmp_path / "faces.csv")
    faces, reasons = read_faces(tmp_path / "faces.csv")
    assert reasons == {"007": "no face found"}
    assert list(faces) == ["003"]
    assert faces["003"].box == (1, 2, 30, 40)
    np.testing.assert_allclose(faces["003"].landmarks, LANDMARKS, atol=0.005 + 1e-9)


def test_a_shard_of_rejects_alone_can_be_read(tmp_path):
    write_faces({"1": "a", "2": "b"}, tmp_path / "faces.csv")
    assert read_faces(tmp_path / "faces.csv") == ({}, {"1": "a", "2": "b"})
    write_faces({}, tmp_path / "faces.csv")
    assert read_faces(tmp_path / "faces.csv") == ({}, {})
