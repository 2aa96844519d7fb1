"""The first screen: which contrasts answer which question, in which words, and what is warned of."""

import numpy as np
import pandas as pd
import pytest

from synface.report.answers import answer_questions, judge, kind_of, list_warnings

CONFIG = {
    "datasets": {
        "Real": {"natural": {}},
        "Web": {"natural": {}},
        "Fixed": {"synthetic": {}},
        "Varied": {"synthetic": {}},
        "Both": {"merge": [{"dataset": "Real"}, {"dataset": "Varied"}]},
        "Synthetic": {"merge": [{"dataset": "Fixed"}, {"dataset": "Varied"}]},
        "Natural": {"merge": [{"dataset": "Real"}, {"dataset": "Web"}]},
        "Nested": {"merge": [{"dataset": "Both"}, {"dataset": "Fixed"}]},
    }
}
ROW = {
    "experiment": "e",
    "model": "m",
    "metric": "accuracy",
    "test_set": "Web",
    "train_set": "Fixed",
    "baseline": "Real",
    "baseline_model": "m",
    "primary": True,
    "independent": True,
    "about": "training sets",
    "draws": 1,
    "baseline_draws": 1,
    "seeds": 3,
    "baseline_seeds": 3,
    "difference": -0.01,
    "ci_low": -0.03,
    "ci_high": 0.01,
    "ci_covers": "images and seeds",
    "detectable": 0.04,
    "error_images": 0.012,
    "error_seeds": 0.009,
    "margin": 0.02,
    "verdict": "not distinguishable",
    "shared_labels": "",
    "differ_in": "",
}


def table(*changes):
    return pd.DataFrame([ROW | change for change in changes])


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Real", "natural"),
        ("Fixed", "synthetic"),
        ("Both", "hybrid"),
        ("Synthetic", "synthetic"),
        ("Natural", "natural"),
        ("Nested", "hybrid"),
    ],
)
def test_kinds_of_training_sets(name, kind):
    assert kind_of(CONFIG, name) == kind


def test_the_best_synthetic_set_answers_whether_it_replaces_and_the_hybrid_whether_it_extends():
    found = answer_questions(
        table(
            {"train_set": "Fixed", "baseline": "Varied", "difference": 0.5},
            {"difference": -0.05, "verdict": "worse"},
            {"train_set": "Varied", "difference": -0.01},
            {"train_set": "Both", "difference": 0.03, "ci_low": 0.01, "verdict": "better"},
            # Not independent, exploratory, against another model, or (above) a synthetic baseline: none of it counts.
            {"train_set": "Fixed", "baseline_model": "other", "difference": 0.5},
            {"train_set": "Fixed", "test_set": "Real", "independent": False, "difference": 0.5},
            {"train_set": "Fixed", "test_set": "Fixed", "primary": False, "verdict": "exploratory", "difference": 0.5},
        ),
        CONFIG,
    )
    assert [answer["question"] for answer in found] == ["replace", "extend"]
    (replace,), (extend,) = (answer["cells"] for answer in found)
    assert "Varied and Real cannot be told apart" in replace["sentence"]
    assert (replace["test_set"], replace["kind"]) == ("Web", "not")
    assert extend["status"] == "shown: it gains"
    assert "Training on Both instead of Real gains 3.0 points" in extend["sentence"]


def test_without_an_independent_set_the_natural_ones_answer():
    (answer,) = answer_questions(table({"independent": False, "test_set": "Real"}), CONFIG)
    assert [cell["test_set"] for cell in answer["cells"]] == ["Real"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"verdict": "better", "difference": 0.03}, "shown: it gains"),
        ({"verdict": "worse"}, "not so: it loses"),
        ({"verdict": "equivalent within 2 points"}, "shown to be equal within 2 points"),
        # 4 points could have been found. Two, the margin, may have a quarter of the variance of 1.44 + 0.81, that is
        # 0.5625: less than either part alone.
        ({}, "undecided: would need about 4.0 times as many test images and seeds"),
        # Three may have 9/16 of it, 1.266: less than the images' part; they would need 1.44 / (1.266 - 0.81).
        ({"difference": 0.03}, "undecided: would need about 3.2 times as many test images"),
        # Parts of 0.16 and 0.81, of which a quarter is 0.2425: 3 x 0.81 / (0.2425 - 0.16) seeds.
        ({"error_images": 0.004}, "undecided: would need about 30 seeds each"),
        ({"error_images": 0.004, "draws": 2}, "undecided: would need about 20 draws each"),
        # Little is lacking, so both ways are open: 3 x 1 / (1.53 - 1) seeds.
        (
            {"difference": 0.035, "error_images": 0.01, "error_seeds": 0.01},
            "undecided: would need about 6 seeds each, or 1.9 times as many test images",
        ),
        ({"difference": -0.04}, "undecided"),
        ({"about": "trained models"}, "undecided: one training each; train with 3 to 5 seeds"),
    ],
)
def test_answers_in_words(change, status):
    assert judge(ROW | change)[0] == status


def test_warnings_name_silent_classes_single_seeds_and_shared_labels():
    counts = np.full((7, 7), 3)
    counts[:, 2] = 0
    rows = [{"counts": row.tolist()} for row in counts]
    full = [{"counts": [1] * 7} for _ in range(7)]
    confusions = {"m": {"Real": {"Web": rows, "Fixed": rows}, "Both": {"Web": rows, "Fixed": full}}}
    shared = "g, the generator behind Fixed, learned from Web"
    found = list_warnings(
        table({"about": "trained models", "shared_labels": shared}, {"shared_labels": shared}), confusions, CONFIG
    )
    assert found == [
        "m never says disgust on any test set when trained on Real.",
        "One seed: what is said is about these trained models, and nothing follows about training sets.",
        f"{shared}, which is also tested on: a gain there may be those labels'.",
    ]
    assert list_warnings(table({}), {}, CONFIG) == []


def test_a_study_that_asks_nothing_has_no_answers():
    assert answer_questions(table({}).iloc[:0], CONFIG) == []
    assert answer_questions(table({"primary": False}), CONFIG) == []
