"""What no single key shows: names, references, circles, splits, and edits that fit their generators."""

import pytest
from small_study import SMALL, changed

from synface.core.errors import InputError
from synface.study.config import parts_of, read_config, splits_of


def refused(key: str, value: object) -> str:
    with pytest.raises(InputError) as caught:
        read_config(changed(key, value))
    return str(caught.value)


def test_a_right_configuration_is_read():
    config = read_config(SMALL)
    assert config.edits["varied"].rho == (0.5, 1.2)
    assert config.experiments["small"].seeds == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("experiments/small/train_on", ["Raff"], "experiments.small.train_on: no 'Raff' in `datasets`; did you mean"),
        ("datasets/Varied/synthetic/edit", "vareid", "datasets.Varied.synthetic.edit: no 'vareid' in `edits`; did"),
        ("datasets/Hybrid/merge", ["Raf", "Nowhere"], "datasets.Hybrid.merge[1].dataset: no 'Nowhere' in `datasets`"),
        ("datasets/Hybrid/merge", ["Raf", "Hybrid"], "datasets.Hybrid.merge: made from itself (Hybrid <- Hybrid)"),
        ("datasets/Hybrid/merge", ["Raf", "Raf"], "datasets.Hybrid.merge: 'Raf' comes in 2 times; expected once"),
        ("datasets/Twice", {"merge": ["Raf", "Hybrid"]}, "datasets.Twice.merge: 'Raf' comes in 2 times"),
        ("datasets/Varied/synthetic/like", "Hybrid", "datasets.Varied.synthetic.like: 'Hybrid' is not a natural"),
        (
            "datasets/Varied/synthetic/crop",
            {"method": "aligned", "square": False},
            "datasets.Varied.synthetic.crop.square: found false; does not go with `method: aligned`",
        ),
        ("generators/linear/train_on", "Varied", "generators.linear.train_on: 'Varied' is not a natural dataset"),
        ("generators/linear/train_on", "Affect", "generators.linear.train_on: 'Affect' has no train images"),
        (
            "datasets/Raf/natural/table",
            {"image": "file"},
            "datasets.Raf.natural.table: is for `layout: table`, this",
        ),
        (
            "datasets/Affect/natural/test_fraction",
            0.2,
            "datasets.Affect.natural.test_fraction: is for `split: all`",
        ),
        ("datasets/Raf/natural/split", "train", "experiments.small.test_on: 'Raf' has no test images, its `split` is"),
        ("experiments/small/train_on", ["Affect"], "experiments.small.train_on: 'Affect' has no train images"),
        ("edits/fixed/rho", 0.9, "edits.fixed.rho: is for linear generators, this edit's is Gaussian; give `at` alone"),
        ("edits/fixed/theta_jitter", 3, "edits.fixed.theta_jitter: is for linear generators"),
        ("edits/fixed/at", None, "edits.fixed.at: missing; expected class-mean or class-gaussian"),
        (
            "edits/varied",
            {"source": "portraits"},
            "edits.varied: found keys source; expected one of generator, patches",
        ),
        (
            "edits/varied",
            {"source": "portraits", "patches": "x", "made_by": "y", "trained_on": ["z"], "rho": 1},
            "edits.varied.rho: belongs to an entry with 'generator'; this one has 'patches'",
        ),
        ("edits/varied/rho", None, "edits.varied.rho: missing; expected a number or [low, high]"),
        ("edits/varied/at", "class-gaussian", "edits.varied.at: found class-gaussian, but its generator is linear"),
        ("edits/varied/at", "class-mean", "edits.varied.rho: does not go with `at: class-mean`"),
        ("generators/gaussian/batch_size", 6, "generators.gaussian.batch_size: found 6; expected at least 7"),
        (
            "generators/linear/image_size",
            48,
            "generators.linear.discriminator_depth: found 6, so",
        ),
        ("models/poster", {"selection": "best-on-validation", "validation_fraction": 0}, "models.poster.selection: "),
        ("experiments/small/scaling", True, "experiments.small.scaling: found 1 training sets of real images alone"),
        ("datasets/My Set", {"merge": ["Raf"]}, "datasets: the name 'My Set' must consist of letters, digits"),
        ("datasets/.hidden", {"merge": ["Raf"]}, "datasets: the name '.hidden' must consist of"),
        ("datasets/raf", {"merge": ["Raf"]}, "datasets: 'Raf' and 'raf' would be one folder where case does not count"),
        ("experiments/2024", SMALL["experiments"]["small"], "experiments: the name '2024' would be read as a value"),
        ("experiments/nan", SMALL["experiments"]["small"], "experiments: the name 'nan' would be read as a value"),
        ("model", {}, "model: unknown key; did you mean 'models'?"),
    ],
)
def test_a_mistake_names_its_key(key, value, line):
    assert refused(key, value).startswith(line)


def test_a_generator_that_is_not_there_yet_takes_any_edit():
    config = changed("generators/linear", {"checkpoint": "nowhere.ckpt", "trained_on": ["unknown"]})
    config["edits"]["varied"] = {"source": "portraits", "generator": "linear", "at": "class-gaussian"}
    read_config(config)


def test_a_merge_comes_down_to_its_parts():
    config = read_config(changed("datasets/All", {"merge": ["Hybrid", "Affect"]}))
    assert parts_of(config, "All") == ["Raf", "Varied", "Affect"]
    assert splits_of(config, "All") == {"train", "test"}
    assert splits_of(config, "Affect") == {"test"}
