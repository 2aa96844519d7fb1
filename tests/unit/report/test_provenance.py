"""The record of all results."""

import hashlib
import json

import pytest

from synface.dataset.verifying import verify_results
from synface.report.provenance import write_provenance

CONFIGURATION = {
    "sources": {"portraits": {"seed": 3, "images": "portraits"}},
    "experiments": {"first": {"seeds": [1, 2], "dataset_seeds": None}},
}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, data in (
        ("results/tables/a.csv", b"a,b\n"),
        ("results/report/index.html", b"<p>"),
        ("w.pth", b"weights"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    write_provenance(
        record="results/provenance.json",
        results=["results/tables/a.csv", "results/report/index.html"],
        configuration=CONFIGURATION,
        code={"compare": "12ab"},
        given={"sources.portraits.images": "portraits", "models.m.checkpoint": "w.pth"},
        lists={"sources.portraits.images": "results/sources/portraits/index.csv"},
        release="0.1.0, commit 1a2b3c4",
    )
    return tmp_path


def test_it_names_what_the_results_were_made_of_and_which_they_are(study):
    facts = json.loads((study / "results/provenance.json").read_text())
    assert facts["results"] == {"report/index.html": sha256(b"<p>"), "tables/a.csv": sha256(b"a,b\n")}
    assert facts["inputs"] == {
        "sources.portraits.images": {"files": "sources/portraits/index.csv"},
        "models.m.checkpoint": {"path": "w.pth", "sha256": sha256(b"weights")},
    }
    assert facts["seeds"] == {"sources.portraits.seed": 3, "experiments.first.seeds": [1, 2]}
    assert facts["configuration"] == CONFIGURATION
    assert (facts["synface"], facts["code"]) == ("0.1.0, commit 1a2b3c4", {"compare": "12ab"})
    assert facts["libraries"]["pytest"] == pytest.__version__
    assert facts["machine"].keys() == {"system", "processor", "cpus"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda root: None, None),
        (lambda root: (root / "results/tables/a.csv").write_bytes(b"a,c\n"), "tables/a.csv: changed or damaged"),
        (lambda root: (root / "results/report/index.html").unlink(), "report/index.html: missing"),
        (lambda root: (root / "results/provenance.json").write_text("{}"), "provenance.json: it is no record"),
        (lambda root: (root / "results/provenance.json").write_text('{"resu'), "provenance.json: it is no record"),
        (lambda root: (root / "w.pth").write_bytes(b"others"), "w.pth: not the file that the results were made of"),
        (lambda root: (root / "w.pth").unlink(), None),
    ],
)
def test_verifying_compares_with_it(study, change, told):
    change(study)
    problems = verify_results(study)
    assert len(problems) == (told is not None)
    assert told is None or told in problems[0]
