"""The description of the configuration, written out."""

from pathlib import Path

import jsonschema
import pytest
import yaml
from small_study import SMALL, changed
from snakemake.utils import update_config

from synface.study.config import Configuration, read_config
from synface.study.description import GUIDE, SCHEMA, all_keys, guide_with_keys, schema, schema_text

ROOT = Path(__file__).resolve().parents[3]


def test_the_tracked_schema_is_current():
    assert SCHEMA.read_text() == schema_text(), "run `make schema`"


def test_the_guides_table_of_keys_is_current():
    assert GUIDE.read_text() == guide_with_keys(GUIDE.read_text()), "run `make schema`"


def test_every_key_has_a_sentence():
    for path, _, text, _ in all_keys(Configuration, "", None):
        assert text.endswith("."), path


@pytest.mark.parametrize("file", [*sorted(ROOT.glob("examples/*/config/config.yaml")), ROOT / "config/config.yaml"])
def test_our_own_configurations_pass_the_schema_and_the_reader(file):
    config = yaml.safe_load(file.read_text())
    jsonschema.validate(config, schema())
    read_config(config)


@pytest.mark.parametrize(
    "file",
    [file for file in sorted(ROOT.glob("examples/*/config/*.yaml")) if file.name != "config.yaml"],
    ids=lambda file: file.stem,
)
def test_what_our_examples_lay_over_their_configuration_passes_too(file):
    config, over = (yaml.safe_load(path.read_text()) for path in (file.parent / "config.yaml", file))
    update_config(config, over)  # as `--configfile` with two files does
    jsonschema.validate(config, schema())
    read_config(config)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("models/poster/epochs", 0),
        ("models/poster/epoch", 1),
        ("models/poster/optimizer", "sm"),
        ("edits/varied/rho", [1]),
        ("datasets/Raf", {}),
        ("generators/linear/checkpoint", "x"),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(key, value):
    jsonschema.validate(SMALL, schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(changed(key, value), schema())
