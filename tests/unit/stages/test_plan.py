import json
import math

import pandas as pd
import pytest

from synface.core.counts import CELLS, write_counts
from synface.core.errors import InputError
from synface.stages.deal import Demand, deal, deal_portraits, fraction_taken, needed_for
from synface.stages.plan import plan_edit

COUNTS = dict(zip(CELLS, [20, 4, 10, 60, 25, 11, 30, 5, 1, 3, 15, 6, 2, 8], strict=True))
GAMUT = {"parametrization": "gaussian", "classes": {label: {"mean": [0, 0]} for _, label in CELLS}}
LINEAR = {"parametrization": "linear", "classes": {label: {"theta": 1.0} for _, label in CELLS[:6]}}


def portraits(train=300, test=80):
    ids = [f"{number:05d}" for number in range(train + test)]
    facts = {"source_id": ids, "path": [f"{item}.png" for item in ids], "sha256": [f"hash of {item}" for item in ids]}
    return pd.DataFrame({**facts, "split": ["train"] * train + ["test"] * test})


def plan(tmp_path, *, index=None, name="varied", demands=((1.0, COUNTS),), gamut=LINEAR, **settings):
    (portraits() if index is None else index).to_csv(tmp_path / "index.csv", index=False)
    (tmp_path / "gamut.json").write_text(json.dumps(gamut))
    paths = []
    for place, (fraction, counts, *test_fraction) in enumerate(demands):
        write_counts(counts, tmp_path / f"counts{place}.csv")
        paths.append((tmp_path / f"counts{place}.csv", fraction, *(test_fraction or [None])))
    output = tmp_path / "edits" / name / "plan.csv"
    shards, spares, seed = settings.pop("shards", 3), settings.pop("spares", 0.1), settings.pop("seed", 1)
    deal_portraits(
        index=tmp_path / "index.csv",
        demands=[(f"Set{place}", *demand) for place, demand in enumerate(paths)],
        dealt=output.with_name("dealt.csv"),
        taken=output.with_name("demands.csv"),
        spares=spares,
        seed=seed,
        edit=name,
        source="ffhq",
    )
    settings = {"rho": [0.5, 1.2], "seed": seed, **settings}
    plan_edit(
        dealt=output.with_name("dealt.csv"),
        gamut=tmp_path / "gamut.json",
        plan=output,
        settings=settings,
        shards=shards,
    )
    return pd.read_csv(output, dtype={"source_id": str})


def test_every_cell_has_its_count_and_spares_rounded_up(tmp_path):
    found = plan(tmp_path).groupby(["split", "label"]).size().to_dict()
    # 20 and 2 spares, 4 and 1, 10 and 1, 60 and 6, 25 and 3, 11 and 2, 30 and 3
    assert [found[cell] for cell in CELLS[:7]] == [22, 5, 11, 66, 28, 13, 33]
    assert [found[cell] for cell in CELLS[7:]] == [6, 2, 4, 17, 7, 3, 9]


def test_spares_are_exact_in_decimals():
    asked = [Demand("Set", dict.fromkeys(CELLS, 30), 1.0)]
    assert needed_for(asked, 1.0, 0.1)[CELLS[0]] == 33  # 30 * 0.1 is 3.0000000000000004 in binary
    assert needed_for([Demand("Set", dict.fromkeys(CELLS, 0), 1.0)], 1.0, 0.1)[CELLS[0]] == 0


@pytest.mark.parametrize(("train", "test"), [(300, 80), (100, 80), (300, 20), (60, 14), (20, 20)])
def test_the_largest_fraction_is_what_the_portraits_allow(tmp_path, train, test):
    found = plan(tmp_path, index=portraits(train, test), demands=[("largest", COUNTS)], spares=0.1)
    taken = pd.read_csv(tmp_path / "edits/varied/demands.csv")["taken"][0]
    sizes = found.groupby("split").size()
    assert sizes["train"] <= train
    assert sizes["test"] <= test

    def size(fraction, split):
        halves_up = [
            max(1, math.floor(fraction * count + 0.5 + 1e-9)) for cell, count in COUNTS.items() if cell[0] == split
        ]
        return sum(count + math.ceil(count / 10 - 1e-9) for count in halves_up)

    assert (size(taken, "train"), size(taken, "test")) == (sizes["train"], sizes["test"])
    assert taken == 1 or size(taken + 1e-4, "train") > train or size(taken + 1e-4, "test") > test
    assert fraction_taken(tmp_path / "edits/varied/demands.csv", "Set0", "largest") == taken


def test_portraits_that_do_not_suffice_for_one_of_each_are_told(tmp_path):
    with pytest.raises(InputError, match="train needs 14 and has 13; test needs 14 and has 80"):
        plan(tmp_path, index=portraits(13, 80), demands=[("largest", COUNTS)])


def test_a_fixed_and_the_largest_demand_go_together(tmp_path):
    plan(tmp_path, demands=[(0.25, COUNTS), ("largest", COUNTS)], spares=0)
    taken = pd.read_csv(tmp_path / "edits/varied/demands.csv")["taken"].tolist()
    assert taken == [0.25, 1.0]


def test_few_of_the_test_split_may_be_asked_for(tmp_path):
    found = plan(tmp_path, demands=[(1.0, COUNTS, 0.5), ("largest", COUNTS, 0.5)], spares=0)
    found = found.groupby(["split", "label"]).size()
    for split, label in CELLS:
        # Half, half up, at least one.
        expected = COUNTS[split, label] if split == "train" else max(1, (COUNTS[split, label] + 1) // 2)
        assert found[split, label] == expected


def test_portraits_are_used_once_and_keep_their_split(tmp_path):
    found = plan(tmp_path)
    assert found["source_id"].is_unique
    merged = found.merge(portraits(), on="source_id")
    assert (merged["split_x"] == merged["split_y"]).all()
    assert (merged["path_x"] == merged["path_y"]).all()


def test_largest_demand_of_all_datasets_counts(tmp_path):
    other = dict.fromkeys(CELLS, 1) | {("train", "fear"): 40}
    found = plan(tmp_path, demands=[(0.5, COUNTS), (1.0, other)], spares=0).groupby(["split", "label"]).size()
    assert found["train", "fear"] == 40
    assert found["train", "happiness"] == 30
    assert found["train", "sadness"] == 13  # 12.5, half up
    assert found["test", "fear"] == 1


def test_shards_change_no_other_column(tmp_path):
    few, many = plan(tmp_path, shards=2), plan(tmp_path, shards=7)
    assert few.drop(columns="shard").equals(many.drop(columns="shard"))
    assert many["shard"].tolist() == [place % 7 for place in range(len(many))]


def test_a_portrait_whose_bytes_changed_changes_the_plan(tmp_path):
    before = plan(tmp_path)
    index = portraits()
    replaced = before["source_id"][0]
    index.loc[index["source_id"] == replaced, "sha256"] = "another"
    after = plan(tmp_path, index=index)
    assert after.loc[after["sha256"] != before["sha256"], "source_id"].tolist() == [replaced]
    assert after.drop(columns="sha256").equals(before.drop(columns="sha256"))


def test_order_of_the_index_changes_nothing(tmp_path):
    assert plan(tmp_path).equals(plan(tmp_path, index=portraits().sample(frac=1, random_state=0)))


def test_name_of_the_edit_changes_nothing_and_generators_share_the_dealing(tmp_path):
    linear = plan(tmp_path)
    assert plan(tmp_path, name="renamed").equals(linear)
    gaussian = plan(tmp_path, gamut=GAMUT, at="class-mean", rho=None)
    assert gaussian[["source_id", "label"]].equals(linear[["source_id", "label"]])
    assert gaussian["theta"].isna().all()


def test_seed_changes_the_dealing(tmp_path):
    first, second = plan(tmp_path), plan(tmp_path, seed=2)
    assert not first[["source_id", "label"]].equals(second[["source_id", "label"]])


def test_a_small_change_of_the_counts_keeps_most_of_the_plan():
    before = deal(portraits(), COUNTS, 1, "edits.a", "sources.b")
    after = deal(portraits(), COUNTS | {("train", "surprise"): 21}, 1, "edits.a", "sources.b")
    changed = [item for item in before if after.get(item) != before[item]]
    assert set(before.values()) == set(after.values())
    assert len(changed) <= 6  # one per later emotion at most, of 200


def test_too_few_portraits_are_told_per_split(tmp_path):
    with pytest.raises(
        InputError, match=r"edits\.varied.*train needs 178 and has 300; test needs 48 and has 30"
    ) as error:
        plan(tmp_path, index=portraits(300, 30))
    assert "spares" in str(error.value)
    assert not (tmp_path / "edits" / "varied" / "plan.csv").exists()


def test_an_edit_without_demand_is_an_error(tmp_path):
    with pytest.raises(InputError, match="no synthetic dataset"):
        plan(tmp_path, demands=())
