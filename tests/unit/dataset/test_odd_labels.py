"""Label files that nobody thought of: each ends in a listing that accounts for every file, or in a sentence."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from synface.core.errors import InputError
from synface.dataset.layouts.folder import SetFolder
from synface.dataset.layouts.known import LAYOUTS, Asked, classes_given, list_images
from synface.dataset.listing import unlisted

FIELDS = st.one_of(
    st.sampled_from(
        ["", "1", "7", "8", "0", "-1", "3.7", "nan", "inf", "1e400", "happy", "Sad", "contempt", "train", "val"]
    ),
    st.sampled_from(
        ["a.jpg", "train_00001.jpg", "test_0001.jpg", "../a.jpg", "/etc/passwd", "a b.jpg", "0 0 1 1", '"']
    ),
    st.text(max_size=12),
)
LINES = st.lists(st.lists(FIELDS, min_size=1, max_size=9), max_size=8)
TEXTS = st.builds(
    lambda rows, separator, encoding, head: (head + "\n".join(separator.join(row) for row in rows)).encode(
        encoding, "replace"
    ),
    LINES,
    st.sampled_from([" ", ",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
    st.sampled_from(
        [
            "",
            "file_name,label\n",
            "emotion,pixels,Usage\n",
            "subDirectory_filePath,label,phase\n",
            "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n",
        ]
    ),
)
PLACES = {
    "EmoLabel/list_patition_label.txt": "raf-db",
    "training.csv": "affectnet",
    "affectnet.csv": "affectnet",
    "train_set/train_annotations_7class.txt": "affectnet",
    "fer2013.csv": "fer2013",
    "FER2013Train/label.csv": "ferplus",
    "label.lst": "expw",
    "metadata.csv": "hugging-face",
    "metadata.jsonl": "hugging-face",
    "faces.csv": "table",
}
COLUMNS = {
    "file": None,
    "image": "file_name",
    "label": "label",
    "split": None,
    "box": None,
    "edges": True,
    "folder": None,
}


def check(place: str, data: bytes, layout: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for image in (
            "Image/aligned/train_00001_aligned.jpg",
            "train_set/a.jpg",
            "Manually_Annotated_Images/a.jpg",
            "a.jpg",
        ):
            (root / image).parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (9, 9), 99).save(root / image)
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(data)
        told, listing = "", None
        try:
            _, listing = list_images(layout, root, Asked("train", columns=COLUMNS))
        except InputError as error:
            told = str(error)
        if listing is None:
            assert name in told
            return
        assert unlisted(listing, SetFolder.at(root).files) == []
        for image in listing.images:
            try:
                read = image.read() if image.read else (root / image.path).read_bytes()
            except InputError:
                continue
            assert read


@pytest.mark.parametrize("place", PLACES)
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.one_of(TEXTS, st.binary(max_size=200)))
def test_any_label_file_ends_in_a_listing_or_a_sentence(place, data):
    check(place, data, PLACES[place])
    check(place, data, "auto")


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.one_of(st.binary(max_size=200), st.binary(max_size=60).map(lambda tail: b"\x93NUMPY\x01\x00" + tail)))
def test_any_annotation_ends_in_a_listing_or_a_sentence(data):
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "val_set/annotations").mkdir(parents=True)
        (root / "val_set/images").mkdir()
        for stem in ("1", "2"):
            Image.new("RGB", (9, 9), 99).save(root / f"val_set/images/{stem}.jpg")
        np.save(root / "val_set/annotations/2_exp.npy", np.array("2"))
        (root / "val_set/annotations/1_exp.npy").write_bytes(data)
        _, listing = list_images("affectnet", root, Asked())
        assert unlisted(listing, SetFolder.at(root).files) == []


@settings(max_examples=100, deadline=None, derandomize=True)
@given(names=st.lists(st.text(max_size=8), max_size=5))
def test_any_names_of_classes_are_taken(names):
    assert len(classes_given(dict.fromkeys(names, "fear")).meaning) <= len(set(names))


def test_every_layout_with_a_list_is_tried():
    assert {*PLACES.values(), "synface", "class-folders"} == set(LAYOUTS)
