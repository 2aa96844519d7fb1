import numpy as np
import pandas as pd
import pytest
from imaging import portrait, write_images

from drawn.truth.stages import draw_pair, drawn_box
from synface.adaptation import network
from synface.adaptation.ablation import COLORS, measure_cases, rank, summarize
from synface.adaptation.cases import cases_of_edit, planted_cases
from synface.adaptation.measuring import measure_adaptation
from synface.adaptation.sheet import draw_ways
from synface.core.errors import InputError
from synface.core.lab import to_lab
from synface.core.tables import read_table
from synface.faces.cut import cut_patch
from synface.faces.table import Face, write_faces


@pytest.fixture(scope="module")
def planted():
    cases = []
    for number in range(5):
        original, _ = draw_pair(number)
        cases += planted_cases(str(number), original.image, drawn_box(original))
    return cases


@pytest.fixture(scope="module", autouse=True)
def _hasty_network():
    """What the network finds is for test_seams.py."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "_STEPS", 10)
        yield


@pytest.fixture(scope="module")
def measured(planted):
    return measure_cases(planted, colors=("none", "lab-skin", "mkl robust"), blends=("none", "feather"))


def test_planted_edits_are_casts_of_rising_strength_whose_truth_is_the_portrait(planted):
    assert [(case.edit, case.intensity) for case in planted[:3]] == [
        ("cast", 0.5),
        ("cast", 1.0),
        ("cast and smear", 0.5),
    ]
    weak, strong, smeared = planted[:3]
    away = [np.abs(to_lab(case.patch) - to_lab(cut_patch(case.frame, case.face.box, 128, 128))) for case in planted[:2]]
    assert 1 < away[0].mean() < 0.7 * away[1].mean()
    assert strong.intensity == 2 * weak.intensity
    assert weak.wrong is None
    assert 0.01 < smeared.wrong.mean() < 0.1
    assert all((case.truth == case.frame).all() for case in planted)


def test_a_table_has_every_way_of_every_edit(measured):
    rows, seams = measured
    assert len(rows) == 5 * 3 * 6
    table = summarize(rows, seams)
    assert len(table) == 3 * 6
    assert (table["faces"] == 5).all()
    assert table["auc"].between(0, 1).all()
    of = rows.groupby(["edit", "color", "blend"])["truth"].mean()
    assert of["cast", "lab-skin", "feather"] < 0.5 * of["cast", "none", "none"]
    assert of["cast and smear", "mkl robust", "feather"] < 0.6 * of["cast and smear", "lab-skin", "feather"]


def test_ranks_follow_the_truth_and_say_how_sure_they_are():
    names = [str(number) for number in range(12)]
    scores = {"lab": 2.0, "mkl": 1.0, "none": 5.0}
    sure = [
        {"source_id": name, "edit": "e", "color": color, "blend": "alpha", "truth": score + 0.01 * number}
        for number, name in enumerate(names)
        for color, score in scores.items()
    ]
    ranked = rank(pd.DataFrame(sure))
    assert list(ranked["color"]) == ["mkl", "lab", "none"]
    assert list(ranked["rank_low"]) == list(ranked["rank_high"]) == list(ranked["rank"]) == [1, 2, 3]
    assert list(ranked["best"]) == [1, 0, 0]
    np.testing.assert_allclose(ranked[["behind_low", "behind_high"]], [[0, 0], [1, 1], [4, 4]], atol=1e-9)
    draw = np.random.default_rng(0)
    unsure = pd.DataFrame(sure).assign(truth=draw.normal(size=36), visible=0.0)
    assert (rank(unsure)["rank_high"] - rank(unsure)["rank_low"]).max() >= 1
    unknown = unsure.assign(truth=np.nan, visible=[scores[color] for color in unsure["color"]])
    assert list(rank(unknown)["by"].unique()) == ["visible"]
    assert list(rank(unknown)["color"]) == ["mkl", "lab", "none"]


def test_a_sheet_has_a_line_per_color_and_a_block_per_blending(planted):
    small, large = (
        draw_ways(planted[0], colors=colors, blends=("alpha",)) for colors in (("none",), tuple(COLORS)[:3])
    )
    assert large.image.height - small.image.height == 2 * 115
    assert large.image.width == small.image.width
    assert np.asarray(large.image)[..., 3].mean() > 100


def test_a_studys_own_edit(tmp_path):
    frames = {name: portrait(name) for name in "012345"}
    face = Face((30, 30, 130, 150), 0.99, np.array([[60.0, 75], [100, 75], [80, 95], [65, 120], [95, 120]]))
    write_faces({name: face if name != "3" else "no face found" for name in frames}, tmp_path / "faces.csv")
    edited = {name: frame[30:150, 30:130][::2, ::2] // 2 for name, frame in frames.items() if name != "3"}
    rows = [(name, f"{name}.png", "train", "fear", 0, 0.5 + 0.1 * int(name)) for name in frames]
    columns = ["source_id", "path", "split", "label", "shard", "rho"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / "plan.csv", index=False)
    given = {
        "plan": tmp_path / "plan.csv",
        "frames": write_images(tmp_path / "frames.tar", frames),
        "edited": write_images(tmp_path / "edited.tar", edited),
        "faces": tmp_path / "faces.csv",
        "edit": "varied",
    }
    assert [(case.source_id, case.intensity) for case in cases_of_edit(**given)] == [
        ("0", 0.5),
        ("1", 0.5),
        ("2", 0.75),
        ("4", 1.0),
        ("5", 1.0),
    ]
    names = ("cases", "table", "ranking")
    written = {name: tmp_path / f"{name}.csv" for name in names} | {"sheet": tmp_path / "sheet.png"}
    write_images(tmp_path / "none.tar", {})
    with pytest.raises(InputError, match="no edited face"):
        measure_adaptation(**given | {"edited": tmp_path / "none.tar"}, **written, min_face=0.2)
    assert not written["cases"].exists()
    measure_adaptation(**given, **written, min_face=0.2, colors=("none", "lab-skin"), blends=("none", "feather"))
    tables = {name: read_table(written[name], text=["source_id"]) for name in names}
    ways = 2 * 2
    assert [len(tables[name]) for name in names] == [5 * ways, 3 * ways, ways]
    assert set(tables["ranking"]["by"]) == {"visible"}
    # Half as bright: whatever transfers colors is nearer to the portrait than what transfers none.
    assert set(tables["ranking"]["color"][-2:]) == {"none"}
    assert written["sheet"].stat().st_size > 1_000
