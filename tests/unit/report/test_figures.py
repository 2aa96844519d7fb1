import io

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from PIL import Image

from synface.core.emotions import LABELS
from synface.core.errors import InputError
from synface.core.tables import read_table, write_table
from synface.report.accuracy import draw_accuracy, draw_differences, plot_differences
from synface.report.confusion import draw_confusion
from synface.report.curves import draw_training, plot_histories
from synface.report.distributions import draw_distributions, plot_distributions
from synface.report.style import CLASS_COLORS, house_style, save_figure, series_colors


def write_confusions(path, counts, test_sets=("a", "b")) -> str:
    parts = [pd.DataFrame(counts, columns=list(LABELS)).assign(label=LABELS, test_set=name) for name in test_sets]
    write_table(pd.concat(parts)[["test_set", "label", *LABELS]], path)
    return str(path)


def write_comparisons(path) -> pd.DataFrame:
    rows = [
        ("synthetic", "real", -0.1, "worse"),
        ("both", "real", 0.03, "better"),
        ("both", "synthetic", 0.13, "exploratory"),
    ]
    table = pd.DataFrame(rows, columns=["train_set", "baseline", "difference", "verdict"])
    table["primary"] = table["verdict"] != "exploratory"
    place = {"experiment": "demo", "model": "poster", "baseline_model": "poster", "test_set": "other", "margin": 0.02}
    table = table.assign(**place, ci_low=table["difference"] - 0.01, ci_high=table["difference"] + 0.02)
    write_table(table, path)
    return table


def test_classes_and_data_sets_never_share_a_color():
    assert list(CLASS_COLORS) == list(LABELS)
    assert len(set(CLASS_COLORS.values())) == 7
    series = set(series_colors(["a", "b", "c", "d", "e"]).values())
    assert len(series) == 5
    assert not {color.lower() for color in series} & {color.lower() for color in CLASS_COLORS.values()}


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_equal_figures_give_equal_bytes_whatever_the_users_style(tmp_path, suffix):
    import matplotlib

    paths = [tmp_path / f"{name}.{suffix}" for name in "ab"]
    for path, size in zip(paths, (9, 30), strict=True):
        with matplotlib.rc_context({"font.size": size}), house_style():
            figure = matplotlib.figure.Figure(figsize=(2, 2))
            figure.add_subplot().plot([0, 1])
            save_figure(figure, [path])
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert b"<dc:date>" not in paths[0].read_bytes()


def test_confusion_sums_the_seeds(tmp_path):
    counts = np.arange(49).reshape(7, 7)
    # The second seed has no predictions of b.
    paths = [
        write_confusions(tmp_path / "1.csv", counts),
        write_confusions(tmp_path / "2.csv", 2 * counts, test_sets=["a"]),
    ]
    draw_confusion(
        confusions=paths, title="t", figures=[tmp_path / "c.svg", tmp_path / "c.png"], table=tmp_path / "s.csv"
    )
    table = read_table(tmp_path / "s.csv")
    assert table["seeds"].tolist() == [2] * 7 + [1] * 7
    np.testing.assert_array_equal(table.loc[table["test_set"] == "a", list(LABELS)], 3 * counts)
    np.testing.assert_array_equal(table.loc[table["test_set"] == "b", list(LABELS)], counts)
    assert Image.open(tmp_path / "c.png").width < 1200
    assert (tmp_path / "c.svg").read_text().startswith("<?xml")


def test_confusion_in_another_order_is_refused(tmp_path):
    path = tmp_path / "c.csv"
    write_confusions(path, np.eye(7, dtype=int), ["a"])
    write_table(read_table(path).iloc[::-1], path)
    with pytest.raises(InputError, match="for a one row per label in the order surprise"):
        draw_confusion(confusions=[path], title="t", figures=[], table=tmp_path / "s.csv")


def test_differences_show_the_baseline_contrasts_only(tmp_path):
    table = write_comparisons(tmp_path / "comparisons.csv")
    figure = plot_differences(table[table["baseline"] == "real"])
    (axes,) = figure.axes
    points = [line for line in axes.lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in points] == pytest.approx([-10, 3])
    assert to_hex(points[0].get_color()) == "#cc3311"
    intervals = [
        list(line.get_xdata()) for line in axes.lines if len(line.get_xdata()) == 2 and line.get_linewidth() > 2
    ]
    np.testing.assert_allclose(intervals, [[-11, -8], [2, 5]])
    draw_differences(comparisons=tmp_path / "comparisons.csv", figures=[tmp_path / "d.png"])
    assert Image.open(tmp_path / "d.png").width < 1200


def test_differences_show_another_model_only_where_it_was_asked(tmp_path):
    table = write_comparisons(tmp_path / "comparisons.csv")
    other = table.iloc[[1]].assign(train_set="wide set", model="wide", primary=False, verdict="exploratory")
    own = table.iloc[[1]].assign(train_set="real twice", primary=False, verdict="exploratory")
    for asked, shown in ((False, False), (True, True)):
        write_table(pd.concat([table, own, other.assign(primary=asked)]), tmp_path / "comparisons.csv")
        draw_differences(comparisons=tmp_path / "comparisons.csv", figures=[tmp_path / "d.svg"])
        drawn = (tmp_path / "d.svg").read_text()
        assert ("wide set (wide)" in drawn) == shown
        assert "real twice" in drawn


def test_distributions_have_one_scale(tmp_path):
    cells = [("train", label, 10 * (number + 1)) for number, label in enumerate(LABELS)]
    rows = pd.DataFrame(cells, columns=["split", "label", "count"])
    rows = pd.concat([rows.assign(dataset="large"), rows.assign(dataset="small", count=1)]).assign(planned=np.nan)
    figure = plot_distributions(rows)
    limits = {axes.get_xlim() for axes in figure.axes if axes.axison}
    assert len(limits) == 1
    assert limits.pop()[1] > 70
    assert any("25.0 %" in text.get_text() for text in figure.axes[0].texts)  # 70 of 280


def test_one_training_set_leaves_nothing_to_compare(tmp_path):
    table = write_comparisons(tmp_path / "comparisons.csv").iloc[:0]
    write_table(table, tmp_path / "comparisons.csv")
    draw_differences(comparisons=tmp_path / "comparisons.csv", figures=[tmp_path / "d.svg"])
    assert (tmp_path / "d.svg").stat().st_size > 0


def test_accuracy_of_one_seed_has_no_spread(tmp_path):
    row = {"experiment": "demo", "model": "poster", "train_set": "real", "test_set": "other", "seeds": 1, "n": 10}
    row |= {"accuracy": 0.5, "accuracy_sd": np.nan, "ci_low": 0.3, "ci_high": 0.7, "ci_covers": "images"}
    write_table(pd.DataFrame([row]), tmp_path / "summary.csv")
    draw_accuracy(summary=tmp_path / "summary.csv", model="poster", figures=[tmp_path / "a.png"])
    assert Image.open(io.BytesIO((tmp_path / "a.png").read_bytes())).width < 1200


def test_training_curves_average_the_seeds():
    histories = pd.concat(
        pd.DataFrame({"epoch": [1, 2], "loss": [4.0 + seed, 2.0 + seed], "lr": 1.0, "name": "real", "run": seed})
        for seed in (0, 2)
    )
    (axes,) = plot_histories(histories, step="epoch", title="t").axes
    bold = max(axes.lines, key=lambda line: line.get_linewidth())
    np.testing.assert_allclose(bold.get_ydata(), [5, 3])
    assert axes.get_ylabel() == "loss"


def test_history_without_steps_is_refused(tmp_path):
    write_table(pd.DataFrame({"loss": [1.0]}), tmp_path / "history.csv")
    with pytest.raises(InputError, match="no column epoch or iteration"):
        draw_training(runs=[{"name": "a", "history": tmp_path / "history.csv"}], title="t", figures=[])


def test_distributions_keep_counts_and_planned_portraits(tmp_path):
    cells = [(split, label, 3) for split in ("train", "test") for label in LABELS]
    write_table(pd.DataFrame(cells, columns=["split", "label", "count"]), tmp_path / "counts.csv")
    plan = {"source_id": ["1", "2", "3"], "split": ["train", "train", "test"], "label": ["fear", "fear", "fear"]}
    write_table(pd.DataFrame(plan), tmp_path / "plan.csv")
    draw_distributions(
        counts={"real": tmp_path / "counts.csv", "synthetic": tmp_path / "counts.csv"},
        plans={"synthetic": tmp_path / "plan.csv"},
        figures=[tmp_path / "d.svg", tmp_path / "d.png"],
        table=tmp_path / "d.csv",
    )
    table = read_table(tmp_path / "d.csv").set_index(["dataset", "split", "label"])
    assert len(table) == 28
    assert table.loc[("synthetic", "train", "fear"), "planned"] == 2
    assert table.loc[("synthetic", "test", "anger"), "planned"] == 0
    assert table["planned"].isna().sum() == 14
    assert Image.open(tmp_path / "d.png").width < 1200
