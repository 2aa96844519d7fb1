"""Datasets drawn anew: which entries there are, and what is trained on them."""

from small_study import changed

from synface.study.draws import recipe_of
from synface.study.study import Study, Training


def drawn(seeds=(1, 5)) -> Study:
    config = changed("experiments/small/dataset_seeds", list(seeds))
    config["experiments"]["small"] |= {"train_on": ["Raf", "Varied", "Hybrid"], "seeds": [3, 4]}
    return Study.of(config)


def test_a_draw_is_an_entry_of_its_own_with_another_seed():
    config = drawn().config
    assert config.datasets["Varied~5"].synthetic.edit == "varied~5"
    assert (config.edits["varied"].seed, config.edits["varied~5"].seed) == (1, 5)
    hybrid = config.datasets["Hybrid~5"]
    assert [part.dataset for part in hybrid.merge] == ["Raf", "Varied~5"]
    assert hybrid.seed == 5  # it takes half of one part
    assert set(config.datasets) == {"Raf", "Affect", "Varied", "Hybrid", "Varied~5", "Hybrid~5"}


def test_a_natural_merge_is_drawn_anew_only_where_its_seed_matters():
    for entry, anew in (({}, False), ({"labels": "shuffled"}, True)):
        config = changed("datasets/Hybrid", {"merge": ["Raf"], **entry})
        config["experiments"]["small"]["dataset_seeds"] = [1, 5]
        assert ("Hybrid~5" in Study.of(config).config.datasets) == anew


def test_every_draw_is_trained_with_every_seed_and_natural_sets_are_not_drawn_anew():
    study = drawn()
    assert study.trainings == [
        Training("poster", dataset, seed)
        for dataset in ("Raf", "Varied", "Varied~5", "Hybrid", "Hybrid~5")
        for seed in (3, 4)
    ]
    cells = {(each["train_set"], each["dataset"]) for each in study.evaluations}
    assert cells == {(recipe_of(each.train_set), each.train_set) for each in study.trainings}
    assert study.pairs == [("poster", "Raf"), ("poster", "Varied"), ("poster", "Hybrid")]
    assert len(study.trainings_of("poster", "Hybrid")) == 4


def test_figures_show_the_first_draw():
    assert drawn((7, 8)).synthetic_to_show == {"Varied": "Varied~7"}
    assert drawn((7, 8)).datasets_to_show == {
        "Raf": "Raf",
        "Affect": "Affect",
        "Varied": "Varied~7",
        "Hybrid": "Hybrid~7",
    }


def test_the_page_prints_the_configuration_as_it_was_given():
    assert "Varied~5" not in drawn().configuration["datasets"]
