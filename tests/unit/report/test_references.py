"""The sources of a study: by its configuration, as CITATION.cff has them, as valid BibTeX."""

import re
from pathlib import Path

import pytest
import yaml

from synface.report import references
from synface.report.references import Source, bibtex_of, sources_of

CITATION = yaml.safe_load((Path(__file__).resolve().parents[3] / "CITATION.cff").read_text(encoding="utf-8"))
ALL = [value for value in vars(references).values() if isinstance(value, Source)]


def test_the_citation_file_has_every_source_with_all_its_authors():
    def described(title, authors, year):
        return title, tuple(authors), year

    cited = {
        described(
            entry["title"], ((each["given-names"], each["family-names"]) for each in entry["authors"]), entry["year"]
        )
        for entry in CITATION["references"]
    }
    assert cited == {described(each.title, each.authors, each.year) for each in ALL}


def test_what_a_configuration_does_not_use_is_not_cited():
    plain = {"datasets": {"mine": {"natural": {"layout": "class-folders", "path": "mine"}}}, "models": {"p": {}}}
    found = {each.key for each in sources_of(plain)}
    assert "zheng2023poster" in found
    assert not found & {"dapolito2021ganmut", "foret2021sam", "li2017rafdb", "reinhard2001color"}
    drawn = {"natural": {"layout": "raf-db", "path": "results/drawings/raf"}}
    assert references.RAF_DB not in sources_of({"datasets": {"d": drawn}, "drawings": {"raf": {}}})
    assert references.RAF_DB in sources_of({"datasets": {"d": {"natural": {"layout": "raf-db", "path": "raf"}}}})


@pytest.mark.parametrize(
    ("color", "blend", "cited"),
    [
        ("none", "none", set()),
        ("lab", "alpha", {references.COLOR_TRANSFER}),
        ("mkl", "poisson", {references.COVARIANCE_TRANSFER, references.POISSON}),
        ("transport", "pyramid", {references.TRANSPORT, references.PYRAMID}),
    ],
)
def test_adaptation_is_cited_by_its_methods(color, blend, cited):
    entry = {"synthetic": {"color": {"method": color}, "blend": {"method": blend}}}
    none = {"synthetic": {"color": {"method": "none"}, "blend": {"method": "none"}}}
    assert set(sources_of({"datasets": {"a": entry, "b": none}})) - set(sources_of({"datasets": {"b": none}})) == cited


def test_bibtex_entries_are_closed_and_their_keys_differ():
    text = bibtex_of(ALL)
    assert text.count("{") == text.count("}")
    keys = re.findall(r"^@(?:inproceedings|article|misc)\{(\w+),$", text, flags=re.MULTILINE)
    assert len(set(keys)) == len(ALL)
    assert "author = {Zheng, Ce and Mendieta, Matias and Chen, Chen}" in text
    assert "pages = {3138--3147}" in text


def test_a_sentence_has_initials():
    assert references.POSTER.sentence().startswith("C. Zheng, M. Mendieta and C. Chen: POSTER: A Pyramid")
    assert references.GANMUT.sentence().startswith("S. d'Apolito, D.P. Paudel,")
