import itertools
import warnings

import numpy as np
import pandas as pd
import pulp
import pytest

from synface.core.counts import CELLS, scaled_counts, write_counts
from synface.core.errors import InputError
from synface.stages.match import choose_best, match_distribution


def needed(**counts):
    cells = dict.fromkeys(CELLS, 0)
    cells.update(
        {
            (split, label): count
            for (split, label), count in ((tuple(key.split("_")), count) for key, count in counts.items())
        }
    )
    return cells


def candidates(cell, probability, overlap):
    ids = [f"{cell[0]}-{cell[1]}-{place}" for place in range(len(probability))]
    return pd.DataFrame(
        {"source_id": ids, "split": cell[0], "label": cell[1], "probability": probability, "overlap": overlap}
    )


@pytest.mark.parametrize("seed", range(5))
def test_choice_is_the_brute_force_optimum(seed):
    generator = np.random.default_rng(seed)
    # Few distinct values, so that ties of the probability are common and the overlap has to decide.
    frame = candidates(("train", "fear"), generator.choice([0.9, 0.95, 0.99], 9), generator.uniform(0.5, 1, 9).round(3))
    best = max(
        itertools.combinations(range(9), 4),
        key=lambda rows: (round(sum(frame["probability"][list(rows)]), 9), sum(frame["overlap"][list(rows)])),
    )
    assert choose_best(frame, needed(train_fear=4)) == set(frame["source_id"][list(best)])


def integer_program(worst_first, count):
    """The same choice as an integer program over ranks, which have no ties: PuLP with the CBC solver it comes with."""
    problem = pulp.LpProblem("match", pulp.LpMaximize)
    take = [problem.add_variable(f"take_{rank}", cat=pulp.LpBinary) for rank in range(len(worst_first))]
    problem.setObjective(pulp.lpSum((rank + 1) * variable for rank, variable in enumerate(take)))
    problem.addConstraint(pulp.lpSum(take) == count)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # PuLP 4 will leave CBC to a package of its own
        bundled = pulp.PULP_CBC_CMD(msg=False) if hasattr(pulp, "PULP_CBC_CMD") else None
    problem.solve(bundled if bundled is not None and bundled.available() else pulp.COIN_CMD(msg=False))
    return {item for item, variable in zip(worst_first, take, strict=True) if variable.value() > 0.5}


def test_choice_is_that_of_an_integer_program():
    generator = np.random.default_rng(7)
    cells = {("train", "fear"): 31, ("train", "neutral"): 60, ("test", "fear"): 1}
    frames = {
        cell: candidates(cell, generator.choice([0.9, 0.95, 0.99], 60), generator.permutation(60) / 60)
        for cell in cells
    }
    wanted = needed(train_fear=31, train_neutral=60, test_fear=1)
    found = choose_best(pd.concat(frames.values()).sample(frac=1, random_state=1), wanted)
    best = set()
    for cell, count in cells.items():
        best |= integer_program(list(frames[cell].sort_values(["probability", "overlap"])["source_id"]), count)
    assert found == best


def test_differences_below_a_solvers_tolerance_count():
    probability = [0.99 + place * 1e-12 for place in range(8)]
    chosen = choose_best(candidates(("test", "anger"), probability, [0.5] * 8), needed(test_anger=3))
    assert chosen == {"test-anger-5", "test-anger-6", "test-anger-7"}


def test_full_ties_do_not_depend_on_the_order_and_favor_no_name():
    frame = candidates(("train", "fear"), [0.9] * 40, [0.5] * 40)
    chosen = choose_best(frame, needed(train_fear=20))
    assert chosen == choose_best(frame.sample(frac=1, random_state=3), needed(train_fear=20))
    assert chosen not in (set(frame["source_id"][:20]), set(frame["source_id"][20:]))


def study(folder, *, planned=40, shards=3, reasons=0, seed=0):
    """A plan and crops with ``planned`` portraits per cell of the training split, the first ``reasons`` rejected."""
    generator = np.random.default_rng(seed)
    rows = []
    for split, label in CELLS[:7]:
        for place in range(planned):
            rows.append(
                {
                    "source_id": f"{label}{place:03d}",
                    "split": split,
                    "label": label,
                    "theta": 0.5,
                    "rho": 1.0,
                    "code_x": 0.1,
                    "code_y": 0.2,
                }
            )
    plan = pd.DataFrame(rows).sort_values("source_id", ignore_index=True)
    crops = plan[["source_id"]].assign(left=1.5, top=2.0, right=90.0, bottom=95.25)
    crops["probability"] = generator.uniform(0.9, 1, len(plan)).round(3)
    crops["overlap"] = generator.uniform(0.5, 1, len(plan)).round(2)
    crops["reason"] = ["no face found" if int(item[-3:]) < reasons else "" for item in plan["source_id"]]
    plan["shard"] = plan.index % shards
    plan.to_csv(folder / "plan.csv", index=False)
    paths = [folder / f"{shard}.csv" for shard in range(shards)]
    for shard, path in enumerate(paths):
        crops[plan["shard"] == shard].to_csv(path, index=False)
    return paths


def match(folder, crops, fraction=0.5, exact=True):
    counts = dict(zip(CELLS, [30, 8, 12, 60, 25, 11, 31, 0, 0, 0, 0, 0, 0, 0], strict=True))
    write_counts(counts, folder / "counts.csv")
    selection, rejects = folder / "Syn" / "selection.csv", folder / "Syn" / "rejects.csv"
    taken = pd.DataFrame([["Real", fraction, fraction]], columns=["like", "fraction", "taken"])
    taken.to_csv(folder / "demands.csv", index=False)
    match_distribution(
        plan=folder / "plan.csv",
        crops=crops,
        counts=folder / "counts.csv",
        taken=folder / "demands.csv",
        like="Real",
        fraction=fraction,
        selection=selection,
        rejects=rejects,
        exact=exact,
    )
    return pd.read_csv(selection), pd.read_csv(rejects), scaled_counts(counts, fraction)


def test_counts_are_met_exactly_and_every_portrait_is_accounted_for(tmp_path):
    selection, rejects, wanted = match(tmp_path, study(tmp_path, reasons=5))
    found = selection.groupby(["split", "label"]).size().to_dict()
    assert found == {cell: count for cell, count in wanted.items() if count}
    assert len(selection) + len(rejects) == 7 * 40
    assert not set(selection["source_id"]) & set(rejects["source_id"])
    assert (rejects["reason"] == "no face found").sum() == 7 * 5
    assert set(rejects["reason"]) == {"no face found", "spare, not needed"}


def test_the_test_split_may_have_a_fraction_of_its_own():
    counts = dict.fromkeys(CELLS, 10) | {("test", "fear"): 1, ("train", "fear"): 0}
    scaled = scaled_counts(counts, 0.5, 0.2)
    assert (scaled["train", "anger"], scaled["test", "anger"]) == (5, 2)
    assert (scaled["train", "fear"], scaled["test", "fear"]) == (0, 1)


def test_no_rejected_face_of_a_class_is_better_than_a_selected_one(tmp_path):
    crops = study(tmp_path)
    selection, rejects, _ = match(tmp_path, crops)
    quality = pd.concat(map(pd.read_csv, crops)).set_index("source_id")["probability"]
    for label, chosen in selection.groupby("label"):
        left = rejects.loc[rejects["label"] == label, "source_id"]
        assert chosen["probability"].min() >= quality[left].max()


def test_shards_and_their_order_change_nothing(tmp_path):
    results = []
    for shards, order in ((1, 1), (4, 1), (4, -1)):
        folder = tmp_path / f"{shards}{order}"
        folder.mkdir()
        selection, rejects, _ = match(folder, study(folder, shards=shards)[::order])
        results.append((selection.drop(columns="shard"), rejects.drop(columns="shard")))
    assert all(one[0].equals(results[0][0]) and one[1].equals(results[0][1]) for one in results)


def test_infeasible_cells_are_all_named(tmp_path):
    crops = study(tmp_path, reasons=15)
    with pytest.raises(InputError) as error:
        match(tmp_path, crops, fraction=1.0)
    told = str(error.value)
    assert "datasets.Syn" in told
    assert "train surprise lacks 5 (needs 30, 25 of 40 survived)" in told
    assert "train happiness lacks 35 (needs 60, 25 of 40 survived)" in told
    assert "train neutral lacks 6" in told
    assert "sadness" not in told
    assert f"Raise edits.{tmp_path.name}.spares or lower datasets.Syn.synthetic.fraction" in told


def test_where_counts_need_not_be_met_all_that_there_are_is_taken(tmp_path):
    selection, rejects, wanted = match(tmp_path, study(tmp_path, reasons=15), fraction=1.0, exact=False)
    found = selection.groupby(["split", "label"]).size().to_dict()
    assert found == {cell: min(count, 25) for cell, count in wanted.items() if count}
    assert len(selection) + len(rejects) == 7 * 40


def test_where_every_portrait_is_needed_nothing_is_left(tmp_path):
    selection, rejects, _ = match(tmp_path, study(tmp_path, planned=8), fraction=1.0, exact=False)
    assert len(selection) == 7 * 8
    assert rejects.empty


@pytest.mark.parametrize("change", ["missing", "double"])
def test_crops_of_another_plan_are_refused(tmp_path, change):
    crops = study(tmp_path)
    with pytest.raises(InputError, match="older plan"):
        match(tmp_path, crops[1:] if change == "missing" else [*crops, crops[0]])
