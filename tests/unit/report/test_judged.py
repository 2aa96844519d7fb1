"""Which sentence the numbers of judges lead to."""

import numpy as np
import pandas as pd
import pytest

from synface.judges.measures import DISTANCES, GROUP_ACCURACY, GROUPS, JUDGED
from synface.report.judged import describe_group_accuracy, describe_groups, describe_judged


def row(measure, value, low, high, label="all", rho="all", n=200, dataset="Syn", before=np.nan, after=np.nan):
    return ("j", dataset, measure, label, rho, n, value, low, high, before, after)


@pytest.fixture
def tables(tmp_path):
    rows = [
        row("lift", 0.3, 0.25, 0.35, before=0.2, after=0.5),
        row("lift", 0.1, 0.05, 0.15, rho="0.50 to 0.75", before=0.2, after=0.3),
        row("lift", 0.5, 0.45, 0.55, rho="1.00 to 1.25", before=0.2, after=0.7),
        row("lift", 0.6, 0.5, 0.7, "happiness", before=0.1, after=0.7),
        row("lift", 0.1, -0.1, 0.3, "fear", before=0.1, after=0.2),
        row("lift", -0.2, -0.3, -0.1, "neutral", before=0.8, after=0.6),
        row("lift", 0.0, -0.02, 0.02, "disgust", before=0.0, after=0.0),
        row("own", 0.97, 0.96, 0.98),
        row("others", 0.88, 0.87, 0.89),
        row("nearest", 0.9, 0.85, 0.94),
        row("along", 0.4, 0.3, 0.5),
        row("skin", 0.6, 0.5, 0.7),
        row("around", 1.2, 1.1, 1.3),
        *(row("agreement", 0.8, 0.7, 0.9, label, dataset="Real") for label in ("all", "happiness", "fear", "neutral")),
        row("agreement", 0.07, 0.03, 0.15, "disgust", dataset="Real"),
    ]
    pd.DataFrame(rows, columns=JUDGED).to_csv(tmp_path / "judged.csv", index=False)
    apart = [
        ("j", "Real/train", "Syn/train", 900, 200, 0.05, 0.04, 0.06),
        ("j", "Real/train", "Real/test", 900, 300, 0.001, -0.001, 0.003),
    ]
    pd.DataFrame(apart, columns=DISTANCES).to_csv(tmp_path / "distances.csv", index=False)
    return tmp_path / "judged.csv", tmp_path / "distances.csv"


def test_the_sentences_follow_from_the_intervals(tables):
    (found,) = describe_judged(*tables, {"Syn": "Real"})
    assert (found["judge"], found["dataset"]) == ("j", "Syn")
    text = "\n".join(found["sentences"])
    assert "reads 50 % of the 200 edited faces of Syn as intended, and 20 % of the same portraits before" in text
    assert "a lift of +30.0 points (+25.0 to +35.0). To this judge the edit shows the expression." in text
    assert "It rises for happiness (+60.0 points (+50.0 to +70.0)); it is not shown to rise or fall for fear; " in text
    assert "; it falls for neutral." in text
    assert "j hardly knows disgust (7 % of real faces): its lift there says little." in text
    assert "at 1.00 to 1.25 +50.0 points (+45.0 to +55.0): stronger codes are read more often." in text
    assert "cosine with its own portrait is 0.970 (0.960 to 0.980), with the other portraits 0.880" in text
    assert "nearest for 90 % (85 % to 94 %)" in text
    assert "landmarks move 0.40 (0.30 to 0.50) of the way" in text
    assert "as in real faces of the emotion" in text
    assert "(CIEDE2000, less than an eye sees)" in text
    assert "Real/train and Syn/train is 0.050 (0.040 to 0.060)" in text
    assert "both real, 0.001 (\u22120.001 to 0.003)" in text
    assert [each["label"] for each in found["rows"]] == ["all", "fear", "disgust", "happiness", "neutral"]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (-0.1, 0.1, "it is not shown that the edit shows the expression"),
        (-0.2, -0.1, "the edit does not show the expression"),
    ],
)
def test_an_edit_that_is_not_read_is_not_said_to_show_its_expression(tables, low, high, words):
    table = pd.read_csv(tables[0])
    table.loc[0, ["value", "ci_low", "ci_high"]] = (low + high) / 2, low, high
    table = table[table["measure"].isin(["lift", "agreement"])]  # of a judge that tells nothing else
    table.to_csv(tables[0], index=False)
    (found,) = describe_judged(*tables, {"Syn": "Real"})
    assert words in found["sentences"][0]
    assert "person" not in "".join(found["sentences"])


def test_groups_become_tables(tmp_path):
    counts = [("j", "Real", "test", "age", "to 19", "fear", 3), ("j", "Real", "test", "age", "20 to 39", "anger", 4)]
    pd.DataFrame(counts, columns=GROUPS).to_csv(tmp_path / "groups.csv", index=False)
    (found,) = describe_groups(tmp_path / "groups.csv")
    assert found["rows"] == {"20 to 39": [0, 0, 0, 0, 0, 4, 0], "to 19": [0, 3, 0, 0, 0, 0, 0]}
    cells = [
        ("j", "age", "to 19", "m", "A", "Real", 3, 0.5, 0.2, 0.8),
        ("j", "age", "to 19", "m", "B", "Real", 3, 1, 0.4, 1),
    ]
    pd.DataFrame(cells, columns=GROUP_ACCURACY).to_csv(tmp_path / "accuracy.csv", index=False)
    (found,) = describe_group_accuracy(tmp_path / "accuracy.csv")
    assert found["groups"] == {"to 19": 3}
    assert {train: cell["to 19"]["accuracy"] for train, cell in found["cells"].items()} == {"A": 0.5, "B": 1}
