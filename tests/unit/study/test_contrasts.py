"""Which cells are compared, what was asked, and in what they differ."""

import pytest
from small_study import changed

from synface.core.errors import InputError
from synface.study.study import Study


def contrasts(config: dict) -> dict[tuple, tuple[list[str], str]]:
    """Return (test sets on which it was asked, in what they differ) by (model, train set, baseline model, baseline)."""
    keys = ("model", "train_set", "baseline_model", "baseline")
    found = Study.of(config).contrasts
    return {tuple(each[key] for key in keys): (each["primary_on"], each["differ_in"]) for each in found}


def asked(config: dict) -> dict[tuple, list[str]]:
    return {cells: tests for cells, (tests, _) in contrasts(config).items() if tests}


def test_by_default_synthetic_is_asked_against_natural_on_natural_sets():
    config = changed("experiments/small/train_on", ["Varied", "Affect", "Raf", "Hybrid"])
    config["datasets"]["Affect"]["natural"]["split"] = "train"
    config["experiments"]["small"]["test_on"] = ["Raf", "Varied"]
    assert asked(config) == {
        ("poster", "Varied", "poster", "Affect"): ["Raf"],
        ("poster", "Hybrid", "poster", "Affect"): ["Raf"],
    }
    # Each pair once: what is asked stands for its mirror image.
    assert len(contrasts(config)) == 6


def test_without_a_natural_set_all_are_asked_against_the_first_on_all_test_sets():
    config = changed("experiments/small/train_on", ["Varied", "Hybrid"])
    config["experiments"]["small"]["test_on"] = ["Varied"]
    assert asked(config) == {("poster", "Hybrid", "poster", "Varied"): ["Varied"]}


def test_cells_that_differ_in_one_thing_are_compared_and_whatever_is_asked():
    config = changed("models", {"poster": {}, "wide": {"lr": 0.1, "test_batch_size": 7}})
    config["experiments"]["small"] |= {
        "models": ["poster", "wide"],
        "contrasts": [
            {"train_set": "Raf", "baseline": "Hybrid"},
            {
                "train_set": "Hybrid",
                "model": "wide",
                "baseline": "Raf",
                "baseline_model": "poster",
                "test_on": ["Affect"],
            },
        ],
    }
    found = contrasts(config)
    assert {cells: tests for cells, (tests, _) in found.items()} == {
        ("poster", "Raf", "poster", "Hybrid"): ["Raf", "Affect"],
        ("wide", "Raf", "wide", "Hybrid"): ["Raf", "Affect"],
        ("wide", "Hybrid", "poster", "Raf"): ["Affect"],
        ("wide", "Raf", "poster", "Raf"): [],
        ("wide", "Hybrid", "poster", "Hybrid"): [],
    }
    # One learning rate alone is one thing.
    assert found["wide", "Raf", "poster", "Raf"][1] == ""
    assert found["wide", "Hybrid", "poster", "Raf"][1] == "the faces of Varied, the number of training images, lr"


@pytest.mark.parametrize(
    ("contrast", "sentence"),
    [
        ({"train_set": "Raf", "baseline": "Raf"}, r"contrasts\[0\]: compares 'Raf' with itself"),
        ({"train_set": "Varied", "baseline": "Raf"}, r"contrasts\[0\]\.train_set: 'Varied' is not in .*`train_on`"),
        (
            {"train_set": "Raf", "baseline": "Hybrid", "test_on": ["Varied"]},
            r"contrasts\[0\]\.test_on: 'Varied' is not",
        ),
        ({"train_set": "Raf", "baseline": "Hybrid", "model": "wide"}, r"no 'wide' in `models`"),
    ],
)
def test_what_is_not_trained_cannot_be_asked(contrast, sentence):
    with pytest.raises(InputError, match=sentence):
        Study.of(changed("experiments/small/contrasts", [contrast]))


def test_several_differences_of_two_synthetic_sets_are_listed():
    config = changed(
        "datasets/Fixed", {"synthetic": {"edit": "fixed", "like": "Raf", "color": "none", "blend": "none"}}
    )
    config["edits"]["fixed"] |= {"spares": 0.5, "shards": 3}  # of which no image depends
    config["datasets"]["Softer"] = {"synthetic": {"edit": "varied", "like": "Raf", "blend": {"border": 0.3}}}
    config["experiments"]["small"]["train_on"] = ["Fixed", "Varied", "Softer"]
    found = {cells[1]: words for cells, (_, words) in contrasts(config).items() if cells[3] == "Fixed"}
    assert set(found["Varied"].split(", ")) == {"generator", "at", "rho", "color", "blend"}
    # A softer border alone is one thing, and needs no word.
    assert contrasts(config)["poster", "Softer", "poster", "Varied"][1] == ""


def test_another_generators_faces_differ_by_the_generator():
    config = changed(
        "edits/star", {"source": "portraits", "patches": "star", "made_by": "StarGAN", "trained_on": ["x"]}
    )
    config["datasets"]["Star"] = {"synthetic": {"edit": "star", "like": "Raf"}}
    config["datasets"]["Pasted"] = {"synthetic": {"edit": "star", "like": "Raf", "blend": "none"}}
    config["experiments"]["small"]["train_on"] = ["Varied", "Star", "Pasted"]
    found = contrasts(config)
    assert found["poster", "Star", "poster", "Varied"][1] == ""  # one thing
    assert found["poster", "Pasted", "poster", "Varied"][1] == "generator, blend"
    assert found["poster", "Pasted", "poster", "Star"][1] == ""


def test_faces_in_the_place_of_others_are_one_difference():
    config = changed("datasets/Other", {"synthetic": {"edit": "fixed", "like": "Raf"}})
    config["datasets"] |= {"Second": {"merge": ["Raf", "Other"]}, "First": {"merge": ["Raf", "Varied"]}}
    config["experiments"]["small"]["train_on"] = ["First", "Second"]
    assert contrasts(config)["poster", "Second", "poster", "First"][1] == ""
    config["datasets"]["Second"]["labels"] = "shuffled"
    words = "the faces (Other in place of Varied), the labels"
    assert contrasts(config)["poster", "Second", "poster", "First"][1] == words


@pytest.mark.parametrize(
    ("train_set", "steps", "words"),
    [
        ("Hybrid", None, "the faces of Varied, the number of training images, the number of steps"),
        ("Hybrid", 100, "the faces of Varied, the number of training images"),
        ("Varied", None, ""),
        ("Half", None, "the faces, the number of training images, the number of steps"),
        ("Twice", None, "the number of training images, the number of steps"),
        ("Swapped", None, ""),
    ],
)
def test_what_a_training_set_has_and_the_real_one_has_not(train_set, steps, words):
    config = changed("experiments/small/train_on", ["Raf", train_set])
    config["models"]["poster"] = {"steps": steps}
    half = {"dataset": "Raf", "fraction": 0.5}
    config["datasets"] |= {
        "Half": {"synthetic": {"edit": "varied", "like": "Raf", "fraction": 0.5}},
        "Twice": {"merge": [{"dataset": "Raf", "repeat": 2}]},
        "Swapped": {"merge": [half, {"dataset": "Varied", "fraction": 0.5}]},
    }
    assert contrasts(config)["poster", train_set, "poster", "Raf"][1] == words
