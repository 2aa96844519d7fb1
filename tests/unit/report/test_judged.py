"""Which sentence the numbers of judges lead to."""

import pandas as pd
import pytest
from judged_tables import write_judged

from synface.report.judged import describe_group_accuracy, describe_groups, describe_judged


@pytest.fixture
def tables(tmp_path):
    return write_judged(tmp_path, "Syn", "Real")


def test_the_sentences_follow_from_the_intervals(tables):
    (found,) = describe_judged(tables["judged"], tables["kernel_distances"], {"Syn": {"like": "Real"}})
    assert (found["judge"], found["dataset"]) == ("j", "Syn")
    text = "\n".join(found["sentences"])
    assert "reads 50 % of the 200 edited faces of Syn as intended, and 20 % of the same portraits before" in text
    assert (
        "a lift of +30.0 points (+25.0 to +35.0). It is shown to rise for 1 of the 3 emotions that this judge knows."
        in text
    )
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
    table = pd.read_csv(tables["judged"])
    table.loc[0, ["value", "ci_low", "ci_high"]] = (low + high) / 2, low, high
    table = table[table["measure"].isin(["lift", "agreement"])]  # of a judge that tells nothing else
    table.to_csv(tables["judged"], index=False)
    (found,) = describe_judged(tables["judged"], tables["kernel_distances"], {"Syn": {"like": "Real"}})
    assert words in found["sentences"][0]
    assert "person" not in "".join(found["sentences"])


def test_groups_become_tables(tables):
    (found,) = describe_groups(tables["groups"])
    assert found["rows"] == {"to 19": [0, 3, 0, 0, 0, 0, 0], "20 to 39": [0, 0, 0, 0, 0, 4, 0]}
    assert list(found["rows"]) == ["to 19", "20 to 39"]  # in the order of the table
    (found,) = describe_group_accuracy(tables["group_accuracy"])
    assert found["groups"] == {"to 19": 3}
    cells = {train: cell["to 19"]["accuracy"] for train, cell in found["cells"].items()}
    assert cells == {"Real": 0.5, "Syn": 1}


def test_of_a_judge_that_chose_it_is_said(tables):
    for judge, told in (("j", True), ("another", False)):
        recipes = {"Syn": {"like": "Real", "keep": {"judge": judge, "at_least": 0.5}}}
        (found,) = describe_judged(tables["judged"], tables["kernel_distances"], recipes)
        text = "\n".join(found["sentences"])
        assert ("Syn holds only faces in which j reads the emotion with a probability of at least 0.5" in text) == told


def test_a_draw_of_a_dataset_has_its_recipe(tmp_path):
    tables = write_judged(tmp_path, "Syn~2", "Real")
    (found,) = describe_judged(tables["judged"], tables["kernel_distances"], {"Syn": {"like": "Real"}})
    assert found["dataset"] == "Syn~2"
    assert found["rows"][0]["real"]["value"] == 0.8
