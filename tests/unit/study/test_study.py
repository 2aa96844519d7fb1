"""What a study comes down to, counted by hand."""

import pytest
from small_study import changed

from synface.core.errors import InputError
from synface.ganmut.checkpoint import save_generator
from synface.ganmut.generator import LinearGenerator
from synface.study.config import TABLES
from synface.study.origins import origins_of
from synface.study.study import Study, Training, shards_for


def study(key: str = "report", value: object = None, portraits: int = 0) -> Study:
    return Study.of(changed(key, value if value is not None else {}), lambda _source, _path: portraits)


def test_an_experiment_is_every_model_on_every_set_with_every_seed():
    small = study("experiments/small/seeds", [4, 5])
    assert small.trainings == [
        Training("poster", train_set, seed) for train_set in ("Raf", "Hybrid") for seed in (4, 5)
    ]
    assert len(small.evaluations) == 2 * 2 * 2
    assert small.pairs == [("poster", "Raf"), ("poster", "Hybrid")]
    assert small.tests_of("poster", "Hybrid", 5) == ["Raf", "Affect"]
    assert small.trainings_of("poster", "Raf") == small.trainings[:2]


def test_test_sets_of_two_experiments_come_together():
    second = {"models": ["poster"], "seeds": [1], "train_on": ["Raf"], "test_on": ["Hybrid", "Raf"]}
    both = study("experiments/second", second)
    assert both.tests_of("poster", "Raf", 1) == ["Raf", "Affect", "Hybrid"]
    assert both.tests_of("poster", "Raf", 2) == ["Raf", "Affect"]
    assert len(both.trainings) == 10


def test_lineage_follows_images_and_labels_through_merges_and_generators():
    config = changed("experiments/small/train_on", ["Raf", "Varied", "Hybrid"])
    own = {each.pop("dataset"): each for each in Study.of(config).lineage}
    assert own["Raf"] == {"images": ["RAF-DB"], "labels": {}}
    assert own["Affect"] == {"images": ["AffectNet"], "labels": {}}
    # The generator is trained here, on Raf.
    assert own["Varied"] == {"images": [], "labels": {"RAF-DB": "linear, the generator behind Varied,"}}
    assert own["Hybrid"] == {"images": ["RAF-DB"], "labels": {"RAF-DB": "linear, the generator behind Varied,"}}
    config["generators"]["linear"] = {"checkpoint": "g.ckpt", "trained_on": ["AffectNet", "web"]}
    config["datasets"]["Raf"]["natural"]["collection"] = "mine"
    given = {each.pop("dataset"): each for each in Study.of(config).lineage}
    assert given["Hybrid"] == {
        "images": ["mine"],
        "labels": dict.fromkeys(("AffectNet", "web"), "linear, the generator behind Varied,"),
    }


def test_faces_made_elsewhere_are_synthetic_and_their_lineage_is_what_is_said():
    made = {"layout": "class-folders", "path": "made", "made_by": "OtherGAN", "trained_on": ["RAF-DB"], "like": "Raf"}
    config = changed("datasets/Other", {"external": made})
    config["experiments"]["small"]["train_on"] = ["Raf", "Other"]
    study = Study.of(config)
    assert {each["dataset"]: each["labels"] for each in study.lineage}["Other"] == {
        "RAF-DB": "OtherGAN, which made Other,"
    }
    assert "Other" not in study.natural_tests
    assert study.set_imitated_by("Other") == "Raf"
    assert ("datasets.Other.external.path", "made") in [(where, path) for where, path, _ in study.external_inputs]
    assert study.rejecting[-1] == ("datasets", "Other")
    config["datasets"]["Other"]["external"]["like"] = "Hybrid"
    with pytest.raises(InputError, match=r"Other.external.like: 'Hybrid' is not a natural dataset"):
        Study.of(config)


def test_faces_are_edited_in_the_frame_that_the_generator_knows(tmp_path):
    def framing(generator, **edit):
        config = changed("generators/linear", generator)
        config["edits"]["varied"] |= edit
        return Study.of(config).framing_of("varied")

    trained = {"train_on": "Raf", "parametrization": "linear"}
    assert framing(trained) == "mtcnn-square"
    assert framing({**trained, "framing": "dlib-like"}) == "dlib-like"
    published = {"checkpoint": "G.ckpt", "trained_on": ["AffectNet"]}
    assert framing(published) == "dlib-like"
    assert framing(published, framing="mtcnn-box") == "mtcnn-box"
    for recorded, known in (
        ({}, "mtcnn-square"),
        ({"framing": "as-is"}, "mtcnn-square"),
        ({"framing": "dlib-like"}, "dlib-like"),
    ):
        own = tmp_path / f"{len(recorded)}{known}.safetensors"
        save_generator(LinearGenerator(channels=4, blocks=1), own, recorded)
        assert framing({"checkpoint": str(own), "trained_on": ["nothing"]}) == known


def test_what_a_generator_starts_from_is_an_input_whose_labels_count(tmp_path):
    given = {
        "checkpoint": "start.ckpt",
        "trained_on": ["AffectNet"],
        "obtain": {"url": "https://there/start.ckpt", "license": "NC"},
    }
    config = changed("generators/linear/start_from", given)
    study = Study.of(config)
    assert ("generators.linear.start_from.checkpoint", "start.ckpt") in [each[:2] for each in study.external_inputs]
    assert study.downloads == [{"path": "start.ckpt", "url": "https://there/start.ckpt", "license": "NC"}]
    assert study.collections_behind("linear") == ["AffectNet", "RAF-DB"]
    assert "start_from" not in study.settings("generators", "linear", "ganmut")
    (generator,) = [each for each in origins_of(study, "Varied") if each["kind"] == "generator"]
    assert (generator["license"], generator["learned_from"]) == ("NC", ["AffectNet", "RAF-DB"])


def test_a_generator_that_is_built_otherwise_is_no_start(tmp_path):
    start = tmp_path / "start.safetensors"
    save_generator(LinearGenerator(channels=8, blocks=6, masked=True), start)
    config = changed("generators/linear/start_from", {"checkpoint": str(start), "trained_on": ["unknown"]})
    with pytest.raises(InputError) as told:
        Study.of(config)
    assert str(told.value).startswith(
        f"generators.linear.start_from.checkpoint: found channels: 8, masked: true in {start}; "
        "expected channels: 64, masked: false, as this generator has it; "
    )
    config["generators"]["linear"] |= {"channels": 8, "masked": True}
    Study.of(config)


def test_unedited_portraits_are_labelled_by_a_model_that_is_needed():
    config = changed("datasets/Varied/synthetic/unedited", {"model": "teacher", "train_set": "Raf", "seed": 7})
    config["models"]["teacher"] = {"pretrained": {"ir50": "teachers.pth"}}
    study = Study.of(config)
    assert study.unedited == ["Varied"]
    assert study.needed["models"] == ["poster", "teacher"]
    facts = study.facts_of("Varied")
    assert (facts["generator"], facts["labels learned from"]) == ("none", "RAF-DB")
    labels = {each["dataset"]: each["labels"] for each in study.lineage}
    assert labels["Hybrid"] == {"RAF-DB": "teacher, which labelled Varied,"}
    config["datasets"]["Varied"]["synthetic"]["unedited"]["train_set"] = "Hybrid"
    with pytest.raises(InputError, match=r"unedited\.train_set: 'Hybrid' is not natural"):
        Study.of(config)


def test_faces_edited_elsewhere_need_no_generator_and_say_what_made_them():
    config = changed(
        "edits/varied", {"source": "portraits", "patches": "star", "made_by": "StarGAN", "trained_on": ["RAF-DB"]}
    )
    outside = Study.of(config)
    assert outside.needed["generators"] == []
    assert (outside.generator_of("varied"), outside.patches_of("varied")) == (None, "star")
    assert (outside.generator_of("fixed"), outside.patches_of("fixed")) == ("gaussian", None)
    assert outside.framing_of("varied") == "mtcnn-square"
    facts = outside.facts_of("Varied")
    assert (facts["generator"], facts["labels learned from"]) == ("StarGAN", "RAF-DB")
    labels = {each["dataset"]: each["labels"] for each in outside.lineage}
    assert labels["Hybrid"] == {"RAF-DB": "StarGAN, which edited Varied,"}
    assert ("edits", "varied") in outside.rejecting
    assert outside.rejects_of("edits", "varied") == "results/edits/varied/rejects.csv"
    assert ("edits.varied.patches", "star") in [each[:2] for each in outside.external_inputs]
    # Drawn anew, only who becomes what can differ.
    config["experiments"]["small"]["dataset_seeds"] = [1, 2]
    assert Study.of(config).patches_of("varied~2") == "star"


def test_entries_are_told_apart_by_table_and_name():
    config = changed("sources/Raf", {"images": "elsewhere"})
    config["edits"]["varied"]["source"] = "Raf"
    both = Study.of(config)
    assert both.rejecting == [("sources", "Raf"), ("datasets", "Raf"), ("datasets", "Affect"), ("datasets", "Varied")]
    assert [both.rejects_of(*entry) for entry in both.rejecting] == [
        "results/sources/Raf/rejects.csv",
        "results/datasets/Raf/rejects.csv",
        "results/datasets/Affect/rejects.csv",
        "results/synthetic/Varied/rejects.csv",
    ]


def test_what_is_needed_follows_merges_references_and_generators():
    needed = study("experiments/small/test_on", ["Raf"]).needed
    assert needed["datasets"] == ["Raf", "Varied", "Hybrid"]
    assert needed["edits"] == ["varied"]
    assert needed["generators"] == ["linear"]
    assert needed["sources"] == ["portraits"]


def test_a_drawing_and_pretrained_networks_are_made_here():
    config = changed("drawings/faces", {"domain": "raf", "layout": "raf-db", "counts": {"train": {"fear": 3}}})
    config["datasets"]["Raf"]["natural"]["path"] = "results/drawings/faces"
    config["landmarks"] = {"narrow": {"images": "results/drawings/faces"}}
    config["action_units"] = {"images": {"images": "results/drawings/faces"}, "unused": {"images": "elsewhere"}}
    config["models"]["poster"] = {
        "pretrained": {
            "mobilefacenet": "results/landmarks/narrow/mobilefacenet.safetensors",
            "ir50": "results/action_units/images/ir50.safetensors",
        }
    }
    drawn = Study.of(config)
    assert drawn.needed["drawings"] == ["faces"]
    assert drawn.needed["landmarks"] == ["narrow"]
    assert drawn.needed["action_units"] == ["images"]
    assert [path for _, path, _ in drawn.external_inputs] == ["portraits", "elsewhere", "affect"]


def test_all_missing_inputs_are_in_one_message():
    config = changed("sources/portraits/obtain", {"from": "a web page", "license": "free"})
    text = Study.of(config).missing_message()
    for part in ("  portraits   (sources.portraits.images)", "from:    a web page", "license: free", "  raf   ("):
        assert part in text


def test_edits_to_show_are_those_by_ganmuts_behind_the_experiments_first_draws():
    given = {"source": "portraits", "patches": "p", "made_by": "OtherGAN", "trained_on": ["nothing"]}
    config = changed("edits/given", given)
    config["datasets"]["Given"] = {"synthetic": {"edit": "given", "like": "Raf"}}
    teacher = {"model": "poster", "train_set": "Raf"}
    config["datasets"]["Unedited"] = {"synthetic": {"edit": "fixed", "like": "Raf", "unedited": teacher}}
    config["experiments"]["small"] |= {"train_on": ["Raf", "Hybrid", "Given", "Unedited"], "dataset_seeds": [1, 2]}
    drawn = Study.of(config)
    assert {"varied~2", "given", "fixed"} <= set(drawn.needed["edits"])
    assert drawn.edits_to_show == ["varied"]


@pytest.mark.parametrize(
    ("portraits", "shards"), [(0, 1), (1, 1), (1000, 1), (1001, 2), (70_000, 70), (1_000_000, 100)]
)
def test_shards_follow_from_the_portraits_unless_given(portraits, shards):
    assert shards_for(portraits) == shards
    assert study(portraits=portraits).shards("varied") == shards
    assert study("edits/varied/shards", 3, portraits).shards("varied") == 3


def test_a_drawing_tells_its_portraits_without_being_there():
    config = changed("drawings/people", {"domain": "portraits", "layout": "portraits", "count": 2500})
    config["sources"]["portraits"]["images"] = "results/drawings/people"
    assert Study.of(config).shards("varied") == 3


def test_facts_of_a_synthetic_dataset_are_its_recipe_and_its_origin():
    facts = study().facts_of("Varied")
    assert facts["like"] == "Raf"
    assert facts["blend"] == {"method": "alpha", "border": 0.15}
    assert (facts["source"], facts["generator"], facts["seed"]) == ("portraits", "linear", 1)


def test_a_rule_receives_the_keys_of_its_stage():
    small = study("datasets/Varied/synthetic/color", {"strength": 0.5})
    assert small.settings("datasets", "Varied", "color") == {
        "method": "lab-skin",
        "region": None,
        "robust": False,
        "strength": 0.5,
    }
    imported = small.settings("datasets", "Raf", "dataset")
    assert list(imported) == ["layout", "split", "test_fraction", "classes", "table", "crop"]
    assert (imported["layout"], imported["split"], imported["classes"]) == ("raf-db", "all", {})
    assert small.settings("edits", "varied", "frames") == {"resolution": 256}
    assert "test_batch_size" not in small.settings("models", "poster", "train")
    assert small.settings("models", "poster", "evaluate") == {"test_batch_size": 32}


def test_the_configuration_is_complete_and_plain():
    whole = study().configuration
    assert whole["datasets"]["Hybrid"]["merge"] == [
        {"dataset": "Raf", "fraction": 1.0, "repeat": 1},
        {"dataset": "Varied", "fraction": 0.5, "repeat": 1},
    ]
    assert list(whole) == [*TABLES, "leaks", "lean", "statistics", "report"]
