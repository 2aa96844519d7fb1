"""The layouts that circulate, each as a small folder, and what is in it by hand."""

import csv
import io
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.dataset.layouts.known import LAYOUTS, Asked, classes_given, list_images
from synface.dataset.layouts.words import part_named, plain

RAF_LIST = "EmoLabel/list_patition_label.txt"
HEADER = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n"


COLUMNS = {
    "file": None,
    "image": "name",
    "label": "feeling",
    "split": "part",
    "box": None,
    "edges": True,
    "folder": "pictures",
}


def touch(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


def write(path: Path, text: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def listed(layout, root, split="all", **asked):
    return list_images(layout, root, Asked(split, **asked))[1]


def found(layout, root, split="all", **asked):
    """(path, split, label, key) of each image and (path, label) of each one skipped, by path."""
    listing = listed(layout, root, split, **asked)
    images = sorted((image.path, image.split, image.emotion.label, image.key) for image in listing.images)
    return images, sorted((image.path, image.label) for image in listing.skipped)


def reasons(layout, root, split="all"):
    return {each.path: each.reason for each in listed(layout, root, split).skipped}


class TestWords:
    @pytest.mark.parametrize(
        ("name", "part"),
        [
            *[
                (name, "train")
                for name in ("train", "Train", "TRAIN", "training", "train_set", "TrainSet", "train_images")
            ],
            *[
                (name, "val")
                for name in ("val", "valid", "VALID", "validation", "val_set", "valset", "dev", "PublicTest")
            ],
            *[(name, "test") for name in ("test", "Testing", "test-set", "PrivateTest", "test_data")],
            *[(name, None) for name in ("trian", "latest", "contest", "happy", "1", "", "train_test", "results")],
        ],
    )
    def test_splits(self, name, part):
        assert part_named(name) == part

    @pytest.mark.parametrize(
        ("label", "text"),
        [
            *[(3, "3"), (3.0, "3"), ("3.0", "3"), ("03", "3"), (" Happy ", "happy"), ("3_happiness", "happiness")],
            *[(3.7, "3.7"), ("", ""), (None, ""), (float("nan"), ""), ("inf", "inf"), ("1e400", "1e400")],
        ],
    )
    def test_labels(self, label, text):
        assert plain(label) == text


class TestRafDb:
    @pytest.mark.parametrize("inside", ["", "basic/", "RAF-DB/basic/"])
    def test_as_published(self, tmp_path, inside):
        touch(tmp_path, f"{inside}Image/aligned/train_00001_aligned.jpg", f"{inside}Image/aligned/test_0001.jpg")
        write(tmp_path / inside / RAF_LIST, "train_00001.jpg 5\n\ntest_0001.jpg 7\ntrain_00002.jpg 1\n")
        images, skipped = found("raf-db", tmp_path)
        assert images == [
            (f"{inside}Image/aligned/test_0001.jpg", "test", "neutral", "test_0001"),
            (f"{inside}Image/aligned/train_00001_aligned.jpg", "train", "sadness", "train_00001"),
        ]
        assert skipped == [(f"{inside}Image/aligned/train_00002.jpg", "surprise")]

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
    @pytest.mark.parametrize("separator", [" ", "\t", ",", ";"])
    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_list_as_editors_save_it(self, tmp_path, encoding, separator, end):
        touch(tmp_path, "Image/aligned/train_00001_aligned.png", "Image/aligned/test_0001_aligned.png")
        lines = [f"{name}{separator}{code}" for name, code in (("train_00001.jpg", 2), ("test_0001.jpg", 3))]
        write(tmp_path / RAF_LIST, (end.join(lines) + end).encode(encoding))
        images, skipped = found("raf-db", tmp_path)
        assert [image[1:] for image in images] == [("test", "disgust", "test_0001"), ("train", "fear", "train_00001")]
        assert skipped == []

    def test_photographs_with_boxes(self, tmp_path):
        touch(tmp_path, "Image/original/train_00001.jpg", "Image/original/test_0001.jpg")
        write(tmp_path / RAF_LIST, "train_00001.jpg 5\ntest_0001.jpg 7\n")
        assert listed("raf-db", tmp_path).note.startswith("these are the original photographs")
        write(tmp_path / "Annotation/boundingbox/train_00001_boundingbox.txt", "10.5 20 30 44.25 \n")
        write(tmp_path / "Annotation/boundingbox/test_0001_boundingbox.txt", "30 20 10 44\n")
        listing = listed("raf-db", tmp_path)
        assert [image.box for image in listing.images] == [(10.5, 20.0, 30.0, 44.25)]
        assert [each.reason for each in listing.skipped] == [
            "its face box is none (30, 20, 10, 44 in EmoLabel/list_patition_label.txt, line 2)"
        ]

    @pytest.mark.parametrize(
        "names", [("train", "test"), ("train", "valid"), ("Train", "TEST"), ("train_set", "val_set")]
    )
    def test_numbered_folders(self, tmp_path, names):
        train, test = names
        touch(
            tmp_path, f"DATASET/{train}/4/train_00007_aligned.jpg", f"DATASET/{test}/1/x.jpg", f"DATASET/{test}/1/a.txt"
        )
        touch(tmp_path, f"DATASET/{test}/2/x.jpg")
        images, skipped = found("raf-db", tmp_path)
        assert set(images) == {
            (f"DATASET/{train}/4/train_00007_aligned.jpg", "train", "happiness", "train_00007"),
            (f"DATASET/{test}/1/x.jpg", "test", "surprise", "test/surprise/x"),
            (f"DATASET/{test}/2/x.jpg", "test", "fear", "test/fear/x"),
        }
        assert skipped == [(f"DATASET/{test}/1/a.txt", "")]

    def test_folders_from_0_are_read_as_efficientface_has_them(self, tmp_path):
        touch(tmp_path, *(f"{split}/{code}/a{code}.jpg" for split in ("train", "test") for code in range(7)))
        labels = {path: label for path, _, label, _ in found("raf-db", tmp_path)[0]}
        order = ["neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger"]
        assert [labels[f"train/{code}/a{code}.jpg"] for code in range(7)] == order
        assert "0 to 6 were read as neutral, happiness" in listed("raf-db", tmp_path).note

    def test_folders_in_an_order_that_is_not_said_are_told_by_the_largest(self, tmp_path):
        # RAF-DB's own order counted from 0: happiness, the largest class, is 3.
        for code in range(7):
            touch(tmp_path, *(f"train/{code}/{code}-{n}.jpg" for n in range(300 if code == 3 else 40)))
        with pytest.raises(InputError, match=r"largest class, 3, would be surprise.*happiness"):
            found("raf-db", tmp_path)
        classes = classes_given({str(code): label for code, label in enumerate(LABELS)})
        labels = {label for path, _, label, _ in found("raf-db", tmp_path, classes=classes)[0] if "/3/" in path}
        assert labels == {"happiness"}

    @pytest.mark.parametrize(
        "line",
        [
            "train_00001.jpg 8",
            "train_00001.jpg happy",
            "../train_00001.jpg 1",
            "00001.jpg 1",
            "x",
            "train_00001.jpg 3.7",
        ],
    )
    def test_line_at_fault_is_named(self, tmp_path, line):
        touch(tmp_path, "Image/aligned/train_00001_aligned.jpg")
        write(tmp_path / RAF_LIST, f"train_00001.jpg 1\n{line}\n")
        with pytest.raises(InputError, match="line 2"):
            found("raf-db", tmp_path)

    def test_contradictions_and_repetitions(self, tmp_path):
        touch(tmp_path, *(f"Image/aligned/train_0000{n}_aligned.jpg" for n in range(1, 5)))
        lines = [
            "train_00001.jpg 1",
            "train_00001.jpg 4",
            "train_00002.jpg 2",
            "train_00002.jpg 2",
            "train_00003.jpg 3",
        ]
        write(tmp_path / RAF_LIST, "\n".join(lines))
        images, _ = found("raf-db", tmp_path)
        assert [image[3] for image in images] == ["train_00002", "train_00003"]
        assert reasons("raf-db", tmp_path) == {
            "Image/aligned/train_00001_aligned.jpg": "has contradictory labels (happiness and surprise)",
            "Image/aligned/train_00002_aligned.jpg": "is listed again",
            "Image/aligned/train_00004_aligned.jpg": "is in no list and no class folder",
        }


def annotate(folder: Path, **codes) -> None:
    (folder / "annotations").mkdir(parents=True, exist_ok=True)
    for stem, code in codes.items():
        np.save(folder / "annotations" / f"{stem[1:]}_exp.npy", code)


class TestAffectNet:
    def test_of_2021(self, tmp_path):
        touch(tmp_path, *(f"train_set/images/{number}.jpg" for number in (2, 10, 11, 12)), "val_set/images/2.jpg")
        annotate(tmp_path / "train_set", _2=np.array("1"), _10=np.array(7), _12=np.array("4"), _99=np.array("0"))
        annotate(tmp_path / "val_set", _2=np.array("6"))
        images, skipped = found("affectnet", tmp_path)
        assert images == [
            ("train_set/images/12.jpg", "train", "fear", "train/12"),
            ("train_set/images/2.jpg", "train", "happiness", "train/2"),
            ("val_set/images/2.jpg", "test", "anger", "test/2"),
        ]
        assert skipped == [
            ("train_set/images/10.jpg", "contempt"),
            ("train_set/images/11.jpg", ""),
            ("train_set/images/99.jpg", "neutral"),
        ]

    @pytest.mark.parametrize(
        ("value", "told"),
        [
            (np.array({"an": "object"}, dtype=object), "holds a Python object"),
            (np.array([(1, 2)], dtype=[("a", int), ("b", int)]), "holds a record of a, b"),
            (np.zeros((2, 3)), r"holds an array of shape \[2, 3\]"),
            (np.zeros(0), r"holds an array of shape \[0\]"),
            (np.array("x" * 5000), "holds an array of shape"),
        ],
    )
    def test_annotation_that_is_no_code(self, tmp_path, value, told):
        touch(tmp_path, "val_set/images/1.jpg", "val_set/images/2.jpg")
        annotate(tmp_path / "val_set", _1=value, _2=np.array("2"))
        listing = listed("affectnet", tmp_path)
        assert [image.emotion.label for image in listing.images] == ["sadness"]
        assert [each.path for each in listing.skipped] == ["val_set/images/1.jpg"]
        (tmp_path / "val_set/annotations/2_exp.npy").unlink()
        with pytest.raises(InputError, match=f"val_set/annotations/1_exp.npy: {told}.*none of 2"):
            listed("affectnet", tmp_path)

    @pytest.mark.parametrize("data", [b"", b"\x93NUMPY", b"no numpy", b"\x93NUMPY\x01\x00\xff\xff" + b"{" * 70_000])
    def test_annotation_that_is_damaged(self, tmp_path, data):
        touch(tmp_path, "val_set/images/1.jpg", "val_set/images/2.jpg")
        annotate(tmp_path / "val_set", _2=np.array("2"))
        write(tmp_path / "val_set/annotations/1_exp.npy", data)
        assert "is no readable .npy file" in reasons("affectnet", tmp_path)["val_set/images/1.jpg"]

    @pytest.mark.parametrize("value", [np.array(np.inf), np.array(3.7), np.array(""), np.array("happily")])
    def test_label_that_is_none(self, tmp_path, value):
        touch(tmp_path, "val_set/images/1.jpg", "val_set/images/2.jpg")
        annotate(tmp_path / "val_set", _1=value, _2=np.array("2"))
        assert list(reasons("affectnet", tmp_path)) == ["val_set/images/1.jpg"]

    @pytest.mark.parametrize("header", [HEADER, ""])
    def test_of_2017(self, tmp_path, header):
        touch(tmp_path, "Manually_Annotated_Images/1/a.jpg", "Manually_Annotated_Images/1/b.jpg")
        touch(tmp_path, "Manually_Annotated_Images/2/c.png", "Manually_Annotated_Images/2/d.png")
        write(tmp_path / "training.csv", HEADER + "1/a.jpg,1,2,9,8,1;2,3,0.1,0.2\n1/b.jpg,0,0,9,9,1;2,9,-2,-2\n")
        write(tmp_path / "validation.csv", header + "2/c.png,0,0,9,9,1;2,5,0.1,0.2\n2/d.png,0,0,9,9,1;2,,0,0\n")
        images, skipped = found("affectnet", tmp_path)
        assert images == [
            ("Manually_Annotated_Images/1/a.jpg", "train", "surprise", "train/1/a"),
            ("Manually_Annotated_Images/2/c.png", "test", "disgust", "test/2/c"),
        ]
        assert skipped == [
            ("Manually_Annotated_Images/1/b.jpg", "uncertain"),
            ("Manually_Annotated_Images/2/d.png", ""),
        ]
        assert [image.box for image in listed("affectnet", tmp_path, "train").images] == [(1.0, 2.0, 10.0, 10.0)]
        assert [image[1] for image in found("affectnet", tmp_path, "val")[0]] == ["test"]
        assert [image[1] for image in found("affectnet", tmp_path, "train")[0]] == ["train"]

    def test_as_poster_wants_it(self, tmp_path):
        touch(tmp_path, "train_set/images/1.jpg", "valid_set/images/2.jpg")
        write(tmp_path / "train_set" / "train_annotations_7class.txt", "1.jpg 2\n")
        write(tmp_path / "valid_set" / "valid_annotations_7class.txt", "2.jpg 0\n")
        assert found("affectnet", tmp_path)[0] == [
            ("train_set/images/1.jpg", "train", "sadness", "train/1"),
            ("valid_set/images/2.jpg", "test", "neutral", "test/2"),
        ]

    def test_as_dan_has_it(self, tmp_path):
        touch(tmp_path, "train_set/a.jpg", "val_set/a.jpg", "val_set/b.jpg")
        rows = "train_set/a.jpg,1,train\nval_set/a.jpg,0,val\nval_set/b.jpg,7,val\n"
        write(tmp_path / "affectnet.csv", "subDirectory_filePath,label,phase\n" + rows)
        images, skipped = found("affectnet", tmp_path)
        assert [image[1:3] for image in images] == [("train", "happiness"), ("test", "neutral")]
        assert skipped == [("val_set/b.jpg", "contempt")]

    def test_numbered_folders(self, tmp_path):
        touch(tmp_path, "train/0/a.jpg", "train/7/b.jpg", "val/6/c.jpg")
        images, skipped = found("affectnet", tmp_path)
        assert [image[1:3] for image in images] == [("train", "neutral"), ("test", "anger")]
        assert skipped == [("train/7/b.jpg", "contempt")]

    def test_folders_of_kaggle(self, tmp_path):
        touch(tmp_path, "train_class/class001/a.jpg", "val_class/class007/b.jpg", "val_class/class008/c.jpg")
        images, skipped = found("affectnet", tmp_path)
        assert [image[1:3] for image in images] == [("train", "neutral"), ("test", "anger")]
        assert skipped == [("val_class/class008/c.jpg", "contempt")]

    def test_table_that_leads_out_of_its_folder(self, tmp_path):
        touch(tmp_path, "Manually_Annotated_Images/1/a.jpg")
        write(tmp_path / "training.csv", HEADER + "../../secret.jpg,0,0,9,9,1;2,3,0.1,0.2\n")
        with pytest.raises(InputError, match="leads out"):
            found("affectnet", tmp_path)

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            (HEADER, "expected a row for each image"),
            (HEADER.replace("expression", "arousal"), "two columns are called 'arousal'"),
            (HEADER + "1/a.jpg,1,1,1,1,x,1,1,1,1,1\n", "line 2: found 11 fields; expected 9"),
            (b"\0\1\2" * 100, "binary data"),
        ],
    )
    def test_table_at_fault(self, tmp_path, text, told):
        touch(tmp_path, "Manually_Annotated_Images/1/a.jpg")
        write(tmp_path / "training.csv", text)
        with pytest.raises(InputError, match=told):
            found("affectnet", tmp_path)


class TestClassFolders:
    def test_named(self, tmp_path):
        touch(tmp_path, "train/Happy/a.jpg", "train/4_sadness/b.png", "train/contempt/c.jpg", "train/angry/readme.txt")
        touch(tmp_path, "val/fearful/x/a.jpg", "valid/fear/b.jpg", "__MACOSX/train/happy/._a.jpg")
        images, skipped = found("class-folders", tmp_path)
        assert images == [
            ("train/4_sadness/b.png", "train", "sadness", "train/sadness/b"),
            ("train/Happy/a.jpg", "train", "happiness", "train/happiness/a"),
            ("val/fearful/x/a.jpg", "test", "fear", "test/fear/x/a"),
            ("valid/fear/b.jpg", "test", "fear", "test/fear/b"),
        ]
        assert skipped == [("train/angry/readme.txt", ""), ("train/contempt/c.jpg", "contempt")]

    def test_split_takes_what_it_names(self, tmp_path):
        touch(tmp_path, "train/fear/a.jpg", "val/fear/b.jpg", "test/fear/c.jpg")
        taken = {
            split: [image[0] for image in found("class-folders", tmp_path, split)[0]]
            for split in ("train", "val", "test", "all")
        }
        assert taken == {
            "train": ["train/fear/a.jpg"],
            "val": ["val/fear/b.jpg"],
            "test": ["test/fear/c.jpg"],
            "all": ["test/fear/c.jpg", "train/fear/a.jpg"],
        }
        reason = {"val/fear/b.jpg": "is in a part that is not asked for (split is all)"}
        assert reasons("class-folders", tmp_path) == reason

    def test_alone_need_a_split(self, tmp_path):
        touch(tmp_path, "fear/a.jpg")
        with pytest.raises(InputError, match="set `split`"):
            found("class-folders", tmp_path)
        assert found("class-folders", tmp_path, "val")[0] == [("fear/a.jpg", "test", "fear", "test/fear/a")]
        assert found("class-folders", tmp_path, "train")[0] == [("fear/a.jpg", "train", "fear", "train/fear/a")]

    def test_unknown_name_is_no_silent_loss(self, tmp_path):
        touch(tmp_path, "train/fear/a.jpg", "train/hapiness/a.jpg")
        with pytest.raises(InputError, match="hapiness: unknown class"):
            found("class-folders", tmp_path)

    def test_unknown_folder_beside_a_split_is_no_silent_loss(self, tmp_path):
        touch(tmp_path, "train/fear/a.jpg", "tset/fear/a.jpg", "docs/readme.txt")
        with pytest.raises(InputError, match="tset: images in a folder that is no split"):
            found("class-folders", tmp_path)

    def test_numbers_are_never_guessed(self, tmp_path):
        touch(tmp_path, "train/0/a.jpg", "train/7/b.jpg")
        with pytest.raises(InputError, match=r"numbers \(0, 7\).*`classes:"):
            found("class-folders", tmp_path)
        images, skipped = found("class-folders", tmp_path, classes=classes_given({"0": "anger", "7": None}))
        assert images == [("train/0/a.jpg", "train", "anger", "train/a")]
        assert skipped == [("train/7/b.jpg", "class 7")]
        with pytest.raises(InputError, match="7: unknown class; expected what `classes` has: 0"):
            found("class-folders", tmp_path, classes=classes_given({"0": "anger"}))


def test_a_set_without_a_split_gets_one_by_class(tmp_path):
    touch(tmp_path, *(f"{label}/{number}.jpg" for label in ("fear", "happy") for number in range(10)))
    listing = listed("auto", tmp_path, test_fraction=0.3)
    counts = Counter((image.split, image.emotion.label) for image in listing.images)
    assert counts == {(split, label): n for label in ("fear", "happiness") for split, n in (("train", 7), ("test", 3))}
    assert all(image.key.startswith(f"{image.split}/") for image in listing.images)
    touch(tmp_path, "fear/11.jpg")  # one image more moves one at most
    before, after = (
        {i.path for i in each.images if i.split == "test"}
        for each in (listing, listed("auto", tmp_path, test_fraction=0.3))
    )
    assert len(before - after) <= 1
    touch(tmp_path / "split", "train/fear/a.jpg", "test/fear/b.jpg")
    split = {image.path: image.split for image in listed("auto", tmp_path / "split", test_fraction=0.3).images}
    assert split == {"train/fear/a.jpg": "train", "test/fear/b.jpg": "test"}


def test_a_part_that_has_no_image_is_told(tmp_path):
    touch(tmp_path, "train/fear/a.jpg", "train/happy/b.jpg")
    with pytest.raises(InputError, match="`split` is val, and the labelled images are in train; expected one of these"):
        listed("auto", tmp_path, "val")
    assert len(listed("auto", tmp_path, "train").images) == 2


def test_a_table_beside_class_folders_that_tells_no_labels_is_no_set(tmp_path):
    touch(tmp_path, "train/fear/a.jpg", "test/happy/b.jpg")
    write(tmp_path / "metadata.csv", "file_name,license\ntrain/fear/a.jpg,CC0\n")
    assert list_images("auto", tmp_path, Asked())[0] == "class-folders"


def test_a_damaged_table_is_told_of(tmp_path):
    touch(tmp_path, "a.jpg")
    write(tmp_path / "metadata.jsonl", '{"file_name": "a.jpg", "label": "fear"}\n{"file_name"\n')
    with pytest.raises(InputError, match=r"metadata.jsonl, line 2: not a JSON object"):
        listed("auto", tmp_path)


class TestFer2013:
    PIXELS = " ".join(map(str, [0, 255, 128, 7]))

    def rows(self, *rows):
        return "emotion,pixels,Usage\n" + "".join(f"{code},{self.PIXELS},{usage}\n" for code, usage in rows)

    def test_pixels(self, tmp_path):
        write(tmp_path / "fer2013.csv", self.rows((3, "Training"), (0, "PublicTest"), (6, "PrivateTest")))
        listing = listed("fer2013", tmp_path)
        assert [(image.split, image.emotion.label) for image in listing.images] == [
            ("train", "happiness"),
            ("test", "neutral"),
        ]
        picture = np.asarray(Image.open(io.BytesIO(listing.images[0].read())))
        assert picture[:, :, 0].tolist() == [[0, 255], [128, 7]]
        assert [image.emotion.label for image in listed("fer2013", tmp_path, "val").images] == ["anger"]

    def test_pixels_that_are_none(self, tmp_path):
        write(
            tmp_path / "fer2013.csv",
            "emotion,pixels,Usage\n3,1 2 3,Training\n3,1 2 3 256,Training\n3,a b c d,Training\n",
        )
        for image in listed("fer2013", tmp_path).images:
            with pytest.raises(InputError, match="its grey values are no"):
                image.read()

    def test_votes(self, tmp_path):
        box = '"(0, 0, 48, 48)"'
        for split in ("Train", "Test"):
            touch(tmp_path, *(f"FER2013{split}/fer000000{number}.png" for number in range(4)))
            votes = ["4,0,0,1,3,2,0,0,0,0", "0,5,5,0,0,0,0,0,0,0", "0,0,0,0,0,0,0,0,0,10", "1,1,1,1,1,1,3,1,0,0"]
            lines = [f"fer000000{number}.png,{box},{each}" for number, each in enumerate(votes)]
            write(tmp_path / f"FER2013{split}/label.csv", "\n".join(lines))
        images, skipped = found("ferplus", tmp_path)
        assert [image[1:3] for image in images] == [
            *[("test", "neutral"), ("test", "fear")],
            *[("train", "neutral"), ("train", "fear")],
        ]
        assert [label for _, label in skipped] == ["", "nf", "", "nf"]

    def test_votes_for_the_table(self, tmp_path):
        write(tmp_path / "fer2013.csv", self.rows((3, "Training"), (3, "Training")))
        names = "neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF"
        rows = "Training,a.png,0,0,9,1,0,0,0,0,0,0\nTraining,b.png,0,0,0,0,0,0,0,8,2,0\n"
        write(tmp_path / "fer2013new.csv", f"Usage,Image name,{names}\n{rows}")
        listing = listed("fer2013", tmp_path)
        assert [image.emotion.label for image in listing.images] == ["surprise"]
        assert [each.label for each in listing.skipped] == ["contempt"]


def test_expw_has_a_box_for_each_face(tmp_path):
    touch(tmp_path, "image/a b.jpg")
    lines = ["a b.jpg 0 10 20 90 80 30.5 3", "a b.jpg 1 100 120 190 180 30.5 0", "gone.jpg 0 1 2 9 8 3 3"]
    write(tmp_path / "label/label.lst", "\n".join(lines))
    listing = listed("expw", tmp_path, "train")
    assert [(image.box, image.emotion.label, image.key) for image in listing.images] == [
        ((20.0, 10.0, 90.0, 80.0), "happiness", "train/a b-0"),
        ((120.0, 100.0, 190.0, 180.0), "anger", "train/a b-1"),
    ]
    with pytest.raises(InputError, match="ExpW has no split"):
        listed("expw", tmp_path)


class TestTables:
    def write(self, root, text):
        touch(root, "pictures/a.jpg", "pictures/b.jpg", "pictures/c.jpg")
        write(root / "faces.csv", text)

    def test_any_table(self, tmp_path):
        self.write(tmp_path, "name;feeling;part;x;y;w;h\na.jpg;1;Train;1;2;3;4\nb.jpg;0;validation;1;2;3;4\n")
        columns = COLUMNS | {"box": ["x", "y", "w", "h"], "edges": False}
        listing = listed("table", tmp_path, classes=classes_given({"1": "fear", "0": None}), columns=columns)
        assert [(image.path, image.split, image.box) for image in listing.images] == [
            ("pictures/a.jpg", "train", (1.0, 2.0, 4.0, 6.0))
        ]
        assert {each.path: each.reason for each in listing.skipped} == {
            "pictures/b.jpg": "class 0 is none of the seven emotions",
            "pictures/c.jpg": "is in no list and no class folder",
        }

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("name,feeling\na.jpg,fear\n", "expected the column 'part'"),
            ("name,feeling,part\na.jpg,fear,somewhere\n", "line 2: expected a split .*'somewhere'"),
            ("name,feeling,part\n", "expected a row for each image"),
        ],
    )
    def test_table_at_fault(self, tmp_path, text, told):
        self.write(tmp_path, text)
        with pytest.raises(InputError, match=told):
            listed("table", tmp_path, columns=COLUMNS)

    @pytest.mark.parametrize("kind", ["csv", "jsonl"])
    def test_hugging_face_folder(self, tmp_path, kind):
        for split in ("train", "test"):
            touch(tmp_path, f"{split}/a.png")
            row = "file_name,label\na.png,happy\n" if kind == "csv" else '{"file_name": "a.png", "label": "happy"}\n'
            write(tmp_path / split / f"metadata.{kind}", row)
        assert found("hugging-face", tmp_path)[0] == [
            ("test/a.png", "test", "happiness", "test/a"),
            ("train/a.png", "train", "happiness", "train/a"),
        ]

    def test_parquet(self, tmp_path):
        datasets = pytest.importorskip("datasets")
        pictures = [Image.new("RGB", (4, 4), (value, 0, 0)) for value in (10, 20, 30)]
        features = datasets.Features(
            {"image": datasets.Image(), "label": datasets.ClassLabel(names=["happy", "contempt", "sad"])}
        )
        made = datasets.Dataset.from_dict({"image": pictures, "label": [2, 1, 0]}, features=features)
        (tmp_path / "data").mkdir()
        made.to_parquet(tmp_path / "data/train-00000-of-00001.parquet")
        listing = listed("hugging-face", tmp_path)
        assert [(image.split, image.emotion.label) for image in listing.images] == [
            ("train", "sadness"),
            ("train", "happiness"),
        ]
        pixel = np.asarray(Image.open(io.BytesIO(listing.images[1].read())))[0, 0].tolist()
        assert pixel == [30, 0, 0]

    def test_parquet_keeps_columns_and_its_numbers_need_a_meaning(self, tmp_path):
        picture = {"bytes": b"-", "path": None}
        frame = pd.DataFrame({"image": [picture] * 2, "label": [0, 1], "prompt": ["glad", "sad"]})
        frame.to_parquet(tmp_path / "train.parquet")
        with pytest.raises(InputError, match=r"train.parquet: its labels are numbers \(0, 1\), which may mean"):
            listed("auto", tmp_path)
        classes = classes_given({"0": "happiness", "1": "sadness"})
        images = listed("auto", tmp_path, classes=classes, keep=["prompt"]).images
        assert [(image.emotion.label, image.kept) for image in images] == [
            ("happiness", {"prompt": "glad"}),
            ("sadness", {"prompt": "sad"}),
        ]
        with pytest.raises(InputError, match="expected the column 'seed', found"):
            listed("auto", tmp_path, classes=classes, keep=["seed"])

    def test_what_synface_wrote_keeps_splits_and_ids(self, tmp_path):
        touch(tmp_path, "images/1_fear/Train-7.png", "images/2_disgust/9.png")
        columns = ["file_name", "label", "split", "dataset", "source", "source_id", "rho"]
        rows = [
            ["images/1_fear/Train-7.png", "fear", "test", "D", "ffhq", "train-7", ""],
            ["images/2_disgust/9.png", "disgust", "train", "D", "ffhq", "9", "1.0"],
        ]
        pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "metadata.csv", index=False)
        assert list_images("auto", tmp_path, Asked())[0] == "synface"
        assert [image[1:] for image in found("auto", tmp_path)[0]] == [
            ("test", "fear", "train-7"),
            ("train", "disgust", "9"),
        ]


def test_columns_can_be_kept_of_tables_alone(tmp_path):
    touch(tmp_path, "train/fear/a.jpg")
    with pytest.raises(InputError, match="`keep` asks for the columns prompt, and the layout class-folders as it"):
        listed("auto", tmp_path, keep=["prompt"])


def test_every_layout_takes_the_classes_that_are_given(tmp_path):
    given = classes_given(dict.fromkeys([*map(str, range(8)), *LABELS, "happy"], "disgust"))
    for path, layout in forms(tmp_path).items():
        split = "train" if layout == "expw" else "all"
        (own,) = listed(layout, Path(path), split).images
        (other,) = listed(layout, Path(path), split, classes=given).images
        assert (own.path, own.emotion.label != "disgust") == (other.path, other.emotion.label == "disgust"), layout


def forms(root: Path) -> dict[str, Path]:
    """A folder in each layout that can be told from its files."""
    write(root / "raf" / RAF_LIST, "train_00001.jpg 5\n")
    touch(root, "raf/Image/aligned/train_00001_aligned.jpg", "kaggle/DATASET/train/4/train_00007_aligned.jpg")
    write(root / "affect/affectnet.csv", "subDirectory_filePath,label,phase\na.jpg,1,train\n")
    touch(
        root, "affect/a.jpg", "folders/train/happy/a.jpg", "hf/train/a.png", "fp/FER2013Train/a.png", "expw/image/a.jpg"
    )
    write(root / "fer/fer2013.csv", "emotion,pixels,Usage\n3,1 2 3 4,Training\n")
    write(root / "fp/FER2013Train/label.csv", 'a.png,"(0, 0, 48, 48)",4,0,0,1,3,2,0,0,0,0\n')
    write(root / "expw/label.lst", "a.jpg 0 10 10 90 90 30.5 3\n")
    write(root / "hf/train/metadata.csv", "file_name,label\na.png,happy\n")
    names = {"raf": "raf-db", "kaggle": "raf-db", "affect": "affectnet", "folders": "class-folders", "fer": "fer2013"}
    return {
        str(root / name): layout
        for name, layout in {**names, "fp": "ferplus", "expw": "expw", "hf": "hugging-face"}.items()
    }


def test_a_folder_in_another_layout_is_told_which(tmp_path):
    for folder, layout in forms(tmp_path).items():
        assert list_images("auto", Path(folder), Asked("train"))[0] == layout
        fitting = {layout, "auto", "table"} | (
            {"class-folders", "raf-db", "affectnet"} if layout == "class-folders" else set()
        )
        if folder.endswith("kaggle"):
            fitting |= {"affectnet", "class-folders"}
        for other in LAYOUTS.keys() - fitting:
            with pytest.raises(InputError, match=f"set `layout: {layout}`"):
                list_images(other, Path(folder), Asked("train"))


@pytest.mark.parametrize("layout", ["auto", *LAYOUTS])
def test_what_is_no_set_is_told_what_was_expected(tmp_path, layout):
    touch(tmp_path, "something/else.jpg")
    with pytest.raises(InputError, match="expected"):
        list_images(layout, tmp_path, Asked(columns=COLUMNS))
    with pytest.raises(InputError, match="found nothing"):
        list_images(layout, tmp_path / "absent", Asked(columns=COLUMNS))
    with pytest.raises(InputError, match="found a file"):
        list_images(layout, tmp_path / "something/else.jpg", Asked(columns=COLUMNS))


def test_every_file_is_told_of_exactly_once(tmp_path):
    touch(tmp_path, "train/happy/a.jpg", "train/happy/notes.txt", "train/loose.jpg", "deep/er/readme.md", ".DS_Store")
    touch(tmp_path, "train/happy/Thumbs.db")
    (tmp_path / "train/happy/gone.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "train/happy/again").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "train/happy/pipe.jpg")
    (tmp_path / os.fsdecode(b"train/happy/latin-\xe9.jpg")).touch()
    listing = listed("class-folders", tmp_path)
    assert [image.path for image in listing.images] == ["train/happy/a.jpg"]
    told = {each.path: each.reason for each in listing.skipped}
    assert told == {
        "train/happy/notes.txt": "is no image (suffix .txt)",
        "train/loose.jpg": "is in no list and no class folder",
        "deep/er/readme.md": "is no image (suffix .md)",
        "train/happy/gone.jpg": "a link to nothing",
        "train/happy/pipe.jpg": "not a file (a pipe, socket or device)",
        r"train/happy/latin-\xe9.jpg": "the name is not UTF-8; rename the file",
    }
    assert len(told) == len(listing.skipped)


def test_a_table_with_long_fields_and_quotes(tmp_path):
    rows = [["name", "feeling", "part"], ['a "b", c.jpg', "fear", "train"]]
    touch(tmp_path, 'pictures/a "b", c.jpg')
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    write(tmp_path / "faces.csv", buffer.getvalue())
    assert [image.path for image in listed("table", tmp_path, columns=COLUMNS).images] == ['pictures/a "b", c.jpg']
