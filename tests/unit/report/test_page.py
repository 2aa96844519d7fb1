import copy
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from judged_tables import write_judged
from PIL import Image

from synface.core.emotions import LABELS
from synface.core.tables import write_table
from synface.report.blemishes import tabulate_blemishes
from synface.report.facts import count_copies, count_rejects, describe_datasets, put_in_words
from synface.report.page import _inputs, inline_svg, lay_out_published, single_out, write_report
from synface.study.study import Study

TEMPLATE = Path(__file__).parents[3] / "workflow" / "report" / "page.html"
CONFIG = Study.of(
    {
        "sources": {"ffhq": {"images": "ffhq", "obtain": {"from": "a page", "license": "CC BY"}}},
        "generators": {"ganmut-linear": {"checkpoint": "linear.safetensors", "trained_on": ["AffectNet"]}},
        "edits": {"varied": {"source": "ffhq", "generator": "ganmut-linear", "rho": 1}},
        "datasets": {
            "real": {"natural": {"layout": "raf-db", "path": "raf"}},
            "synthetic": {"synthetic": {"edit": "varied", "like": "real"}},
            "both": {"merge": ["real", {"dataset": "synthetic", "fraction": 0.5}]},
        },
        "models": {"poster": {"pretrained": {"ir50": "ir50.pth"}}},
        "experiments": {
            "demo": {"models": ["poster"], "train_on": ["real", "both"], "test_on": ["real"], "seeds": [1, 2]}
        },
    }
).configuration
CONTRAST = {
    "experiment": "demo",
    "model": "poster",
    "test_set": "real",
    "train_set": "both",
    "baseline": "real",
    "baseline_model": "poster",
    "metric": "accuracy",
    "n": 1234,
    "draws": 1,
    "baseline_draws": 1,
    "seeds": 2,
    "baseline_seeds": 2,
    "difference": 0.0306,
    "ci_low": 0.007,
    "ci_high": 0.0544,
    "p": 0.004,
    "p_holm": 0.012,
    "primary": True,
    "about": "training sets",
    "ci_covers": "images and seeds",
    "detectable": 0.03,
    "independent": True,
    "shared_labels": "",
    "differ_in": "",
    "equivalence_p_holm": 0.8,
    "margin": 0.02,
    "verdict": "better",
}


@pytest.fixture
def counts(tmp_path):
    cells = [(split, label, 2 if split == "train" else 1) for split in ("train", "test") for label in LABELS]
    write_table(pd.DataFrame(cells, columns=["split", "label", "count"]), tmp_path / "counts.csv")
    return dict.fromkeys(("real", "synthetic", "both"), tmp_path / "counts.csv")


def write_page(tmp_path, counts, **changes) -> str:
    summary = {"experiment": "demo", "model": "poster", "train_set": "real", "test_set": "real", "n": 1234}
    summary |= {"draws": 1, "seeds": 2}
    summary |= {"accuracy": 0.8125, "accuracy_sd": np.nan, "ci_low": 0.79, "ci_high": 0.83}
    summary |= {"macro_f1": 0.7, "balanced_accuracy": 0.71}
    write_table(pd.DataFrame([summary]), tmp_path / "summary.csv")
    write_table(pd.DataFrame([CONTRAST]), tmp_path / "comparisons.csv")
    confusion = pd.DataFrame(np.diag(np.arange(7) + 90), columns=list(LABELS)).assign(label=LABELS, test_set="real")
    write_table(confusion, tmp_path / "confusion.csv")
    recall = {"experiment": "demo", "model": "poster", "train_set": "real", "test_set": "real"}
    recall |= {"metric": "recall of fear", "value": 0.25, "ci_low": 0.1, "ci_high": 0.4}
    write_table(pd.DataFrame([recall]), tmp_path / "metrics.csv")
    facts = {"training_images": 14, "metadata_sha256": "c0ffee" * 11, "device": "cpu", "packages": {"torch": "2.0"}}
    (tmp_path / "provenance.json").write_text(json.dumps(facts))
    (tmp_path / "figure.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    Image.new("RGB", (40, 30), "red").save(tmp_path / "sheet.png")
    arguments = {
        "template": TEMPLATE,
        "page": tmp_path / "index.html",
        "settings": {"title": "A question?", "note": "Drawn faces & <b>no</b> people."},
        "config": CONFIG,
        "metric": "accuracy",
        "release": "1.2.3",
        "natural": ["real"],
        "metrics": tmp_path / "metrics.csv",
        "provenance": [("poster", "real", 1, tmp_path / "provenance.json")],
        "counts": counts,
        "rejects": [],
        "audits": [],
        "geometry": {},
        "contact_sheets": {"synthetic": tmp_path / "sheet.png"},
        "gamuts": {},
        "codes": {},
        "distributions": tmp_path / "figure.svg",
        "summary": tmp_path / "summary.csv",
        "comparisons": tmp_path / "comparisons.csv",
        "differences": tmp_path / "figure.svg",
        "training": {"poster": tmp_path / "figure.svg"},
        "confusions": [("poster", name, tmp_path / "confusion.csv") for name in ("real", "both")],
        "published": {},
    }
    write_report(**(arguments | changes))
    return (tmp_path / "index.html").read_text(encoding="utf-8")


def test_page_tells_the_finding_and_its_numbers(tmp_path, counts):
    html = write_page(tmp_path, counts)
    assert (
        "Training on both instead of real gains 3.1 points (95 % interval over images and seeds +0.7 to +5.4)." in html
    )
    assert "<strong>0.812</strong>" in html
    assert "1,234 images" in html
    assert "anger taken for anger: 95 of 95" in html
    assert "Experiment demo: poster trained on real, both, 2 times each (seeds 1, 2), and tested on real." in html
    assert "macro-F1 0.700" in html
    assert "<strong>0.25</strong><small>0.10 to 0.40</small>" in html  # recall of fear
    assert "c0ffeec0ffeec0ff" in html
    assert "<td>sources.ffhq</td>" in html
    assert "synface 1.2.3;" in html


def test_an_unfinished_generator_is_told_on_top_and_a_clean_one_only_in_its_table(tmp_path, counts):
    assert "Smears and speckles" not in write_page(tmp_path, counts)
    columns = ["source_id", "label", "smear", "speckle", "change"]
    for smear, told in ((1.0, 0), (60.0, 2)):  # on top, and above the table
        faces = [(str(number), "fear", smear, 0.1, 0.62 if number < 5 else None) for number in range(30)]
        write_table(pd.DataFrame(faces, columns=columns), tmp_path / "faces.csv")
        files = {"varied": tmp_path / "faces.csv"}
        table = tmp_path / "blemishes.csv"
        tabulate_blemishes(blemishes=files, generators={"varied": "ganmut-linear"}, table=table)
        html = write_page(tmp_path, counts, blemishes=table)
        assert html.count("The generator ganmut-linear is unfinished") == told
        assert ("By this measure no generator is unfinished." in html) is (told == 0)
        assert "varied changes 5 faces by 0.6" in html
        assert f'<td class="number">{smear:.1f}</td><td class="number">7.1</td>' in html
    assert html.index("The generator ganmut-linear") < html.index('<h2 id="findings">')


def test_what_judges_say_is_a_chapter_and_without_judges_there_is_none(tmp_path, counts):
    assert "Is it the expression?" not in write_page(tmp_path, counts)
    html = write_page(tmp_path, counts, judged=write_judged(tmp_path, "synthetic", "real"))
    chapter = html[html.index('<h2 id="judged">') : html.index('<h2 id="confusion">')]
    assert "<h3>synthetic, read by j</h3>" in chapter
    assert "j reads 50 % of the 200 edited faces of synthetic as intended" in chapter
    assert "+60.0<small>+50.0 to +70.0</small>" in chapter
    assert "<strong>0.500</strong><small>0.200 to 0.800</small>" in chapter  # accuracy of the young
    assert "Lazy and overfit edits" not in chapter
    (tmp_path / "plane.svg").write_text('<svg viewBox="0 0 9 9"><title>the plane</title></svg>')
    tables = write_judged(tmp_path, "synthetic", "real")
    html = write_page(tmp_path, counts, judged=tables, plane_figure=tmp_path / "plane.svg")
    assert "<li>synthetic, by j: the expression is shown to appear, and the person is kept.</li>" in html
    assert "0.75<small>0.70 to 0.80</small>" in html
    people = {"file_name": ["a"], "label": "fear", "through": "portrait", "test_set": "real", "like": "b"}
    write_table(pd.DataFrame({**people, "like_label": "fear", "distance": 0.3}), tmp_path / "people.csv")
    html = write_page(tmp_path, counts, people=[("both", tmp_path / "people.csv")])
    assert '<td>both</td><td>real</td><td class="number">0</td><td class="number">1</td>' in html


def test_figures_and_tables_are_numbered_in_their_order(tmp_path, counts):
    html = write_page(tmp_path, counts)
    for kind in ("Figure", "Table"):
        numbers = [int(number) for number in re.findall(rf"<strong>{kind} (\d+)\.", html)]
        assert len(numbers) >= 4
        assert numbers == list(range(1, len(numbers) + 1))


def test_the_study_is_cited_and_its_limits_are_said(tmp_path, counts):
    html = write_page(tmp_path, counts)
    assert "Ö. Yıldırım: Synthetic Data Generation for Facial Expression Recognition." in html
    assert "Sharpness-Aware Minimization" in html  # its optimizer
    assert "AffectNet: A Database" not in html  # which it does not use
    limits = html[html.index('id="limitations"') : html.index('id="sources"')]
    assert "Each of both is one draw of its recipe (demo)" in limits
    assert "Models train by epochs, so on both they see more images" in limits
    assert "No test set is independent" not in limits


def test_an_inline_figure_has_the_colors_of_the_page_and_ids_of_its_own():
    text = (
        """<?xml version="1.0"?><svg><metadata><rdf/></metadata><path id="a" style="fill: #1f2933; stroke: #0077BB"/>"""
    )
    html = inline_svg(text + """<use xlink:href="#a" clip-path="url(#b)"/></svg>""", "A figure", prefix="f")
    assert html.startswith('<svg role="img" aria-label="A figure">')
    assert 'id="f-A-figure-a" style="fill: var(--ink); stroke: #0077BB"' in html
    assert 'href="#f-A-figure-a" clip-path="url(#f-A-figure-b)"' in html
    assert "metadata" not in html


def test_the_three_models_that_the_answers_are_about_are_singled_out():
    place = {"experiment": "e", "model": "m", "test_set": "Web", "baseline": "Real"}
    answers = [{"cells": [{**place, "train_set": "Varied"}]}, {"cells": [{**place, "train_set": "Both"}]}]
    (trio,) = single_out(answers)
    assert trio["train_sets"] == ["Real", "Varied", "Both"]
    assert trio["test_set"] == "Web"


def test_a_published_cell_that_we_have_not_is_shown_as_missing(tmp_path, counts):
    rows = [
        {"model": "poster", "train_set": "RAF-DB", "test_set": "SynFace15V", "published": 0.5, "ours": 0.52}
        | {"ours_ci_low": 0.49, "ours_ci_high": 0.55, "inside": True},
        {"model": np.nan, "train_set": "SynFace15F", "test_set": "SynFace15V", "published": 0.6, "ours": np.nan},
    ]
    write_table(pd.DataFrame(rows), tmp_path / "table.csv")
    laid = lay_out_published(pd.DataFrame(rows))
    assert laid["trains"] == ["RAF-DB", "SynFace15F"]
    html = write_page(tmp_path, counts, published={"Table 5.1": tmp_path / "table.csv"})
    part = html[html.index('id="published"') : html.index('id="datasets"')]
    assert re.search(r"0\.5000<br><strong>0\.5200</strong>.*0\.490 to 0\.550</span><br>inside", part)
    assert re.search(r"0\.6000<br><span class=\"soft\">not in this study", part)


def test_the_first_screen_answers_the_questions_that_the_study_asks(tmp_path, counts):
    html = write_page(tmp_path, counts)
    first = html[: html.index('id="findings"')]
    assert "Does adding synthetic faces to the real training set help?" in first
    assert "shown: it gains" in first
    assert "Can synthetic faces replace" not in first[first.index('id="answers"') :]  # no set is synthetic alone
    assert "never says" not in first


def test_page_is_self_contained_and_equal_twice(tmp_path, counts):
    html = write_page(tmp_path, counts)
    sources = re.findall(r'(?:src|href)="([^"]*)"', html)
    assert sources
    assert all(source.startswith(("data:image/", "#")) for source in sources)
    assert html == write_page(tmp_path, counts)


def test_anchors_lead_somewhere(tmp_path, counts):
    html = write_page(tmp_path, counts)
    assert set(re.findall(r'href="#(\w+)"', html)) <= set(re.findall(r'id="(\w+)"', html))


def test_text_from_the_config_is_escaped(tmp_path, counts):
    html = write_page(tmp_path, counts)
    assert "Drawn faces &amp; &lt;b&gt;no&lt;/b&gt; people." in html


def test_datasets_say_what_they_are_made_of(counts):
    rows = {row["name"]: row for row in describe_datasets(CONFIG, counts)}
    assert (rows["real"]["train"], rows["real"]["test"]) == (14, 7)
    assert rows["both"]["made_of"] == "real + 50 % of synthetic"
    assert rows["synthetic"]["kind"] == "synthetic"
    assert "by ganmut-linear, color transfer lab-skin, blending alpha, counts like real" in rows["synthetic"]["made_of"]


def test_how_faces_were_chosen_is_said_where_it_is_not_as_usual(counts):
    config = copy.deepcopy(CONFIG)
    more = {"keep": {"judge": "reader", "at_least": 0.5}, "balance": ["skin", "rho"], "prefer": "random"}
    config["datasets"]["synthetic"]["synthetic"] |= more
    rows = {row["name"]: row["made_of"] for row in describe_datasets(config, counts)}
    told = ", only faces that reader reads with at least 0.5, balanced by skin and rho, chosen at random"
    assert rows["synthetic"].endswith(f"counts like real{told}")
    assert told not in {row["name"]: row["made_of"] for row in describe_datasets(CONFIG, counts)}["synthetic"]


def test_rejects_are_counted_by_reason_and_spares_apart(tmp_path):
    reasons = ["no face"] * 3 + ["spare, not needed"] * 2 + [f"reason {i}" for i in range(9)]
    write_table(pd.DataFrame({"source_id": range(14), "reason": reasons}), tmp_path / "rejects.csv")
    (row,) = count_rejects([("datasets", "synthetic", tmp_path / "rejects.csv")])
    assert (row["total"], row["spares"]) == (12, 2)
    assert row["reasons"][0] == ("no face", 3)
    assert row["reasons"][-1] == ("2 other reasons", 2)


def test_no_reject_is_no_reason(tmp_path):
    write_table(pd.DataFrame(columns=["path", "reason"]), tmp_path / "rejects.csv")
    (row,) = count_rejects([("sources", "ffhq", tmp_path / "rejects.csv")])
    assert (row["total"], row["reasons"]) == (0, [])


def test_a_source_and_a_dataset_of_one_name_are_two_rows(tmp_path, counts):
    for table, number in (("sources", 1), ("datasets", 2)):
        write_table(pd.DataFrame({"reason": ["no face"] * number}), tmp_path / f"{table}.csv")
    rejects = [(table, "Raf", tmp_path / f"{table}.csv") for table in ("sources", "datasets")]
    html = write_page(tmp_path, counts, rejects=rejects)
    for kind, number in (("source", 1), ("dataset", 2)):
        assert f'<td>{kind} <strong>Raf</strong></td><td class="number">{number}</td>' in html


def test_copies_are_counted_by_training_set_and_test_set(tmp_path, counts):
    columns = ["file_name", "label", "test_set", "copy_of", "copy_label", "kind", "similarity", "through", "dropped"]
    rows = [
        ["a", "fear", "Raf", "x", "fear", "exact", 1.0, "", True],
        ["a", "fear", "Raf", "y", "anger", "near", 0.95, "", False],
        ["b", "fear", "Raf", "x", "fear", "near", 0.95, "", False],
        ["b", "fear", "", "c", "fear", "near", 0.95, "", False],
    ]
    write_table(pd.DataFrame(rows, columns=columns), tmp_path / "copies.csv")
    write_table(pd.DataFrame(columns=columns), tmp_path / "none.csv")
    within, across = count_copies([("Hybrid", tmp_path / "copies.csv"), ("Raf", tmp_path / "none.csv")])
    place = {"train_set": "Hybrid", "through": ""}
    assert within == {**place, "test_set": "", "exact": 0, "near": 1, "dropped": 0, "other_label": 0}
    assert across == {**place, "test_set": "Raf", "exact": 1, "near": 1, "dropped": 1, "other_label": 1}
    html = write_page(tmp_path, counts, audits=[("Hybrid", tmp_path / "copies.csv")])
    assert "<td>Hybrid</td><td>the same training set</td>" in html
    clean = write_page(tmp_path, counts, audits=[("Hybrid", tmp_path / "none.csv")])
    assert "None: no picture of Hybrid is a copy" in clean


def test_a_page_needs_no_note(tmp_path, counts):
    assert 'class="note"' not in write_page(tmp_path, counts, settings={"title": "A question?", "note": None})


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"verdict": "worse", "difference": -0.01}, "Training on both instead of real loses 1.0 points"),
        ({"verdict": "equivalent within 2 points"}, "both and real differ by less than 2 points (+3.1;"),
        ({"verdict": "not distinguishable", "difference": -0.002}, "cannot be told apart here (\u22120.2 points;"),
        ({"verdict": "not distinguishable"}, "a difference of 3.0 points would have been found in 4 of 5 such"),
        ({"verdict": "exploratory"}, "Not asked beforehand: both and real differ by +3.1 points (95 % interval over"),
        (
            {"about": "trained models"},
            "The model trained once on both is better by 3.1 points than the one trained once on",
        ),
        (
            {"shared_labels": "g, the generator behind both, learned from A"},
            " Mind: g, the generator",
        ),
        (
            {"differ_in": "generator, rho"},
            " The two differ in generator, rho at once; which of it matters is not known.",
        ),
        ({"about": "trained models"}, "One training of each says nothing about the training sets."),
    ],
)
def test_verdicts_in_words(change, sentence):
    assert sentence in put_in_words(CONTRAST | change)


def test_where_a_start_is_from_is_told_beside_the_others():
    own = {"train_on": "real", "start_from": {"checkpoint": "g", "obtain": {"from": "there", "license": None}}}
    told = list(_inputs({"generators": {"own": own, "fresh": {**own, "start_from": None}}}))
    assert told == [{"what": "generators.own.start_from", "origin": "there", "license": "not stated"}]
