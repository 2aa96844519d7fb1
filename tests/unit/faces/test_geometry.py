import numpy as np
import pandas as pd
import pytest

from drawn.face import draw_face, sample_face
from synface.core.emotions import Emotion
from synface.core.images import encode_png
from synface.faces.geometry import MEASURES, lie, measure_geometry
from synface.faces.table import Face


@pytest.mark.parametrize("angle", [0.0, 12.0, -30.0])
def test_measures_by_hand(angle):
    turn = np.radians(angle)
    half = 20 * np.array([np.cos(turn), np.sin(turn)])
    points = np.zeros((5, 2))
    points[0], points[1] = np.array([50, 40]) - half, np.array([50, 40]) + half
    measures = lie(Face((10, 5, 80, 95), 0.99, points), height=100, width=100)
    assert measures == pytest.approx((0.9, 0.4, 0.4, angle))
    # A picture that is twice as large shows the face alike.
    assert lie(Face((20, 10, 160, 190), 0.99, points * 2), 200, 200) == pytest.approx(measures)


def test_a_dataset_of_drawn_faces_is_measured_as_it_was_drawn(tmp_path):
    names, truths = [], []
    for number in range(12):
        face = sample_face(1, str(number), emotion=Emotion.NEUTRAL, intensity=0.0, domain="raf")
        drawn = draw_face(face, 100)
        (tmp_path / f"{number}.png").write_bytes(encode_png(drawn.image))
        names.append(f"{number}.png")
        left, right = drawn.landmarks[36:42].mean(0), drawn.landmarks[42:48].mean(0)
        truths.append((np.hypot(*(right - left)) / 100, (left[1] + right[1]) / 200))
    pd.DataFrame({"file_name": names}).to_csv(tmp_path / "metadata.csv", index=False)
    measure_geometry(metadata=tmp_path / "metadata.csv", geometry=tmp_path / "geometry.csv")
    table = pd.read_csv(tmp_path / "geometry.csv").set_index("measure")
    assert list(table.index) == list(MEASURES)
    assert table["measured"].iloc[0] >= 10
    distance, height = np.mean(truths, axis=0)
    assert table.loc["eye_distance", "mean"] == pytest.approx(distance, rel=0.05)
    assert table.loc["eye_height", "mean"] == pytest.approx(height, abs=0.02)


def test_pictures_without_faces_are_counted(tmp_path):
    (tmp_path / "grey.png").write_bytes(encode_png(np.full((60, 60, 3), 128, np.uint8)))
    pd.DataFrame({"file_name": ["grey.png"]}).to_csv(tmp_path / "metadata.csv", index=False)
    measure_geometry(metadata=tmp_path / "metadata.csv", geometry=tmp_path / "geometry.csv")
    table = pd.read_csv(tmp_path / "geometry.csv")
    assert table["mean"].isna().all()
    assert set(table["measured"]) == {0}
    assert set(table["looked_at"]) == {1}
