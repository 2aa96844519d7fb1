"""The gate for other orders of labels and channels: it finds them, and takes no weak model for one."""

import numpy as np
import pandas as pd
import pytest
from prediction_tables import make_predictions

from synface.core.emotions import AFFECTNET, LABELS
from synface.evaluate.orders import best_order, check_orders, is_permuted

RAF_DB_TEST = (329, 74, 160, 1185, 478, 162, 680)  # images of each class in its test split
BALANCED = (500,) * 7
SMALL = (4,) * 7


def answers(counts, confusion, seed=0):
    """Return truth and what is said, drawn by the rows of ``confusion``."""
    draws = np.random.default_rng(seed)
    said = [draws.choice(7, size=count, p=confusion[label]) for label, count in enumerate(counts)]
    return np.repeat(np.arange(7), counts), np.concatenate(said)


def right_in(share):
    """Return the confusions of a model that is right in ``share`` of each class and errs evenly."""
    return np.full((7, 7), (1 - share) / 6) + np.eye(7) * (share - (1 - share) / 6)


def fires(truth, said):
    return is_permuted(truth, said, best_order(truth, said))


AFFECTNET_AS_RAF_DB = np.array([AFFECTNET[index] for index in range(7)])  # output i, read as label i, means this
SWAP = np.array([0, 2, 1, 3, 4, 5, 6])


@pytest.mark.parametrize("meant", [AFFECTNET_AS_RAF_DB, SWAP], ids=["AffectNet's order", "fear for disgust"])
@pytest.mark.parametrize("counts", [RAF_DB_TEST, BALANCED])
@pytest.mark.parametrize("share", [0.55, 0.9])
def test_permuted_labels_are_found_and_the_permutation_is_right(meant, counts, share):
    truth, right = answers(counts, right_in(share))
    said = np.argsort(meant)[right]
    np.testing.assert_array_equal(best_order(truth, said), meant)
    assert fires(truth, said)
    assert not fires(truth, right)


def weak_models():
    yield "random", np.full((7, 7), 1 / 7)
    for label in range(7):
        yield f"always {LABELS[label]}", np.tile(np.eye(7)[label], (7, 1))
        yield f"mostly {LABELS[label]}", 0.9 * np.tile(np.eye(7)[label], (7, 1)) + 0.1 / 7
    yield "right in 30 %", right_in(0.3)
    # Fear taken for surprise, disgust for anger, sadness for neutral, as models of synthetic faces do.
    confused = right_in(0.3)
    for label, taken in ((1, 0), (2, 5), (4, 6), (5, 6)):
        confused[label] = 0.2 * np.eye(7)[label] + 0.7 * np.eye(7)[taken] + 0.1 / 7
    yield "confused", confused
    yield "everything but happiness is neutral", np.array([np.eye(7)[3 if label == 3 else 6] for label in range(7)])


@pytest.mark.parametrize(
    ("name", "confusion"), list(weak_models()), ids=lambda value: value if isinstance(value, str) else ""
)
@pytest.mark.parametrize("counts", [RAF_DB_TEST, BALANCED, SMALL, (0, 0, 0, 300, 0, 0, 300), (0, 0, 0, 300, 0, 0, 0)])
def test_a_weak_model_is_not_taken_for_a_permuted_one(name, confusion, counts):
    assert not any(fires(*answers(counts, confusion, seed)) for seed in range(20))


def test_few_images_prove_nothing():
    truth, right = answers((3,) * 7, right_in(0.9))
    assert not fires(truth, np.argsort(AFFECTNET_AS_RAF_DB)[right])


def check(tmp_path, given, swapped, **changes):
    make_predictions(*given).to_csv(tmp_path / "given.csv", index=False)
    make_predictions(*swapped).to_csv(tmp_path / "swapped.csv", index=False)
    arguments = {"where": "models.published", "class_names": LABELS, "color_order": "bgr"} | changes
    check_orders(
        predictions=tmp_path / "given.csv",
        swapped=tmp_path / "swapped.csv",
        orders=tmp_path / "orders.csv",
        **arguments,
    )
    return pd.read_csv(tmp_path / "orders.csv", keep_default_na=False).iloc[0]


def test_the_sentence_names_the_permutation_and_the_key(tmp_path, caplog):
    truth, right = answers(RAF_DB_TEST, right_in(0.9))
    said = np.argsort(AFFECTNET_AS_RAF_DB)[right]
    found = check(tmp_path, (truth, said), (truth, said), class_names=(*LABELS, "contempt"))
    assert "models.published: its labels look permuted: on other its accuracy is " in found["finding"]
    assert "surprise is neutral, fear is happiness, disgust is sadness, happiness is surprise" in found["finding"]
    names = "neutral, happiness, sadness, surprise, fear, disgust, anger, contempt"
    assert f"set models.published.classes to [{names}]" in found["finding"]
    assert found["finding"] in caplog.text
    assert found["best_order"] == pytest.approx((right == truth).mean(), abs=1e-6)
    assert "channels" not in found["finding"]


def test_swapped_channels_are_told_with_permuted_labels_or_without(tmp_path):
    truth, good = answers((60,) * 7, right_in(0.85))
    _, bad = answers((60,) * 7, right_in(0.6), seed=1)
    found = check(tmp_path, (truth, bad), (truth, good))
    assert "color channels look swapped: on 420 images of other" in found["finding"]
    assert "set models.published.color_order to rgb" in found["finding"]
    assert check(tmp_path, (truth, good), (truth, bad))["finding"] == ""
    permute = np.argsort(AFFECTNET_AS_RAF_DB)
    both = check(tmp_path, (truth, permute[bad]), (truth, permute[good]))["finding"]
    assert "labels look permuted" in both
    assert "channels look swapped" in both


@pytest.mark.parametrize("share", [1 / 7, 0.3])
def test_two_looks_of_a_weak_model_are_no_swapped_channels(tmp_path, share):
    truth, given = answers((10,) * 7, right_in(share))
    for seed in range(1, 10):
        assert check(tmp_path, (truth, given), answers((10,) * 7, right_in(share), seed))["finding"] == ""
