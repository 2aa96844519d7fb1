"""A published model in a study: tested once, never trained, and in no contrast."""

import pytest
from small_study import changed

from synface.core.errors import InputError
from synface.study.study import Study, Training

PUBLISHED = {"checkpoint": "rafdb_best.pth", "trained_on": ["RAF-DB"], "obtain": {"from": "a page"}}
ELSEWHERE = Training("published", "elsewhere", 0)


@pytest.fixture
def config():
    small = changed("models/published", dict(PUBLISHED))
    small["experiments"]["sanity"] = {"models": ["published"], "test_on": ["Raf", "Affect"]}
    return small


def test_it_is_tested_on_every_test_set_and_trained_on_none(config):
    study, without = Study.of(config), Study.of(changed("report", {}))
    assert study.trainings == [*without.trainings, ELSEWHERE]
    assert study.trainings_here == without.trainings
    assert study.tests_of("published", "elsewhere", 0) == ["Raf", "Affect"]
    assert study.training_sets == without.training_sets == ["Raf", "Hybrid"]
    assert study.contrasts == without.contrasts
    assert study.lineage == without.lineage
    assert (study.trained_in_use, study.published_in_use) == (["poster"], ["published"])
    assert ("models.published.checkpoint", "rafdb_best.pth") in [each[:2] for each in study.external_inputs]
    assert study.needed["models"] == ["poster", "published"]
    assert study.settings("models", "published", "train") == {"classes": None, "color_order": None}


def test_beside_trained_models_it_is_tested_once(config):
    config["experiments"]["small"]["models"] = ["poster", "published"]
    both, without = Study.of(config), Study.of(changed("report", {}))
    assert [each for each in both.trainings if each.model == "published"] == [ELSEWHERE]
    assert both.contrasts == without.contrasts
    assert len([each for each in both.evaluations if each["model"] == "published"]) == 2 + 2


def test_weights_with_an_address_can_be_downloaded(config):
    config["models"]["published"]["obtain"] = {"url": "https://site.example/best.pth", "license": "free"}
    parts = {"ir50": "weights/ir50.pth", "mobilefacenet": "results/landmarks/own/mobilefacenet.safetensors"}
    urls = {part: f"https://site.example/{part}" for part in parts}
    config["landmarks"] = {"own": {"images": "marked"}}
    for name in ("poster", "again"):
        config["models"][name] = {"pretrained": parts, "obtain": {"urls": urls}}
    found = [("rafdb_best.pth", "https://site.example/best.pth", "free"), ("weights/ir50.pth", urls["ir50"], None)]
    assert [tuple(each.values()) for each in Study.of(config).downloads] == found
    config["models"]["poster"]["obtain"] = {"urls": {"ir50": "file:///etc/passwd"}}
    with pytest.raises(InputError, match=r"models\.poster\.obtain\.urls\.ir50: found 'file:.*begins with https://"):
        Study.of(config)


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("models/published/epochs", 3, "models.published.epochs: belongs to an entry without 'checkpoint'; this one"),
        ("models/poster/classes", ["fear"], "models.poster.classes: belongs to an entry with 'checkpoint'; this one"),
        ("models/published/classes", ["fear", "anger"], "models.published.classes: lacks surprise, disgust, happiness"),
        ("models/published/classes", ["joy"], "models.published.classes[0]: found 'joy'; expected one of surprise"),
        ("models/published/checkpoint", None, "models.published.checkpoint: found nothing; expected text"),
        ("experiments/sanity/train_on", ["Raf"], "experiments.sanity.train_on: nothing is trained here, each model"),
        ("experiments/sanity/models", ["poster"], "experiments.sanity.train_on: missing; expected names in `datasets`"),
        (
            "experiments/small",
            {
                "models": ["poster", "published"],
                "train_on": ["Raf", "Hybrid"],
                "test_on": ["Raf"],
                "contrasts": [{"train_set": "Hybrid", "baseline": "Raf", "model": "published"}],
            },
            "experiments.small.contrasts[0].model: 'published' has a checkpoint; expected a model that is trained here",
        ),
        (
            "datasets/Varied/synthetic/unedited",
            {"model": "published", "train_set": "Raf"},
            "datasets.Varied.synthetic.unedited.model: 'published' has a checkpoint; expected a model that is trained",
        ),
        ("datasets/elsewhere", {"merge": ["Raf"]}, "datasets: the name 'elsewhere' stands for what published models"),
    ],
)
def test_what_does_not_go_with_a_checkpoint_is_told(config, key, value, sentence):
    *above, last = key.split("/")
    entry = config
    for name in above:
        entry = entry[name]
    entry[last] = value
    with pytest.raises(InputError) as told:
        Study.of(config)
    assert sentence in str(told.value)
