import numpy as np
import pandas as pd
import pytest
from imaging import portrait, write_images, write_source

from synface.core.errors import InputError
from synface.faces.detector import load_detector
from synface.faces.table import CUT_OFF, NO_FACE, TOO_SMALL, UNSURE, Face, read_faces
from synface.stages.detect import detect_faces, edited_face
from synface.stages.frames import prepare_frames

SETTINGS = {"min_face": 0.2, "min_probability": 0.9, "framing": "mtcnn-box"}
ZEROS = np.zeros((5, 2))


def test_images_of_any_sizes_at_once_give_what_each_gives_alone():
    detector = load_detector(min_face=0.2)
    side_by_side = np.concatenate([portrait("0", 128), portrait("1", 128)], axis=1)
    images = [portrait("2", 160), np.zeros((9, 9, 3), np.uint8), side_by_side, portrait("3", 160)]
    found = detector.detect(images)
    assert [len(faces) for faces in found] == [1, 0, 2, 1]
    for image, faces in zip(images, found, strict=True):
        (alone,) = detector.detect([image])
        for face, other in zip(faces, alone, strict=True):
            assert face.box == other.box
            np.testing.assert_array_equal(face.landmarks, other.landmarks)
    left, top, right, bottom = found[0][0].box
    x, y = found[0][0].landmarks.T
    assert left < x.min() < x.max() < right
    assert top < y.min() < y.max() < bottom
    assert x[0] < x[1]
    assert x[3] < x[4]
    assert detector.detect([]) == []


def test_batches_as_on_a_gpu_give_the_same_faces():
    detector = load_detector(min_face=0.2)
    images = [portrait(str(index), 160) for index in range(3)]
    alone = detector.detect(images)
    detector.batch_size = 2
    for faces, others in zip(detector.detect(images), alone, strict=True):
        np.testing.assert_allclose([face.box for face in faces], [face.box for face in others], atol=0.01)
    names = [name for name, _, _ in detector.detect_stream(zip("abc", images, strict=True))]
    assert names == ["a", "b", "c"]


def face(left, top, right, bottom, probability=0.99) -> Face:
    return Face((left, top, right, bottom), probability, ZEROS)


@pytest.mark.parametrize(
    ("faces", "expected"),
    [
        ([], NO_FACE),
        ([face(10, 10, 60, 80, 0.89)], UNSURE),
        ([face(10, 10, 60, 80, 0.5), face(40, 40, 70, 80, 0.95)], (40, 40, 70, 80)),
        ([face(0, 0, 30, 40), face(20, 20, 60, 80)], (20, 20, 60, 80)),
        ([face(-8.4, 30.6, 41.5, 110.2)], (0, 31, 42, 100)),
        ([face(-40, 20, 30, 90)], CUT_OFF),
        ([face(10, 10, 25, 29)], TOO_SMALL),
        ([face(10, 10, 25, 60)], TOO_SMALL),
    ],
    ids=["none", "unsure", "unsure-largest", "largest", "clipped", "cut-off", "small", "narrow"],
)
def test_the_face_to_edit_in_a_frame_of_100_by_120(faces, expected):
    chosen = edited_face(faces, 100, 120, **SETTINGS)
    assert (chosen if isinstance(chosen, str) else chosen.box) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [((30, 20, 70, 80), (20, 20, 80, 80)), ((0, 20, 40, 80), (0, 20, 50, 80))],
    ids=["inside", "clipped"],
)
def test_a_square_around_the_face_is_edited_where_asked(found, expected):
    assert edited_face([face(*found)], 100, 120, **{**SETTINGS, "framing": "mtcnn-square"}).box == expected


def detected(folder, plan, shard="0") -> pd.DataFrame:
    paths = {"frames": folder / f"frames/{shard}.tar", "rejects": folder / f"frames/{shard}.rejects.csv"}
    prepare_frames(images=folder, plan=plan, shard=shard, resolution=128, **paths)
    faces = folder / f"faces/{shard}.csv"
    detect_faces(plan=plan, shard=shard, faces=faces, settings=SETTINGS, **paths)
    return pd.read_csv(faces, dtype=str, keep_default_na=False)


@pytest.fixture
def portraits():
    return {
        "010": portrait("0", 144),
        "003": b"no image",
        "007": np.full((128, 128, 3), 90, np.uint8),
        "001": portrait("4", 128),
    }


def test_every_planned_portrait_has_a_row_with_a_face_or_a_reason(tmp_path, portraits):
    table = detected(tmp_path, write_source(tmp_path, portraits))
    assert table["source_id"].tolist() == ["001", "003", "007", "010"]
    assert table["reason"].iloc[[0, 2, 3]].tolist() == ["", NO_FACE, ""]
    assert "003.png" in table["reason"].iloc[1]
    faces, _ = read_faces(tmp_path / "faces/0.csv")
    assert list(faces) == ["001", "010"]
    assert all(probability >= 0.9 for probability in table["probability"].iloc[[0, 3]].astype(float))


def test_another_number_of_shards_gives_the_same_faces(tmp_path, portraits):
    whole = detected(tmp_path / "one", write_source(tmp_path / "one", portraits))
    plan = write_source(tmp_path / "two", portraits, shards=2)
    halves = pd.concat([detected(tmp_path / "two", plan, shard) for shard in ("0", "1")])
    pd.testing.assert_frame_equal(halves.sort_values("source_id", ignore_index=True), whole)


def test_frames_of_another_plan_are_an_error(tmp_path, portraits):
    plan = write_source(tmp_path, portraits)
    detected(tmp_path, plan)
    write_images(tmp_path / "frames/0.tar", {"001": portrait("4", 128)})
    with pytest.raises(InputError, match="not the frames that"):
        detect_faces(
            frames=tmp_path / "frames/0.tar",
            rejects=tmp_path / "frames/0.rejects.csv",
            plan=plan,
            shard=0,
            faces=tmp_path / "again.csv",
            settings=SETTINGS,
        )
