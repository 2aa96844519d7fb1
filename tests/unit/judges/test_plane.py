"""Where edits lie between lazy and overfit, by numbers chosen for it."""

import numpy as np
import pandas as pd
import pytest

from synface.judges.measures import JUDGED
from synface.judges.plane import kind_of, measure_plane
from synface.report.plane import draw_plane


def row(judge, dataset, measure, value, low, high, label="all", rho="all"):
    return (judge, dataset, measure, label, rho, 50, value, low, high, np.nan, np.nan)


def planes(folder, rows):
    pd.DataFrame(rows, columns=JUDGED).to_csv(folder / "judged.csv", index=False)
    measure_plane(judged=folder / "judged.csv", plane=folder / "plane.csv")
    return pd.read_csv(folder / "plane.csv", keep_default_na=False)


def test_the_person_kept_is_told_between_strangers_and_an_untouched_face(tmp_path):
    found = planes(
        tmp_path,
        [
            row("known", "A", "lift", 0.3, 0.2, 0.4),
            row("known", "A", "lift", 0.9, 0.8, 1.0, label="fear"),
            row("known", "A", "lift", 0.7, 0.6, 0.8, rho="0.50 to 0.75"),
            row("known", "A", "own", 0.9, 0.88, 0.92),
            row("known", "A", "others", 0.8, 0.79, 0.81),
            row("blind", "A", "lift", 0.1, -0.1, 0.2),
            row("blind", "B", "lift", 0.1, -0.1, 0.2),
            row("known", "Real", "agreement", 0.7, 0.6, 0.8),
        ],
    ).set_index(["judge", "dataset"])
    assert list(found.index) == [("known", "A"), ("blind", "A")]  # of B nobody tells who it is
    # (0.9 - 0.8) / (1 - 0.8), and so for the ends.
    assert found.loc[("known", "A"), ["kept", "kept_low", "kept_high"]].tolist() == [0.5, 0.4, 0.6]
    assert found.loc[("known", "A"), ["n", "lift", "lift_low", "lift_high"]].tolist() == [50, 0.3, 0.2, 0.4]
    assert found.loc[("blind", "A"), ["people", "kept", "kind"]].tolist() == ["known", 0.5, ""]


@pytest.mark.parametrize(
    ("lift", "kept", "kind"),
    [
        ((0.01, 0.8), (0.5, 0.9), "true"),
        ((-0.1, 0.1), (0.9, 1.0), "lazy"),
        ((-0.3, -0.1), (0.9, 1.0), "lazy"),
        ((0.2, 0.3), (0.1, 0.49), "overfit"),
        ((-0.2, 0.3), (0.1, 0.49), "neither"),
        ((0.2, 0.3), (0.4, 0.6), ""),
    ],
)
def test_what_the_intervals_show_of_an_edit(lift, kept, kind):
    assert kind_of((np.mean(lift), *lift), (np.mean(kept), *kept)) == kind


def test_a_study_whose_judges_know_nobody_has_an_empty_plane(tmp_path):
    assert planes(tmp_path, [row("blind", "A", "lift", 0.1, -0.1, 0.2)]).empty
    assert planes(tmp_path, []).empty


def test_the_figure_names_every_edit_once_for_each_judge(tmp_path):
    rows = []
    for dataset, own in (("A", 0.9), ("B", 0.3), ("C", 0.3)):
        rows += [row(judge, dataset, "lift", 0.3, 0.2, 0.4) for judge in ("one", "two")]
        rows += [row("one", dataset, "own", own, own - 0.02, own + 0.02), row("one", dataset, "others", 0.2, 0.2, 0.2)]
    planes(tmp_path, rows)
    draw_plane(plane=tmp_path / "plane.csv", figures=[tmp_path / "plane.svg", tmp_path / "plane.png"])
    text = (tmp_path / "plane.svg").read_text()
    for name in ("A, one", "A, two", "B = C, one", "B = C, two", "lazy", "overfit"):
        assert text.count(f">{name}<") == 1, name
    assert (tmp_path / "plane.png").stat().st_size > 5000
