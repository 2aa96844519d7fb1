"""What is in training and is tested on: planted in small datasets."""

import hashlib

import numpy as np
import pandas as pd
import pytest
from pictures import CHANGES, picture

from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.core.shards import write_shard
from synface.core.tables import read_table
from synface.dataset.audit import COPIES, audit_training_set, dropped_by
from synface.faces.table import BOX
from synface.report.facts import count_copies


def dataset(folder, rows):
    """Write a dataset of (split, label, picture[, source id[, edit]]) and return its metadata.csv."""
    table = []
    for number, (split, label, image, *source) in enumerate(rows):
        name = f"images/{split}/{label}/{number}.png"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(encode_png(image))
        sha256 = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        box = [20, 10, 90, 80] if len(source) == 2 else [None] * 4
        edit = source[1] if len(source) == 2 else None
        table.append([name, label, split, "D", source[0] if source else str(number), *box, edit, sha256])
    columns = ["file_name", "label", "split", "dataset", "source_id", *BOX, "edit", "sha256"]
    pd.DataFrame(table, columns=columns).to_csv(folder / "metadata.csv", index=False)
    return folder / "metadata.csv"


@pytest.fixture
def train(tmp_path):
    rows = [("train", "fear", picture(number)) for number in range(8)] + [("test", "fear", picture(20))]
    return dataset(tmp_path / "train", rows)


def audit(tmp_path, train, *tests, leaks="tell", portraits=None):
    audit_training_set(
        metadata=train,
        tests=[(f"Test{number}", table) for number, table in enumerate(tests)],
        copies=tmp_path / "copies.csv",
        failed=tmp_path / "failed.csv",
        leaks=leaks,
        name="Set",
        portraits=portraits,
    )
    return pd.read_csv(tmp_path / "copies.csv", keep_default_na=False)


def test_copies_of_test_images_are_told_with_both_labels(tmp_path, train):
    test = dataset(
        tmp_path / "test",
        [
            ("test", "anger", picture(3)),
            ("test", "fear", CHANGES["mirrored"](picture(5))),
            ("train", "fear", picture(6)),
            ("test", "fear", picture(30)),
        ],
    )
    found = audit(tmp_path, train, test)
    assert list(found.columns) == COPIES
    assert found.drop(columns=["similarity", "through"]).to_numpy().tolist() == [
        ["images/train/fear/3.png", "fear", "Test0", "images/test/anger/0.png", "anger", "exact", False],
        ["images/train/fear/5.png", "fear", "Test0", "images/test/fear/1.png", "fear", "near", False],
    ]


def test_within_training_copies_are_told_but_not_what_a_merge_repeats(tmp_path):
    rows = [("train", "fear", picture(1), "a"), ("train", "fear", picture(1), "a"), ("train", "anger", picture(1), "b")]
    found = audit(tmp_path, dataset(tmp_path / "train", rows))
    assert set(found["test_set"]) == {""}
    assert len(found) == 2
    assert set(found["kind"]) == {"exact"}


def test_a_picture_that_is_tested_on_is_refused_or_dropped(tmp_path, train):
    test = dataset(tmp_path / "test", [("test", "fear", picture(3)), ("test", "fear", CHANGES["mirrored"](picture(5)))])
    with pytest.raises(
        InputError, match=r"Set: 1 of its training images are the same.*train/fear/3.png is images/test/fear/0"
    ):
        audit(tmp_path, train, test, leaks="refuse")
    assert not (tmp_path / "copies.csv").exists()
    assert len(pd.read_csv(tmp_path / "failed.csv")) == 2
    audit(tmp_path, train, test, leaks="drop")
    assert dropped_by(tmp_path / "copies.csv") == {"images/train/fear/3.png"}


def test_near_copies_alone_are_no_reason_to_refuse(tmp_path, train):
    test = dataset(tmp_path / "test", [("test", "fear", CHANGES["compressed"](picture(5)))])
    assert audit(tmp_path, train, test, leaks="refuse")["kind"].tolist() == ["near"]
    assert dropped_by(tmp_path / "copies.csv") == set()


def test_a_set_without_training_images_has_no_copies(tmp_path):
    table = dataset(tmp_path / "only test", [("test", "fear", picture(3))])
    assert len(audit(tmp_path, table, table)) == 0
    assert np.array_equal(pd.read_csv(tmp_path / "copies.csv").columns, COPIES)


@pytest.fixture
def edited(tmp_path):
    """Five edited portraits, which look like nothing else now, with the portraits that they were made of."""
    rows = [("train", "anger", picture(100 + number), f"p{number}", "varied") for number in range(5)]
    rows += [("test", "anger", picture(110), "p5", "varied"), ("train", "fear", picture(111), "r1")]
    with write_shard(tmp_path / "0.tar") as write:
        for number in range(6):
            write(f"p{number}", picture(number, side=120))
    # The file of p1 was larger than its frame.
    files = pd.DataFrame({"source_id": [f"p{number}" for number in range(6)], "sha256": ["0"] * 6})
    files.loc[1, "sha256"] = hashlib.sha256(encode_png(picture(1, side=300))).hexdigest()
    files.to_csv(tmp_path / "index.csv", index=False)
    return dataset(tmp_path / "edited", rows), {"varied": (tmp_path / "index.csv", [tmp_path / "0.tar"])}


def test_a_test_image_that_was_edited_for_training_is_found(tmp_path, edited):
    train, portraits = edited
    tests = [
        ("test", "fear", picture(0, side=120)),  # the frame itself
        ("test", "fear", picture(1, side=300)),  # the same file
        ("test", "fear", CHANGES["compressed"](picture(2, side=120)[:, ::-1].copy())),  # a near copy of the whole
        ("test", "fear", picture(3, side=120)[10:80, 20:90]),  # the face, cut out as the edited one
        ("test", "fear", CHANGES["darker"](picture(4, side=120)[12:78, 22:88])),  # and nearly
        ("test", "fear", picture(5, side=120)),  # whose edit is a test image
        ("test", "fear", picture(40)),
    ]
    found = audit(tmp_path, train, dataset(tmp_path / "test", tests), portraits=portraits)
    assert found[["file_name", "copy_of", "kind", "through"]].to_numpy().tolist() == [
        [f"images/train/anger/{number}.png", f"images/test/fear/{number}.png", kind, "portrait"]
        for number, kind in enumerate(("exact", "exact", "near", "exact", "near"))
    ]
    (row,) = count_copies([("Set", tmp_path / "copies.csv")])
    assert (row["through"], row["exact"], row["near"], row["other_label"]) == ("portrait", 3, 2, 0)


def test_leaks_through_portraits_are_refused_or_dropped_as_others_are(tmp_path, edited):
    train, portraits = edited
    test = dataset(tmp_path / "test", [("test", "fear", picture(3, side=120)[10:80, 20:90])])
    with pytest.raises(
        InputError, match=r"or edits of them \(images/train/anger/3.png is an edit of images/test/fear/0"
    ):
        audit(tmp_path, train, test, leaks="refuse", portraits=portraits)
    audit(tmp_path, train, test, leaks="drop", portraits=portraits)
    assert dropped_by(tmp_path / "copies.csv") == {"images/train/anger/3.png"}
    assert audit(tmp_path, train, test, leaks="tell")["file_name"].tolist() == []  # without portraits, nothing is seen
    assert set(read_table(tmp_path / "copies.csv", columns=COPIES).columns) == set(COPIES)
