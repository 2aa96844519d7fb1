"""Controls on the page: which sets are ones, and whether they are at chance."""

import pandas as pd
import pytest

from synface.report.controls import controls_of, judge_controls

EDIT = {"rho": 0.0, "neutral_rho": 0.0, "ranges": {}}
CONFIG = {
    "edits": {
        "unmoved": EDIT,
        "interval": EDIT | {"rho": [0.0, 0.0], "neutral_rho": [0.0, 0.0]},
        "moved": EDIT | {"rho": [0.0, 1.0]},
        "neutral": EDIT | {"neutral_rho": [0.0, 0.1]},
        "ranges": EDIT | {"ranges": {"fear": {"rho": 1.0}}},
        "gaussian": EDIT | {"rho": None, "at": "class-mean"},
    },
    "datasets": {
        "Real": {"natural": {}},
        "Shuffled": {"merge": [{"dataset": "Real"}], "labels": "shuffled"},
        "Merged": {"merge": [{"dataset": "Real"}], "labels": "kept"},
        "Unedited": {"synthetic": {"edit": "unmoved", "unedited": {"model": "m"}}},
        **{
            name: {"synthetic": {"edit": name, "unedited": None}}
            for name in ("unmoved", "interval", "moved", "neutral", "ranges", "gaussian")
        },
    },
}


def test_controls_are_sets_whose_labels_say_nothing():
    assert controls_of(CONFIG) == ["Shuffled", "unmoved", "interval"]


@pytest.mark.parametrize(
    ("low", "kind", "says"),
    [(0.39, "equivalent", "is at chance, as it must be"), (0.41, "worse", "is above chance, though its labels")],
)
def test_a_control_is_above_chance_where_its_whole_interval_is(low, kind, says):
    # Of 100 test images, 40 are of the largest class.
    rows = [{"support": count} for count in (10, 10, 40, 10, 10, 10, 10)]
    place = {"model": "m", "train_set": "Shuffled", "test_set": "Web"}
    summary = pd.DataFrame([place | {"accuracy": 0.45, "ci_low": low, "ci_high": 0.5}, place | {"train_set": "Real"}])
    (found,) = judge_controls(summary, {"m": {"Shuffled": {"Web": rows}}}, CONFIG)
    assert found["kind"] == kind
    assert found["sentence"].startswith(f"Shuffled (m) {says}")
    assert found["sentence"].endswith(f"0.450 on Web ({low:.3f} to 0.500; chance 0.400).")
