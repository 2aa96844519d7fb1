from pathlib import Path

import pandas as pd
import pytest

from synface.core.errors import InputError
from synface.core.tables import read_table, write_table
from synface.evaluate.published import tabulate_published

PUBLISHED = Path(__file__).parents[3] / "workflow" / "report" / "published.csv"


def write_summary(path):
    rows = [
        ("report", "poster", "RAF-DB", "AffectNet-Val", 3500, 0.51, 0.004, 0.5, 0.52, 3),
        ("report", "poster", "RafSynFace30V", "AffectNet-Val", 3500, 0.53, 0.003, 0.52, 0.54, 3),
        ("report", "poster", "RAF-DB", "somewhere", 10, 0.1, 0.0, 0.0, 0.4, 3),
        ("other", "poster", "SynFace15V", "AffectNet-Val", 3500, 0.2, 0.0, 0.1, 0.3, 3),
        ("named", "small", "Mine", "Web", 3500, 0.4, 0.0, 0.3, 0.5, 3),
    ]
    names = "experiment,model,train_set,test_set,n,accuracy,accuracy_sd,ci_low,ci_high,seeds"
    columns = names.split(",")
    write_table(pd.DataFrame(rows, columns=columns), path)


def tabulate(tmp_path, **tables):
    write_summary(tmp_path / "summary.csv")
    experiments = tables.get("experiments", {"report": {}})
    paths = {number: tmp_path / f"{number}.csv" for number in tables.get("numbers", ("5.1", "5.3"))}
    tabulate_published(published=PUBLISHED, summary=tmp_path / "summary.csv", experiments=experiments, tables=paths)
    return {number: read_table(path) for number, path in paths.items()}


def test_published_numbers_stand_beside_ours(tmp_path):
    table = tabulate(tmp_path)["5.3"]
    assert len(table) == 12  # no published cell is dropped
    found = table[table["ours"].notna()].set_index("train_set")
    assert list(found.index) == ["RAF-DB", "RafSynFace30V"]
    assert found["inside"].astype(str).tolist() == ["False", "True"]  # .4971 and .5277
    hybrid = found.loc["RafSynFace30V"]
    assert hybrid[["published", "published_n", "ours", "seeds"]].tolist() == [0.5277, 3500, 0.53, 3]
    assert hybrid["difference"] == pytest.approx(0.0023)
    assert (hybrid["published_ci_low"], hybrid["published_ci_high"]) == pytest.approx((0.5111, 0.5442), abs=1e-4)


def test_cells_that_we_have_not_stay_with_ours_empty(tmp_path):
    table = tabulate(tmp_path)["5.1"]
    assert len(table) == 8
    assert table[["ours", "inside"]].isna().all(axis=None)
    assert set(table["model"]) == {""}


def test_names_of_ones_own_stand_for_the_studys(tmp_path):
    names = {"RAF-DB": "Mine", "AffectNet-Val": "Web"}
    table = tabulate(tmp_path, experiments={"report": {}, "named": names})["5.3"]
    cell = table[(table["train_set"] == "RAF-DB") & (table["test_set"] == "AffectNet-Val")]
    assert cell["ours"].tolist() == [0.51, 0.4]


def test_unknown_table_is_named(tmp_path):
    with pytest.raises(InputError, match=r"no table '9\.9'; it holds 5\.1, 5\.3"):
        tabulate(tmp_path, numbers=("9.9",))


def test_transcription_adds_up():
    table = read_table(PUBLISHED, text=["table"])
    # 2 x 4 cells in table 5.1 and 3 x 4 in 5.3; two cells are in both and must agree.
    assert table["table"].value_counts().to_dict() == {"5.1": 8, "5.3": 12}
    assert table.groupby(["train_set", "test_set"])["accuracy"].nunique().eq(1).all()
    # A hybrid test set is the union of its parts, so its accuracy is their weighted mean (rounding aside).
    cells = table.drop_duplicates(["train_set", "test_set"]).set_index(["train_set", "test_set"])["accuracy"]
    for train_set in ("RAF-DB", "SynFace15V", "RafSynFace30V"):
        parts = (3068 * cells[train_set, "RAF-DB"] + 3065 * cells[train_set, "SynFace15V"]) / 6133
        assert cells[train_set, "RafSynFace30V"] == pytest.approx(parts, abs=2e-4)
