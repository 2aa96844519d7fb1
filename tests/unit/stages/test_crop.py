import cv2
import numpy as np
import pandas as pd
import pytest
from imaging import portrait, read_images, write_images

from synface.core.errors import InputError
from synface.dataset.cropping import crop_for
from synface.faces.align import TEMPLATE
from synface.faces.cut import cut_out
from synface.faces.detector import load_detector
from synface.faces.table import ELSEWHERE, NO_FACE, UNSURE, Face, write_faces
from synface.stages.crop import crop_faces, matching_face

SETTINGS = {"method": "mtcnn", "size": 100, "margin": 0.0, "min_overlap": 0.3, "square": True}
DETECT = {"min_face": 0.2, "min_probability": 0.9}
ALIGNED = {"method": "aligned", "size": 112, "margin": 0.5}
ZEROS = np.zeros((5, 2))


def face(left, top, right, bottom, probability=0.99) -> Face:
    return Face((left, top, right, bottom), probability, ZEROS)


@pytest.mark.parametrize(
    ("faces", "expected"),
    [
        ([], NO_FACE),
        ([face(200, 0, 400, 300)], ELSEWHERE),
        ([face(0, 0, 100, 28)], ELSEWHERE),
        ([face(0, 0, 100, 32)], (0, 0, 100, 32)),
        ([face(100, 0, 300, 300), face(5, 5, 95, 105)], (5, 5, 95, 105)),
        ([face(0, 0, 100, 100, 0.8)], UNSURE),
    ],
    ids=["none", "elsewhere", "hardly", "enough", "not-the-largest", "unsure"],
)
def test_the_face_that_overlaps_the_edited_one(faces, expected):
    chosen = matching_face(faces, (0, 0, 100, 100), 0.3, 0.9)
    assert (chosen if isinstance(chosen, str) else chosen.box) == expected


@pytest.fixture
def shard(tmp_path):
    # The second face of 001, the smaller one, is the one that was edited.
    small = np.full((160, 120, 3), 128, np.uint8)
    small[20:140] = portrait("1", 120)
    frames = {
        "000": portrait("0"),
        "001": np.concatenate([portrait("2"), small], axis=1),
        "002": np.full((160, 160, 3), 60, np.uint8),
    }
    largest, both = load_detector(min_face=0.2).detect([frames["000"], frames["001"]])
    found = {
        "000": Face([round(edge) for edge in largest[0].box], 0.99, ZEROS),
        "001": Face([round(edge) for edge in both[1].box], 0.99, ZEROS),
        "002": Face((30, 30, 120, 130), 0.99, ZEROS),
        "003": "no face found",
    }
    return frames, found


def cropped(folder, frames, found, blended=None, **settings):
    write_faces(found, folder / "faces.csv")
    paths = {"crops": folder / "crops.tar", "boxes": folder / "crops.csv"}
    crop_faces(
        frames=write_images(folder / "frames.tar", frames),
        blended=blended,
        faces=folder / "faces.csv",
        settings=SETTINGS | settings,
        detect=DETECT,
        **paths,
    )
    return read_images(paths["crops"]), pd.read_csv(paths["boxes"], dtype={"source_id": str}, keep_default_na=True)


def test_every_planned_portrait_has_a_row_and_every_face_a_crop(tmp_path, shard):
    frames, found = shard
    crops, table = cropped(tmp_path, frames, found)
    assert list(crops) == ["000", "001"]
    assert table["source_id"].tolist() == ["000", "001", "002", "003"]
    assert table["reason"].fillna("").tolist() == ["", "", NO_FACE, "no face found"]
    accepted = table.iloc[:2]
    assert (accepted["overlap"] > 0.95).all()
    assert (accepted["right"] - accepted["left"] == accepted["bottom"] - accepted["top"]).all()
    assert accepted["left"].iloc[1] > 140  # the edited face, though the other is larger
    for row in accepted.itertuples():
        box = tuple(int(edge) for edge in (row.left, row.top, row.right, row.bottom))
        np.testing.assert_array_equal(crops[row.source_id], cut_out(frames[row.source_id], box, 100))


def test_a_crop_shows_the_blended_face_in_its_portrait(tmp_path, shard):
    frames, found = shard
    found = {name: face for name, face in found.items() if name in ("000", "001")}
    boxes = {name: face.box for name, face in found.items()}
    shown, composites = {}, {name: frame.copy() for name, frame in frames.items()}
    for name, (left, top, right, bottom) in boxes.items():
        shown[name] = 255 - (255 - frames[name][top:bottom, left:right]) // 2
        composites[name][top:bottom, left:right] = shown[name]
    crops, _ = cropped(tmp_path, frames, found, write_images(tmp_path / "blended.tar", shown), margin=0.4)
    expected, _ = cropped(tmp_path, composites, found, margin=0.4)
    assert list(crops) == list(expected) == ["000", "001"]
    for name, crop in crops.items():
        np.testing.assert_array_equal(crop, expected[name])


def test_margin_and_size_are_those_of_the_settings(tmp_path, shard):
    frames, found = {"000": shard[0]["000"]}, {"000": shard[1]["000"]}
    _, plain = cropped(tmp_path, frames, found)
    crops, wide = cropped(tmp_path, frames, found, margin=0.4, size=64)
    assert crops["000"].shape == (64, 64, 3)
    sides = [float(table["bottom"].iloc[0] - table["top"].iloc[0]) for table in (plain, wide)]
    assert sides[1] / sides[0] == pytest.approx(1.4, abs=0.01)
    _, narrow = cropped(tmp_path, frames, found, square=False)
    left, top, right, bottom = narrow[["left", "top", "right", "bottom"]].iloc[0]
    assert bottom - top == sides[0]
    assert right - left < sides[0]


def test_aligned_faces_have_their_points_on_the_template_however_they_are_turned(tmp_path, shard):
    frame = shard[0]["000"]
    height, width = frame.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 12, 1)
    turned = cv2.warpAffine(frame, turn, (width, height), borderMode=cv2.BORDER_REFLECT_101)
    crops, table = cropped(
        tmp_path, {"000": frame, "001": turned}, dict.fromkeys(("000", "001"), shard[1]["000"]), **ALIGNED
    )
    detector = load_detector(min_face=0.4)
    for crop in crops.values():
        assert crop.shape == (112, 112, 3)
        (face,) = detector.detect([crop])[0]
        assert np.abs(face.landmarks - (TEMPLATE / 1.5 + 112 / 6)).max() < 4
    # The box is that around what is seen: larger for the turned face, about the same center.
    upright, tilted = table[["left", "top", "right", "bottom"]].to_numpy(float)
    assert tilted[2] - tilted[0] > 1.1 * (upright[2] - upright[0])
    assert np.abs((tilted[:2] + tilted[2:]) / 2 - (upright[:2] + upright[2:]) / 2).max() < 8


def test_synthetic_and_natural_faces_are_aligned_alike(tmp_path, shard):
    frames, found = {"000": shard[0]["000"]}, {"000": shard[1]["000"]}
    crops, _ = cropped(tmp_path, frames, found, **ALIGNED)
    natural = crop_for({**DETECT, "method": "aligned", "size": 112, "margin": 0.5})(frames["000"], None)
    np.testing.assert_array_equal(crops["000"], natural)


def test_another_number_of_shards_gives_the_same_crops(tmp_path, shard):
    frames, found = shard
    whole, table = cropped(tmp_path, frames, found)
    parts = []
    for names in (("000", "002"), ("001", "003")):
        folder = tmp_path / names[0]
        folder.mkdir()
        parts.append(cropped(folder, *({n: d[n] for n in names if n in d} for d in (frames, found))))
    for crops, _ in parts:
        for source_id, crop in crops.items():
            np.testing.assert_array_equal(crop, whole[source_id])
    joined = pd.concat([part for _, part in parts]).sort_values("source_id", ignore_index=True)
    pd.testing.assert_frame_equal(joined, table)


def test_a_missing_frame_is_an_error(tmp_path, shard):
    frames, found = shard
    with pytest.raises(InputError, match=r"frames\.tar: 002 is missing"):
        cropped(tmp_path, {name: frames[name] for name in ("000", "001")}, found)
