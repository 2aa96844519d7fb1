from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from prediction_tables import make_predictions
from scipy.stats import binomtest, norm

from synface.core.errors import InputError
from synface.core.tables import read_table, write_table
from synface.evaluate.compare import compare
from synface.evaluate.contrasts import conclude

SETTINGS = {"metric": "accuracy", "alpha": 0.05, "margin": 0.02, "seed_sd": None}
N = 700
TRUTH = np.arange(N) % 7


def predict(right: np.ndarray) -> pd.DataFrame:
    return make_predictions(TRUTH, np.where(right, TRUTH, (TRUTH + 1) % 7))


def write_evaluation(folder, train_set, seed, right, order=None):
    table = predict(right)
    write_table(table if order is None else table.iloc[order], folder / f"{train_set}-{seed}.csv")
    keys = {"train_set": train_set, "dataset": train_set, "seed": seed, "test_set": "other"}
    return {"experiment": "demo", "model": "poster", **keys}


def contrast(train_set, baseline, **changes):
    keys = {"experiment": "demo", "train_set": train_set, "baseline": baseline, "model": "poster"}
    return {**keys, "baseline_model": "poster", "primary_on": ["other"], "differ_in": "generator, rho"} | changes


def run_compare(folder, evaluations, settings=SETTINGS, primary=None, lineage=None, contrasts=None):
    """Run `compare`; ``primary`` are the (train set, baseline) that were asked about, by default all pairs."""
    names = ("accuracy", "summary", "per_class", "metrics", "comparisons", "metric_comparisons")
    trainings = {(each["model"], each["dataset"], each["seed"]) for each in evaluations}
    predictions = {each: folder / f"{each[1]}-{each[2]}.csv" for each in trainings}
    tables = {name: folder / f"{name}.csv" for name in names}
    if contrasts is None:
        trained = {}
        for each in evaluations:
            trained.setdefault(each["experiment"], {})[each["train_set"]] = None
        contrasts = [
            contrast(*pair, experiment=name, primary_on=["other"] if primary is None or pair in primary else [])
            for name, train_sets in trained.items()
            for pair in [(second, first) for first, second in combinations(train_sets, 2)]
        ]
    everything = {each[key] for each in evaluations for key in ("train_set", "test_set")}
    lineage = {name: {"images": [name], "labels": {}} for name in everything} | (lineage or {})
    compare(
        evaluations=evaluations,
        predictions=predictions,
        contrasts=contrasts,
        lineage=lineage,
        settings=settings,
        **tables,
    )
    return {name: read_table(folder / f"{name}.csv") for name in names}


def first(count: int) -> np.ndarray:
    """Right on the first ``count`` images."""
    return np.arange(N) < count


def test_accuracy_table_has_its_public_columns(tmp_path):
    tables = run_compare(tmp_path, [write_evaluation(tmp_path, "real", 1, first(350))])
    columns = "model,train_set,dataset,test_set,seed,n,accuracy,macro_f1,ci_low,ci_high"
    assert ",".join(tables["accuracy"].columns) == columns
    assert tables["accuracy"].iloc[0][["n", "accuracy"]].tolist() == [700, 0.5]
    assert len(tables["per_class"]) == 7
    assert tables["comparisons"].empty
    assert "verdict" in tables["comparisons"].columns


def test_one_seed_speaks_of_the_trained_models(tmp_path):
    # Synthetic is right where real is, and on 40 images more, but wrong on 10 of real's.
    real = first(350)
    synthetic = first(390) & (np.arange(N) >= 10)
    evaluations = [write_evaluation(tmp_path, "real", 1, real), write_evaluation(tmp_path, "synthetic", 1, synthetic)]
    row = run_compare(tmp_path, evaluations)["comparisons"].iloc[0]
    assert (row["train_set"], row["baseline"], row["about"]) == ("synthetic", "real", "trained models")
    assert row["difference"] == pytest.approx(30 / 700, abs=1e-6)
    assert row["discordant"] == pytest.approx(50 / 700, abs=1e-6)
    assert row["mcnemar_p_by_seed"] == f"seed 1: {binomtest(10, 50).pvalue:.4g}"
    assert row["ci_covers"] == "images"
    assert row["verdict"] == "better"
    error = np.sqrt(50 / 700**2 - 30**2 / 700**3)
    assert row["p"] == pytest.approx(2 * norm.sf(30 / 700 / error), rel=0.3)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx(
        (30 / 700 - 1.96 * error, 30 / 700 + 1.96 * error), abs=0.0005
    )


def test_a_stated_spread_of_seeds_makes_one_seed_speak_of_training_sets(tmp_path):
    evaluations = [
        write_evaluation(tmp_path, name, 1, first(count)) for name, count in (("real", 350), ("synthetic", 380))
    ]
    tables = run_compare(tmp_path, evaluations, {**SETTINGS, "seed_sd": 0.03})
    assert set(tables["metric_comparisons"]["about"]) == {"trained models"}  # it is stated of accuracy alone
    row = tables["comparisons"].iloc[0]
    assert (row["about"], row["ci_covers"]) == ("training sets", "images and a stated spread of seeds")
    assert row["verdict"] == "not distinguishable"
    assert row["ci_high"] - row["ci_low"] > 2 * 1.96 * 0.03 * np.sqrt(2)


def test_a_published_model_changes_no_verdict_and_has_the_interval_of_its_images(tmp_path):
    evaluations = [
        write_evaluation(tmp_path, name, seed, first(count + 7 * seed))
        for name, count in (("real", 350), ("synthetic", 420))
        for seed in (1, 2, 3)
    ]
    published = write_evaluation(tmp_path, "elsewhere", 0, first(140)) | {"model": "published"}
    asked = [contrast("synthetic", "real")]
    for settings in (SETTINGS, {**SETTINGS, "seed_sd": 0.03}):
        alone = run_compare(tmp_path, evaluations, settings, contrasts=asked)
        both = run_compare(tmp_path, [*evaluations, published], settings, contrasts=asked)
        pd.testing.assert_frame_equal(both["comparisons"], alone["comparisons"])
        row = both["summary"].iloc[-1]
        assert (row["model"], row["train_set"], row["seeds"], row["ci_covers"]) == (
            "published",
            "elsewhere",
            1,
            "images",
        )
        # Wilson's closed form for 140 of 700, by hand.
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((0.1720, 0.2312), abs=2e-4)


def test_the_lineage_of_images_and_labels_stands_beside_a_contrast(tmp_path):
    evaluations = [write_evaluation(tmp_path, name, 1, first(count)) for name, count in (("real", 300), ("s", 310))]
    learned = {"s": {"images": [], "labels": {"Collection": "ganmut, the generator behind s,"}}}
    for images, labels, independent, shared in (
        (["Collection"], {}, True, "ganmut, the generator behind s, learned from Collection"),
        (["Other"], {}, True, ""),
        (["real"], {}, False, ""),
        ([], {"Collection": "ganmut, the generator behind s,"}, False, ""),  # a synthetic test set has no collection
        (
            ["Collection"],
            {"Other": "ganmut, the generator behind s,"},
            False,
            "",
        ),  # nor has one that is partly synthetic
    ):
        lineage = {**learned, "other": {"images": images, "labels": labels}}
        row = run_compare(tmp_path, evaluations, lineage=lineage)["comparisons"].astype(object).fillna("").iloc[0]
        assert (row["independent"], row["shared_labels"]) == (independent, shared)
        assert row["differ_in"] == "generator, rho"


def test_equal_predictions_are_equivalent(tmp_path):
    evaluations = [write_evaluation(tmp_path, name, 1, first(400)) for name in ("real", "synthetic")]
    row = run_compare(tmp_path, evaluations)["comparisons"].iloc[0]
    assert (row["difference"], row["p"]) == (0, 1)
    assert row["verdict"] == "equivalent within 2 points"


def test_seeds_that_scatter_widely_hide_a_difference(tmp_path):
    counts = {"real": (300, 400, 350), "synthetic": (330, 430, 380)}
    evaluations = [
        write_evaluation(tmp_path, name, seed, first(count))
        for name, values in counts.items()
        for seed, count in enumerate(values, start=1)
    ]
    tables = run_compare(tmp_path, evaluations)
    row = tables["comparisons"].iloc[0]
    assert row["about"] == "training sets"
    assert row["ci_covers"] == "images and seeds"
    assert row["verdict"] == "not distinguishable"
    # Within each seed, 30 images are right with synthetic only: 2 / 2^30.
    assert row["mcnemar_p_by_seed"].startswith("seed 1: 1.863e-09; seed 2: 1.863e-09")
    summary = tables["summary"].set_index("train_set").loc["real"]
    assert summary["accuracy"] == pytest.approx(350 / 700)
    assert summary["accuracy_sd"] == pytest.approx(50 / 700, abs=1e-6)
    assert summary["seeds"] == 3
    # Of the seeds alone, with Student's two degrees of freedom, 4.303 * 50 / 700 / sqrt(3) on each side; images add.
    half = (summary["ci_high"] - summary["ci_low"]) / 2
    assert half == pytest.approx(4.303 * 50 / 700 / np.sqrt(3), rel=0.05)


def test_every_metric_has_its_interval_and_its_contrasts(tmp_path):
    evaluations = [
        write_evaluation(tmp_path, name, seed, first(count + 7 * seed))
        for name, count in (("real", 300), ("s", 350))
        for seed in (1, 2)
    ]
    tables = run_compare(tmp_path, evaluations, {**SETTINGS, "metric": "macro_f1"})
    metrics = tables["metrics"].set_index(["metric", "train_set"])
    assert set(metrics.index.get_level_values(0)) >= {"accuracy", "balanced_accuracy", "macro_f1", "ece", "brier"}
    assert ((metrics["ci_low"] < metrics["value"]) & (metrics["value"] < metrics["ci_high"])).all()
    summary = tables["summary"].set_index("train_set")
    for column in ("macro_f1", "balanced_accuracy", "log_loss"):
        np.testing.assert_allclose(
            metrics.loc[column]["value"], summary.loc[metrics.loc[column].index, column], atol=2e-6
        )
    row = tables["comparisons"].iloc[0]
    assert row["metric"] == "macro_f1"
    assert row["difference"] == pytest.approx(summary.loc["s", "macro_f1"] - summary.loc["real", "macro_f1"], abs=2e-6)
    others = tables["metric_comparisons"]
    assert "macro_f1" not in set(others["metric"])
    assert len(others) == metrics.index.get_level_values(0).nunique() - 1
    assert others.set_index("metric").loc["log_loss", ["margin", "equivalence_p"]].isna().all()


def test_every_pair_is_contrasted_and_corrected_together(tmp_path):
    counts = {"a": 300, "b": 320, "c": 420}
    evaluations = [write_evaluation(tmp_path, name, 1, first(count)) for name, count in counts.items()]
    table = run_compare(tmp_path, evaluations)["comparisons"]
    assert list(zip(table["train_set"], table["baseline"], strict=True)) == [("b", "a"), ("c", "a"), ("c", "b")]
    # Six tests, three of difference and three of equivalence: the smallest p times 6, the next times 5, and so on.
    p = np.concatenate([table["p"], table["equivalence_p"]])
    corrected = np.concatenate([table["p_holm"], table["equivalence_p_holm"]])
    order = np.argsort(p)
    expected = np.empty(6)
    expected[order] = np.minimum(np.maximum.accumulate(p[order] * [6, 5, 4, 3, 2, 1]), 1)
    np.testing.assert_allclose(corrected, expected)


def test_what_was_not_asked_has_no_verdict_and_costs_the_others_nothing(tmp_path):
    counts = {"a": 300, "b": 320, "c": 420}
    evaluations = [write_evaluation(tmp_path, name, 1, first(count)) for name, count in counts.items()]
    table = run_compare(tmp_path, evaluations, primary=[("c", "a")])["comparisons"]
    asked, rest = table[table["train_set"].eq("c") & table["baseline"].eq("a")], table[~table["primary"]]
    assert asked["verdict"].tolist() == ["better"]
    assert asked["p_holm"].iloc[0] == pytest.approx(min(1, 2 * asked["p"].iloc[0]))
    assert rest["verdict"].tolist() == ["exploratory"] * 2
    assert rest["p_holm"].isna().all()


def test_cells_of_two_models_are_compared(tmp_path):
    # The second model is right where the first is, and on 20 images more with each seed.
    evaluations = [write_evaluation(tmp_path, "real", seed, first(300 + 10 * seed)) for seed in (1, 2)]
    for seed in (1, 2):
        wider = write_evaluation(tmp_path, "both", seed, first(320 + 10 * seed))
        evaluations.append({**wider, "model": "wide"})
    asked = [contrast("both", "real", model="wide"), contrast("real", "both", baseline_model="wide", primary_on=[])]
    table = run_compare(tmp_path, evaluations, contrasts=asked)["comparisons"]
    assert table["difference"].tolist() == pytest.approx([20 / 700, -20 / 700], abs=1e-6)
    assert table.loc[0, ["model", "train_set", "baseline_model", "baseline"]].tolist() == [
        "wide",
        "both",
        "poster",
        "real",
    ]
    assert table.loc[0, "mcnemar_p_by_seed"] == "seed 1: 1.907e-06; seed 2: 1.907e-06"  # 2 / 2^20
    assert table["primary"].tolist() == [True, False]


def test_the_spread_of_one_model_says_nothing_of_anothers(tmp_path):
    # Of the first model both sets scatter widely, of the second not at all.
    counts = {
        ("poster", "a"): (300, 360),
        ("poster", "b"): (300, 360),
        ("wide", "c"): (330, 330),
        ("wide", "d"): (335, 335),
    }
    evaluations = []
    for (model, train_set), values in counts.items():
        for seed, count in enumerate(values, start=1):
            evaluations.append({**write_evaluation(tmp_path, train_set, seed, first(count)), "model": model})
    asked = [contrast("b", "a"), contrast("d", "c", model="wide", baseline_model="wide")]
    table = run_compare(tmp_path, evaluations, contrasts=asked)["comparisons"]
    assert table["ci_high"][0] - table["ci_low"][0] > 0.2
    assert table["ci_high"][1] - table["ci_low"][1] < 0.02


def test_draws_of_a_training_set_are_the_readers(tmp_path):
    counts = {"a~1": (300, 320), "a~2": (340, 360), "a~3": (380, 400)}
    evaluations = [
        {**write_evaluation(tmp_path, draw, seed, first(count)), "train_set": "a"}
        for draw, values in counts.items()
        for seed, count in enumerate(values, start=1)
    ]
    evaluations += [write_evaluation(tmp_path, "real", seed, first(count)) for seed, count in ((1, 345), (2, 355))]
    tables = run_compare(tmp_path, evaluations, contrasts=[contrast("a", "real")])
    assert tables["accuracy"]["dataset"].tolist() == ["a~1", "a~1", "a~2", "a~2", "a~3", "a~3", "real", "real"]
    summary = tables["summary"].set_index("train_set").loc["a"]
    # Three draws, whose means over seeds are 310, 350 and 390 of 700.
    assert summary[["draws", "seeds"]].tolist() == [3, 2]
    assert summary["accuracy"] == pytest.approx(0.5)
    assert summary["accuracy_sd"] == pytest.approx(40 / 700, abs=1e-6)
    row = tables["comparisons"].iloc[0]
    assert row["ci_covers"] == "images, seeds and draws of the training set"
    assert row["verdict"] == "not distinguishable"
    assert row["ci_high"] > 4.303 * 40 / 700 / np.sqrt(3) * 0.9
    # The one draw of the other is paired with each of the three.
    assert [each.split(":")[0] for each in row["mcnemar_p_by_seed"].split("; ")] == [
        f"draw {draw}, seed {seed}" for draw in (1, 2, 3) for seed in (1, 2)
    ]


def test_order_of_rows_and_of_evaluations_changes_no_number(tmp_path):
    rng = np.random.default_rng(3)
    right = {(name, seed): rng.random(N) < 0.6 for name in ("a", "b") for seed in (1, 2)}
    (tmp_path / "x").mkdir()
    (tmp_path / "y").mkdir()
    one = run_compare(tmp_path / "x", [write_evaluation(tmp_path / "x", *key, right[key]) for key in right])
    shuffled = [write_evaluation(tmp_path / "y", *key, right[key], rng.permutation(N)) for key in right]
    other = run_compare(tmp_path / "y", shuffled)
    for name in one:
        pd.testing.assert_frame_equal(one[name], other[name])


def test_different_test_images_are_refused(tmp_path):
    real = write_evaluation(tmp_path, "real", 1, first(300))
    synthetic = write_evaluation(tmp_path, "synthetic", 1, first(300), order=range(N - 1))
    with pytest.raises(InputError, match="1 images are in only one of the two"):
        run_compare(tmp_path, [real, synthetic])


def test_a_test_set_that_was_not_predicted_is_named(tmp_path):
    real = write_evaluation(tmp_path, "real", 1, first(300))
    with pytest.raises(InputError, match=r"real-1\.csv: no predictions of 'elsewhere'; found other"):
        run_compare(tmp_path, [{**real, "test_set": "elsewhere"}])


def test_two_experiments_may_ask_about_one_training(tmp_path):
    real, synthetic = (write_evaluation(tmp_path, name, 1, first(count)) for name, count in (("real", 300), ("s", 310)))
    asked = [real, synthetic, {**real, "experiment": "2024"}]
    tables = run_compare(tmp_path, asked)
    assert len(tables["accuracy"]) == 2
    assert tables["summary"]["experiment"].tolist() == ["demo", "demo", "2024"]


def test_different_labels_are_refused(tmp_path):
    real = write_evaluation(tmp_path, "real", 1, first(300))
    synthetic = write_evaluation(tmp_path, "synthetic", 1, first(300))
    table = read_table(tmp_path / "synthetic-1.csv", text=["source_id"])
    table.loc[0, "label"] = "anger"
    write_table(table, tmp_path / "synthetic-1.csv")
    with pytest.raises(InputError, match="has two labels"):
        run_compare(tmp_path, [real, synthetic])


@pytest.mark.parametrize(
    ("p", "difference", "equivalence", "verdict"),
    [
        (0.001, 0.03, 0.9, "better"),
        (0.001, -0.03, 0.9, "worse"),
        (0.001, 0.005, 0.001, "better"),
        (0.4, 0.005, 0.001, "equivalent within 1 point"),
        (0.4, 0.005, 0.2, "not distinguishable"),
    ],
)
def test_verdicts(p, difference, equivalence, verdict):
    row = {
        "experiment": "demo",
        "primary": True,
        "p": p,
        "difference": difference,
        "equivalence_p": equivalence,
        "margin": 0.01,
    }
    assert conclude(pd.DataFrame([row]), alpha=0.05)["verdict"].tolist() == [verdict]
