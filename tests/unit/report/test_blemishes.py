import pandas as pd
import pytest

from synface.core.tables import read_table, write_table
from synface.report.blemishes import (
    SMEAR_LIMITS,
    SPECKLE_LIMIT,
    describe_blemishes,
    list_unfinished,
    tabulate_blemishes,
)

MILD = 0.5 * SPECKLE_LIMIT


def write_faces(path, *groups):
    """Write the faces of an edit; a group is (number, label, smear over its limit, speckle, change)."""
    rows = [
        (f"{index:02}{number:03}", label, smear * SMEAR_LIMITS[label], speckle, change)
        for index, (count, label, smear, speckle, change) in enumerate(groups)
        for number in range(count)
    ]
    write_table(pd.DataFrame(rows, columns=["source_id", "label", "smear", "speckle", "change"]), path)
    return path


def tabulated(folder, *groups, edits=("varied",)):
    """Write the table of edits with equal faces, by one generator."""
    path = write_faces(folder / "faces.csv", *groups)
    table = folder / "blemishes.csv"
    tabulate_blemishes(blemishes=dict.fromkeys(edits, path), generators=dict.fromkeys(edits, "ganmut"), table=table)
    return table


def test_faces_are_counted_by_edit_and_label_against_the_limit_of_their_own_label(tmp_path):
    groups = [(3, "surprise", 0.9, MILD, None), (1, "surprise", 1.1, MILD, None), (4, "neutral", 1.1, None, 0.4)]
    # A neutral face beyond its limit is far below that of surprise.
    assert 1.1 * SMEAR_LIMITS["neutral"] < SMEAR_LIMITS["surprise"]
    table = read_table(tabulated(tmp_path, *groups, edits=("fixed", "varied")))
    assert table["edit"].tolist() == ["fixed"] * 3 + ["varied"] * 3
    assert table["label"].tolist() == ["surprise", "neutral", "all"] * 2
    assert table["faces"].tolist()[:3] == [4, 4, 8]
    assert table["smeared"].tolist()[:3] == [1, 4, 5]
    assert table["speckled"].tolist()[:3] == [0, 0, 0]
    assert table["at_origin"].tolist()[:3] == [0, 4, 4]
    assert table["smear"][1] == pytest.approx(1.1 * SMEAR_LIMITS["neutral"], abs=1e-3)
    rows = describe_blemishes(tmp_path / "blemishes.csv")
    assert rows[2]["smear_limit"] is None
    assert rows[1]["speckle"] is None
    assert rows[0]["change_at_origin"] is None
    assert rows[2]["change_at_origin"] == 0.4


def test_a_generator_that_smears_is_told_with_the_share_of_its_worst_edit(tmp_path):
    table = tmp_path / "blemishes.csv"
    edits = {"fixed": 10, "varied": 34, "other": 0}
    tabulate_blemishes(
        blemishes={
            edit: write_faces(tmp_path / edit, (100 - bad, "fear", 0.5, MILD, None), (bad, "fear", 2, MILD, None))
            for edit, bad in edits.items()
        },
        generators={"fixed": "ganmut", "varied": "ganmut", "other": "finished"},
        table=table,
    )
    assert list_unfinished(table) == [
        "The generator ganmut is unfinished, or these faces are foreign to it: of the 100 faces of varied that were "
        "measured, 34 % darken or brighten a region by more than 99 % of true edits of drawn faces do (1 % would be "
        "chance)."
    ]


def test_speckles_are_told_too(tmp_path):
    groups = [(60, "fear", 0.5, MILD, None), (20, "fear", 2, 2 * SPECKLE_LIMIT, None)]
    (sentence,) = list_unfinished(tabulated(tmp_path, *groups))
    assert "25 % darken or brighten a region and 25 % add speckles by more than" in sentence
    (sentence,) = list_unfinished(tabulated(tmp_path, groups[0], (20, "fear", 0.5, 2 * SPECKLE_LIMIT, None)))
    assert "measured, 25 % add speckles by more than" in sentence


@pytest.mark.parametrize(
    ("beyond", "number", "told"),
    [
        (4, 400, False),  # as many as true edits
        (14, 400, False),  # 3.5 %, whose exact interval begins at 1.9 %
        (16, 400, True),  # 4 %, from 2.3 %
        (1, 7, False),  # one face of few shows nothing
        (2, 7, True),
    ],
)
def test_chance_and_few_faces_are_not_alarming(tmp_path, beyond, number, told):
    table = tabulated(tmp_path, (number - beyond, "anger", 0.5, MILD, None), (beyond, "anger", 1.5, MILD, None))
    assert bool(list_unfinished(table)) is told
