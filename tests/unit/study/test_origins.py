"""What a dataset was made of, told from the configuration alone."""

from copy import deepcopy

import pytest

from synface.study.origins import origins_of
from synface.study.study import Study

GIVEN = {
    "drawings": {
        "drawn": {"domain": "portraits", "layout": "portraits", "count": 9},
        "drawn-raf": {"domain": "raf", "layout": "raf-db", "counts": {"train": {"fear": 1}}},
    },
    "sources": {
        "ffhq": {"images": "ffhq", "obtain": {"license": "NC", "from": "there"}, "license_file": "f.json"},
        "drawn": {"images": "results/drawings/drawn"},
    },
    "generators": {
        "published": {"checkpoint": "g.ckpt", "trained_on": ["AffectNet"], "obtain": {"license": "not commercial"}},
        "own": {"train_on": "Real"},
    },
    "edits": {
        "photographed": {"source": "ffhq", "generator": "published", "rho": 1.0, "shards": 1},
        "drawn": {"source": "drawn", "generator": "own", "rho": 1.0, "shards": 1},
    },
    "datasets": {
        "Real": {"natural": {"layout": "raf-db", "path": "raf", "obtain": {"license": "research"}}},
        "Drawn": {"natural": {"layout": "raf-db", "path": "results/drawings/drawn-raf"}},
        "Made": {
            "external": {"layout": "auto", "path": "m", "made_by": "OtherGAN", "trained_on": ["RAF-DB"], "like": "Real"}
        },
        "Edited": {"synthetic": {"edit": "photographed", "like": "Real"}},
        "EditedDrawings": {"synthetic": {"edit": "drawn", "like": "Real"}},
        "Labelled": {
            "synthetic": {"edit": "drawn", "like": "Real", "unedited": {"model": "poster", "train_set": "Real"}}
        },
        "Hybrid": {"merge": ["Real", "Edited"]},
        "Shuffled": {"merge": ["Real", "Edited"], "labels": "shuffled"},
        "More": {"merge": ["Hybrid", "EditedDrawings"]},
    },
    "models": {"poster": {"epochs": 1, "obtain": {"license": "weights: not stated"}}},
    "experiments": {"one": {"models": ["poster"], "seeds": [1], "train_on": ["Real"], "test_on": ["Real"]}},
}


def told(dataset):
    return [(each["kind"], each["name"], each["license"]) for each in origins_of(Study.of(deepcopy(GIVEN)), dataset)]


@pytest.mark.parametrize(
    ("dataset", "expected"),
    [
        ("Real", [("photographs", "Real", "research")]),
        ("Drawn", [("drawings", "Drawn", "")]),
        ("Made", [("external", "Made", ""), ("counts", "Real", "")]),
        (
            "Edited",
            [
                ("edited portraits", "ffhq", "NC"),
                ("generator", "published", "not commercial"),
                ("counts", "Real", ""),
            ],
        ),
        (
            "EditedDrawings",
            [
                ("edited drawings", "drawn", ""),
                ("generator", "own", ""),
                ("counts", "Real", ""),
                ("teacher", "Real", "research"),
            ],
        ),
        (
            "Labelled",
            [
                ("drawn portraits", "drawn", ""),
                ("model", "poster", "weights: not stated"),
                ("counts", "Real", ""),
                ("teacher", "Real", "research"),
            ],
        ),
    ],
)
def test_each_kind_of_dataset(dataset, expected):
    assert told(dataset) == expected


def test_a_merge_of_merges_has_all_of_its_parts():
    assert told("More") == [*told("Real"), *told("Edited"), *told("EditedDrawings")]


def test_shuffled_labels_are_those_of_the_images():
    study = Study.of(deepcopy(GIVEN))
    shuffled = {each["kind"] for each in origins_of(study, "Shuffled") if each.get("shuffled")}
    assert shuffled == {"photographs", "edited portraits"}
    assert not any(each.get("shuffled") for each in origins_of(study, "Hybrid"))


def test_what_is_known_of_each_is_told():
    study = Study.of(deepcopy(GIVEN))
    portraits, generator, _ = origins_of(study, "Edited")
    assert portraits["from"] == "there"
    assert portraits["licenses"] == ["by", "by-nc", "public-domain", "cc0", "us-government"]
    assert generator["learned_from"] == ["AffectNet"]
    made = origins_of(study, "Made")[0]
    assert (made["made_by"], made["learned_from"]) == ("OtherGAN", ["RAF-DB"])
    assert origins_of(study, "Labelled")[1]["learned_from"] == ["RAF-DB"]
