"""Places that say the same thing must say the same thing."""

import re

import pytest
import yaml
from workflow_study import ROOT

from synface.ganmut import settings as ganmut_settings
from synface.landmarks.settings import DEFAULTS as LANDMARKS
from synface.poster.settings import DEFAULTS as POSTER

SCHEMA = yaml.safe_load((ROOT / "workflow/schemas/config.schema.yaml").read_text())
LOCK = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE))
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
HELPERS = ("common", "inputs", "resources", "cluster")
RULES = [path for path in sorted((ROOT / "workflow/rules").glob("*.smk")) if path.stem not in HELPERS]


def filled(schema: dict) -> object:
    """Return what the schema fills in for an entry that is not given."""
    if schema.get("type") == "object" and "default" in schema:
        return {key: filled(entry) for key, entry in schema["properties"].items()}
    return schema.get("default")


def test_the_schemas_defaults_of_a_training_are_the_librarys():
    keys = SCHEMA["$defs"]["model"]["properties"]
    assert {key: filled(entry) for key, entry in keys.items() if key in POSTER} == dict(POSTER)
    assert set(keys) - set(POSTER) == {"obtain", "test_batch_size"}


def test_the_schema_knows_every_setting_of_a_ganmut_training():
    keys = set(SCHEMA["$defs"]["generator"]["properties"]) - {"checkpoint", "train_on", "obtain"}
    assert keys == set(ganmut_settings.DEFAULTS)


def test_the_schemas_defaults_of_a_landmark_training_are_the_librarys():
    keys = SCHEMA["$defs"]["landmark_network"]["properties"]
    assert {key: filled(entry) for key, entry in keys.items() if key in LANDMARKS} == dict(LANDMARKS)
    assert set(keys) - set(LANDMARKS) == {"train_on", "obtain"}


def every_key(schema: dict, where: str = "") -> list[tuple[str, dict]]:
    found = []
    for key, entry in {**schema.get("properties", {}), **schema.get("$defs", {})}.items():
        found += [(f"{where}/{key}", entry), *every_key(entry, f"{where}/{key}")]
    return found


def test_every_key_is_described_and_no_other_is_allowed():
    for where, entry in every_key(SCHEMA):
        if where.count("/") > 1 and "$ref" not in entry and "/counts/" not in where:
            assert entry.get("description"), where
        if "properties" in entry:
            assert entry["additionalProperties"] is False, where


def test_the_configuration_guide_mentions_every_table():
    guide = (ROOT / "config/README.md").read_text()
    for table in SCHEMA["properties"]:
        assert f"`{table}`" in guide


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_environments_have_the_locked_versions(path):
    (packages,) = [
        entry["pip"] for entry in yaml.safe_load(path.read_text())["dependencies"] if isinstance(entry, dict)
    ]
    pins = dict(package.split("==") for package in packages)
    lower = {name.lower(): version for name, version in LOCK.items()}
    assert pins == {name: lower[name] for name in pins}


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_every_job_declares_what_it_needs(path):
    for block in re.split(r"^rule ", path.read_text(), flags=re.MULTILINE)[1:]:
        if "script:" not in block:
            continue
        for directive in ("log:", "conda:", "threads:", "mem_mb=", "runtime=", "code=fingerprint("):
            assert directive in block, (path.name, block.split(":")[0], directive)
        name = block.split(":")[0]
        assert f'code=fingerprint("{name}")' in block
        assert f'"../scripts/{name}.py"' in block


def test_the_slurm_profile_and_the_rules_know_each_other():
    text = (ROOT / "profiles/slurm/profile.yaml").read_text()
    profile = yaml.safe_load(text)
    blocks = [block for path in RULES for block in re.split(r"^rule ", path.read_text(), flags=re.MULTILINE)[1:]]
    rules = {block.split(":")[0]: block for block in blocks}
    local = re.search(r"^localrules:\n((?: .*\n)+)", (ROOT / "workflow/rules/resources.smk").read_text(), re.MULTILINE)
    local_rules = set(re.findall(r"\w+", local[1]))
    assert {*profile["groups"], *profile["set-resources"], *local_rules} <= set(rules)
    # A site's example gives a partition to every rule that wants a GPU, and to its companions in a group.
    with_gpu = {name for name, block in rules.items() if "gpu=1" in block}
    example = set(re.findall(r"^#   (\w+): \{ slurm_partition: gpu", text, flags=re.MULTILINE))
    companions = {name for name in profile["groups"] if profile["groups"][name] == profile["groups"]["predict"]}
    assert example == with_gpu | companions
    assert not local_rules & with_gpu
    default = yaml.safe_load((ROOT / "profiles/default/profile.yaml").read_text())
    assert {key: profile[key] for key in default} == default


def test_scripts_are_glue():
    for script in (ROOT / "workflow/scripts").glob("*.py"):
        assert len(script.read_text().splitlines()) <= 50, script.name
