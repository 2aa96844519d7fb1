"""One split of a dataset's table."""

import pandas as pd
import pytest

from synface.core.errors import InputError
from synface.dataset.split import read_split

ROWS = [("0.png", "anger", "train", "p1"), ("1.png", "fear", "test", "p2"), ("2.png", "fear", "train", "p3")]


def metadata(folder, rows=ROWS):
    table = pd.DataFrame(rows, columns=["file_name", "label", "split", "source_id"])
    table.to_csv(folder / "metadata.csv", index=False)
    return folder / "metadata.csv"


def test_the_images_of_a_split_in_their_order(tmp_path):
    found = read_split(metadata(tmp_path), "train", columns=("source_id",))
    assert found["file_name"].tolist() == ["0.png", "2.png"]
    assert found["source_id"].tolist() == ["p1", "p3"]


def test_an_empty_split_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no image in the test split"):
        read_split(metadata(tmp_path, ROWS[:1]), "test")


def test_an_unknown_label_is_named(tmp_path):
    with pytest.raises(InputError, match="unknown label 'contempt'"):
        read_split(metadata(tmp_path, [("0.png", "contempt", "train", "p1")]), "train")
