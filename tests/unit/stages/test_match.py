import itertools
import warnings

import numpy as np
import pandas as pd
import pulp
import pytest

from synface.core.counts import CELLS, scaled_counts, write_counts
from synface.core.errors import InputError
from synface.judges.tables import EDITS
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


def match(folder, crops, fraction=0.5, exact=True, **more):
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
        **more,
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


def readings(folder, crops, **columns):
    """What a judge read in every face that has a crop: ``columns`` as functions of the place in the class."""
    rows = pd.concat(map(pd.read_csv, crops))
    rows = rows[rows["reason"].isna()]["source_id"]
    table = pd.DataFrame(index=rows.index, columns=EDITS).assign(source_id=rows, split="train")
    table["label"] = rows.str[:-3]
    places = rows.str[-3:].astype(int)
    for name, function in {"intended": lambda place: 1.0, **columns}.items():
        table[name] = places.map(function)
    table.to_csv(folder / "readings.csv", index=False)
    return folder / "readings.csv"


def keep(folder, crops, at_least=0.5, **columns):
    return {"keep": {"at_least": at_least}, "judge": "reader", "kept": readings(folder, crops, **columns)}


def test_what_a_judge_does_not_read_is_left_out_counted_and_replaced(tmp_path):
    crops = study(tmp_path, reasons=5)
    # The judge does not read those at 5 to 9; at 10 it just does.
    kept = keep(tmp_path, crops, intended=lambda place: 0.4999 if place < 10 else 0.5)
    selection, rejects, wanted = match(tmp_path, crops, **kept)
    found = selection.groupby(["split", "label"]).size().to_dict()
    assert found == {cell: count for cell, count in wanted.items() if count}
    assert selection["source_id"].str[-3:].astype(int).min() == 10
    left_out = rejects[rejects["reason"] == "reader does not read its label (0.4999)"]
    assert set(left_out["source_id"].str[-3:].astype(int)) == {5, 6, 7, 8, 9}
    assert len(left_out) == 7 * 5
    assert (rejects["reason"] == "no face found").sum() == 7 * 5
    # Among those that are left, the choice is what it would be if there had never been others.
    folder = tmp_path / "without"
    folder.mkdir()
    assert match(folder, study(folder, reasons=10))[0]["source_id"].tolist() == selection["source_id"].tolist()


def test_a_judge_that_reads_everything_changes_nothing(tmp_path):
    crops = study(tmp_path, reasons=5)
    with_judge = match(tmp_path, crops, **keep(tmp_path, crops))
    without = match(tmp_path, crops)
    assert with_judge[0].equals(without[0])
    assert with_judge[1].equals(without[1])


def test_what_lacks_when_a_judge_reads_too_little_is_told(tmp_path):
    crops = study(tmp_path, reasons=5)
    kept = keep(tmp_path, crops, intended=lambda place: place / 40, at_least=0.6)
    with pytest.raises(InputError) as error:
        match(tmp_path, crops, fraction=1.0, **kept)
    told = str(error.value)
    assert "train surprise lacks 14 (needs 30, 16 of 40 survived, 19 others not read by reader)" in told
    assert "sadness lacks 9" in told
    assert "disgust" not in told
    assert f"Raise edits.{tmp_path.name}.spares or lower datasets.Syn.synthetic.keep.at_least or its fraction" in told


def test_readings_of_other_crops_are_refused(tmp_path):
    crops = study(tmp_path)
    kept = keep(tmp_path, crops[1:])
    with pytest.raises(InputError, match=r"readings\.csv: anger\d+ is missing; it belongs to older crops"):
        match(tmp_path, crops, **kept)


def test_skin_is_balanced_within_every_class_by_the_groups_that_a_judge_tells(tmp_path):
    crops = study(tmp_path)
    # Of 40 faces of a class 4 are dark, 8 tan, 28 light.
    tones = {-40: range(4), 20: range(4, 12), 50: range(12, 40)}
    angles = {place: angle for angle, places in tones.items() for place in places}
    table = readings(tmp_path, crops, ita=angles.get, male=lambda place: 0.1, age=lambda place: 30)
    selection, _, wanted = match(tmp_path, crops, balance=["skin"], groups=table)
    assert selection.groupby(["split", "label"]).size().to_dict() == {cell: n for cell, n in wanted.items() if n}
    for label, rows in selection.groupby("label"):
        angle = rows["source_id"].str[-3:].astype(int).map(angles)
        got = {tone: int((angle == tone).sum()) for tone in tones}
        needed = wanted["train", label]
        # Dark and tan faces are all taken, or a third; light ones fill up.
        dark = min(4, got[20], needed // 3)
        assert got[-40] >= dark, label
        assert got[20] in (8, (needed - got[-40]) // 2, -(-(needed - got[-40]) // 2)), label
        assert sum(got.values()) == needed


def test_intensities_are_balanced_without_any_judge(tmp_path):
    crops = study(tmp_path)
    plan = pd.read_csv(tmp_path / "plan.csv")
    # Of four faces one is at 1.1, the others at 0.6: two ranges.
    plan["rho"] = [1.1 if int(item[-3:]) % 4 == 0 else 0.6 for item in plan["source_id"]]
    plan.to_csv(tmp_path / "plan.csv", index=False)
    selection, _, wanted = match(tmp_path, crops, balance=["rho"])
    for label, rows in selection.groupby("label"):
        strong = min(10, wanted["train", label] // 2)
        assert (rows["rho"] > 1).sum() in (strong, -(-wanted["train", label] // 2)), label


def test_a_random_choice_is_seeded_and_does_not_look_at_the_quality(tmp_path):
    crops = study(tmp_path, planned=60)
    quality = pd.concat(map(pd.read_csv, crops))["probability"].mean()
    best, *_ = match(tmp_path, crops)
    means = []
    chosen = []
    for seed in (1, 1, 2, 3, 4, 5):
        selection, _, wanted = match(tmp_path, crops, prefer="random", seed=seed)
        assert selection.groupby(["split", "label"]).size().to_dict() == {cell: n for cell, n in wanted.items() if n}
        means.append(selection["probability"].mean())
        chosen.append(selection["source_id"].tolist())
    assert chosen[0] == chosen[1]
    assert chosen[1] != chosen[2]
    # The standard error of the mean of 88 faces is .003; the best ones are far above.
    assert abs(np.mean(means[1:]) - quality) < 0.006
    assert best["probability"].mean() > quality + 0.02
