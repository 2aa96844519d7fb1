import json

import numpy as np
import pandas as pd
import pytest
from prediction_tables import make_predictions

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.tables import read_table, write_table
from synface.evaluate.predictions import read_predictions
from synface.evaluate.score import count_confusions, measure, score

# surprise: 2 of 3 right, one taken for fear; fear: 1 of 1; neutral: 0 of 2, both taken for surprise.
TRUTH, PREDICTED = [0, 0, 0, 1, 6, 6], [0, 0, 1, 1, 0, 0]


def test_metrics_by_hand():
    metrics = measure(make_predictions(TRUTH, PREDICTED))
    assert metrics["n"] == 6
    assert metrics["accuracy"] == pytest.approx(3 / 6)
    assert metrics["balanced_accuracy"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    # F1 = 2 TP / (2 TP + FP + FN): surprise 4/7, fear 2/3, neutral 0; the mean is over classes in the truth.
    assert metrics["macro_f1"] == pytest.approx((4 / 7 + 2 / 3 + 0) / 3)
    assert metrics["classes"]["surprise"] == pytest.approx(
        {"precision": 2 / 4, "recall": 2 / 3, "f1": 4 / 7, "support": 3}
    )
    assert metrics["classes"]["anger"] == {"precision": 0.0, "recall": None, "f1": None, "support": 0}
    # Three right at probability .7, three wrong at .3 / 6.
    assert metrics["log_loss"] == pytest.approx(-(3 * np.log(0.7) + 3 * np.log(0.05)) / 6)
    # Wilson for 3 of 6, worked out by hand: center 1/2, half z sqrt(1/24 + z^2/144) / (1 + z^2/6).
    assert (metrics["ci_low"], metrics["ci_high"]) == pytest.approx((0.18761, 0.81239), abs=1e-4)


def test_confusion_has_all_classes_in_order():
    counts = count_confusions(make_predictions(TRUTH, PREDICTED))
    assert list(counts.columns) == ["label", *LABELS]
    assert list(counts["label"]) == list(LABELS)
    expected = np.zeros((7, 7), int)
    expected[0, 0], expected[0, 1], expected[1, 1], expected[6, 0] = 2, 1, 1, 2
    np.testing.assert_array_equal(counts[list(LABELS)], expected)


def test_files_read_back(tmp_path):
    # Equal file names in two test sets are two images.
    tables = [make_predictions(TRUTH, PREDICTED, test_set="2024"), make_predictions(TRUTH, TRUTH, test_set="b")]
    write_table(pd.concat(tables), tmp_path / "predictions.csv")
    score(
        predictions=tmp_path / "predictions.csv",
        metrics=tmp_path / "metrics.json",
        confusions=tmp_path / "confusions.csv",
    )
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    assert {name: part["accuracy"] for name, part in metrics.items()} == {"2024": 0.5, "b": 1.0}
    counts = read_table(tmp_path / "confusions.csv")
    assert counts["test_set"].tolist() == ["2024"] * 7 + ["b"] * 7
    assert counts["surprise"].tolist() == [2, 0, 0, 0, 0, 0, 2, 3, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda frame: frame.drop(columns="anger"), "no column anger"),
        (lambda frame: frame.iloc[:0], "no predictions"),
        (lambda frame: frame.assign(label="contempt"), "unknown label 'contempt'"),
        (lambda frame: frame.assign(predicted="joy"), "unknown predicted 'joy'"),
        (lambda frame: frame.assign(file_name="a.png"), "a.png is there twice"),
        (lambda frame: frame.assign(fear=np.nan), "probabilities must be finite"),
    ],
)
def test_bad_predictions_are_named(tmp_path, spoil, message):
    path = tmp_path / "predictions.csv"
    write_table(spoil(make_predictions(TRUTH, PREDICTED)), path)
    with pytest.raises(InputError, match=message):
        read_predictions(path)
