"""What is in training and is tested on: planted in small datasets."""

import numpy as np
import pandas as pd
import pytest
from pictures import CHANGES, picture

from synface.core.errors import InputError
from synface.core.images import encode_png
from synface.dataset.audit import COPIES, audit_training_set, dropped_by


def dataset(folder, rows):
    """Write a dataset of (split, label, picture) and return its metadata.csv."""
    table = []
    for number, (split, label, image, *source) in enumerate(rows):
        name = f"images/{split}/{label}/{number}.png"
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(encode_png(image))
        table.append([name, label, split, "D", source[0] if source else str(number)])
    columns = ["file_name", "label", "split", "dataset", "source_id"]
    pd.DataFrame(table, columns=columns).to_csv(folder / "metadata.csv", index=False)
    return folder / "metadata.csv"


@pytest.fixture
def train(tmp_path):
    rows = [("train", "fear", picture(number)) for number in range(8)] + [("test", "fear", picture(20))]
    return dataset(tmp_path / "train", rows)


def audit(tmp_path, train, *tests, leaks="tell"):
    audit_training_set(
        metadata=train,
        tests=[(f"Test{number}", table) for number, table in enumerate(tests)],
        copies=tmp_path / "copies.csv",
        failed=tmp_path / "failed.csv",
        leaks=leaks,
        name="Set",
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
    assert found.drop(columns="similarity").to_numpy().tolist() == [
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
