import pandas as pd
import pytest

from synface.core.counts import CELLS, count_images, read_counts, scaled_counts, share, write_counts
from synface.core.errors import InputError

RAF_TRAIN = (1290, 281, 717, 4772, 1982, 705, 2524)


def raf_counts():
    counts = dict.fromkeys(CELLS, 0)
    counts.update(zip(CELLS[:7], RAF_TRAIN, strict=True))
    return counts


@pytest.mark.parametrize(
    ("fraction", "count", "expected"),
    [(0.5, 3, 2), (0.29, 50, 15), (0.1, 15, 2), (0.1, 14, 1), (1.0, 4772, 4772), (2.5, 3, 8)],
)
def test_share_rounds_half_up_in_decimals(fraction, count, expected):
    assert share(fraction, count) == expected


def test_scaled_counts():
    scaled = scaled_counts(raf_counts(), 0.1)
    assert [scaled[cell] for cell in CELLS[:7]] == [129, 28, 72, 477, 198, 71, 252]
    assert all(scaled[cell] == 0 for cell in CELLS[7:])


def test_scaled_counts_keep_at_least_one_image_of_a_class():
    counts = dict.fromkeys(CELLS, 1)
    assert set(scaled_counts(counts, 0.001).values()) == {1}


@pytest.mark.parametrize("fraction", [0, -1])
def test_fraction_must_be_positive(fraction):
    with pytest.raises(ValueError, match="above 0"):
        scaled_counts(raf_counts(), fraction)


def test_counts_survive_the_file_with_all_cells(tmp_path):
    write_counts(raf_counts(), tmp_path / "counts.csv")
    assert len(pd.read_csv(tmp_path / "counts.csv")) == 14
    assert read_counts(tmp_path / "counts.csv") == raf_counts()


def test_count_images_agrees_with_pandas():
    frame = pd.DataFrame({"split": ["train", "test", "train"], "label": ["fear", "fear", "fear"]})
    counts = count_images(frame)
    assert counts["train", "fear"] == 2
    assert counts["test", "fear"] == 1
    assert sum(counts.values()) == 3


def test_unknown_label_in_a_counts_file(tmp_path):
    (tmp_path / "counts.csv").write_text("split,label,count\ntrain,joy,3\n")
    with pytest.raises(InputError, match="joy"):
        read_counts(tmp_path / "counts.csv")
