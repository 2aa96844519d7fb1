from pathlib import Path

import numpy as np
import pytest

from synface.core.errors import InputError
from synface.dataset.importing import list_images


def touch(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


def found(layout, root, split="all"):
    """(path, split, label, key) of each image and (path, split, label) of each one skipped."""
    listing = list_images(layout, root, split)
    images = [(image.path, image.split, image.emotion.label, image.key) for image in listing.images]
    return images, [(image.path, image.split, image.label) for image in listing.skipped]


@pytest.mark.parametrize("inside", ["", "basic/"])
def test_raf_db_as_published(tmp_path, inside):
    touch(tmp_path, f"{inside}Image/aligned/train_00001_aligned.jpg", f"{inside}Image/aligned/test_0001.jpg")
    labels = tmp_path / inside / "EmoLabel" / "list_patition_label.txt"
    labels.parent.mkdir()
    labels.write_text("train_00001.jpg 5\n\ntest_0001.jpg 7\ntrain_00002.jpg 1\n")
    images, skipped = found("raf-db", tmp_path)
    assert images == [
        (f"{inside}Image/aligned/train_00001_aligned.jpg", "train", "sadness", "train_00001"),
        (f"{inside}Image/aligned/test_0001.jpg", "test", "neutral", "test_0001"),
        (f"{inside}Image/aligned/train_00002_aligned.jpg", "train", "surprise", "train_00002"),
    ]
    assert skipped == []


def test_raf_db_as_on_kaggle(tmp_path):
    touch(tmp_path, "DATASET/train/4/train_00007_aligned.jpg", "DATASET/test/1/x.jpg", "DATASET/test/1/notes.txt")
    images, skipped = found("raf-db", tmp_path)
    assert images == [
        ("DATASET/train/4/train_00007_aligned.jpg", "train", "happiness", "train_00007"),
        ("DATASET/test/1/x.jpg", "test", "surprise", "test/x"),
    ]
    assert skipped == [("DATASET/test/1/notes.txt", "test", "1")]


@pytest.mark.parametrize(
    "line", ["train_00001.jpg 8", "train_00001.jpg happy", "../train_00001.jpg 1", "00001.jpg 1", "x"]
)
def test_raf_db_line_at_fault_is_named(tmp_path, line):
    touch(tmp_path, "Image/aligned/train_00001_aligned.jpg", "EmoLabel/list_patition_label.txt")
    (tmp_path / "EmoLabel" / "list_patition_label.txt").write_text(f"train_00001.jpg 1\n{line}\n")
    with pytest.raises(InputError, match="line 2"):
        found("raf-db", tmp_path)


def annotate(folder: Path, **codes) -> None:
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    for stem, code in codes.items():
        np.save(folder / "annotations" / f"{stem[1:]}_exp.npy", code)


def test_affectnet_of_2021(tmp_path):
    touch(tmp_path, *(f"train_set/images/{number}.jpg" for number in (2, 10, 11, 12)), "val_set/images/2.jpg")
    annotate(tmp_path / "train_set", _2=np.array("1"), _10=np.array(7), _12=np.array("4"), _99=np.array("0"))
    annotate(tmp_path / "val_set", _2=np.array("6"))
    images, skipped = found("affectnet", tmp_path)
    assert images == [
        ("train_set/images/2.jpg", "train", "happiness", "train/2"),
        ("train_set/images/12.jpg", "train", "fear", "train/12"),
        ("train_set/images/99.jpg", "train", "neutral", "train/99"),  # listed and missing: told when it is read
        ("val_set/images/2.jpg", "test", "anger", "test/2"),
    ]
    assert skipped == [("train_set/images/10.jpg", "train", "contempt"), ("train_set/images/11.jpg", "train", "")]


def test_affectnet_annotation_that_would_run_code_is_not_read(tmp_path):
    touch(tmp_path, "val_set/images/1.jpg", "val_set/images/2.jpg")
    annotate(tmp_path / "val_set", _1=np.array({"an": "object"}, dtype=object), _2=np.array("2"))
    images, skipped = found("affectnet", tmp_path)
    assert [image[2] for image in images] == ["sadness"]
    assert skipped == [("val_set/images/1.jpg", "test", "")]


HEADER = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n"


@pytest.mark.parametrize("header", [HEADER, ""])
def test_affectnet_of_2017(tmp_path, header):
    touch(tmp_path, "Manually_Annotated_Images/1/a.jpg")
    (tmp_path / "training.csv").write_text(HEADER + "1/a.jpg,0,0,9,9,1;2,3,0.1,0.2\n1/b.jpg,0,0,9,9,1;2,9,-2,-2\n")
    (tmp_path / "validation.csv").write_text(header + "2/c.png,0,0,9,9,1;2,5,0.1,0.2\n")
    images, skipped = found("affectnet", tmp_path)
    assert images == [
        ("Manually_Annotated_Images/1/a.jpg", "train", "surprise", "train/1/a"),
        ("Manually_Annotated_Images/2/c.png", "test", "disgust", "test/2/c"),
    ]
    assert skipped == [("Manually_Annotated_Images/1/b.jpg", "train", "uncertain")]
    assert [image[1] for image in found("affectnet", tmp_path, "val")[0]] == ["test"]
    assert [image[1] for image in found("affectnet", tmp_path, "train")[0]] == ["train"]


def test_affectnet_as_poster_wants_it(tmp_path):
    touch(tmp_path, "train_set/images/1.jpg", "valid_set/images/2.jpg")
    (tmp_path / "train_set" / "train_annotations_7class.txt").write_text("1.jpg 2\n")
    (tmp_path / "valid_set" / "valid_annotations_7class.txt").write_text("2.jpg 0\n")
    assert found("affectnet", tmp_path)[0] == [
        ("train_set/images/1.jpg", "train", "sadness", "train/1"),
        ("valid_set/images/2.jpg", "test", "neutral", "test/2"),
    ]


def test_affectnet_table_that_leads_out_of_its_folder(tmp_path):
    touch(tmp_path, "Manually_Annotated_Images/1/a.jpg")
    (tmp_path / "training.csv").write_text(HEADER + "../../secret.jpg,0,0,9,9,1;2,3,0.1,0.2\n")
    with pytest.raises(InputError, match="leads out"):
        found("affectnet", tmp_path)


def test_class_folders(tmp_path):
    touch(
        tmp_path,
        "train/Happy/a.jpg",
        "train/4_sadness/b.png",
        "train/contempt/c.jpg",
        "train/angry/readme.txt",
        "val/fearful/x/a.jpg",
        "valid/fear/b.jpg",
    )
    images, skipped = found("class-folders", tmp_path)
    assert images == [
        ("train/4_sadness/b.png", "train", "sadness", "train/sadness/b"),
        ("train/Happy/a.jpg", "train", "happiness", "train/happiness/a"),
        ("val/fearful/x/a.jpg", "test", "fear", "test/fear/x/a"),
    ]
    assert skipped == [
        ("train/angry/readme.txt", "train", "angry"),
        ("train/contempt/c.jpg", "train", "contempt"),
        ("valid/fear/b.jpg", "test", "fear"),
    ]


def test_class_folders_alone_need_a_split(tmp_path):
    touch(tmp_path, "fear/a.jpg")
    with pytest.raises(InputError, match="set `split`"):
        found("class-folders", tmp_path)
    assert found("class-folders", tmp_path, "val")[0] == [("fear/a.jpg", "test", "fear", "test/fear/a")]
    assert found("class-folders", tmp_path, "train")[0] == [("fear/a.jpg", "train", "fear", "train/fear/a")]


@pytest.mark.parametrize("name", ["hapiness", "3"])
def test_class_folder_of_unknown_name_is_no_silent_loss(tmp_path, name):
    touch(tmp_path, "train/fear/a.jpg", f"train/{name}/a.jpg")
    with pytest.raises(InputError, match=f"{name}: unknown class"):
        found("class-folders", tmp_path)


@pytest.mark.parametrize(
    ("layout", "told"), [("raf-db", "list_patition_label"), ("affectnet", "train_set"), ("class-folders", "train/")]
)
def test_another_layout_is_told_what_was_expected(tmp_path, layout, told):
    touch(tmp_path, "something/else.jpg")
    with pytest.raises(InputError, match=told):
        found(layout, tmp_path)
    with pytest.raises(InputError, match="found nothing"):
        found(layout, tmp_path / "absent")
