"""Places that say the same thing must say the same thing."""

import re

import pytest
import yaml
from workflow_study import ROOT

from synface.study.config import TABLES, Configuration
from synface.study.description import all_keys

LOCK = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE))
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
HELPERS = ("common", "inputs", "resources", "cluster")
RULES = [path for path in sorted((ROOT / "workflow/rules").glob("*.smk")) if path.stem not in HELPERS]


def test_the_configuration_guide_mentions_every_table():
    guide = (ROOT / "config/README.md").read_text()
    for table in (*TABLES, "statistics", "report"):
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
    for block in re.split(r"^(?:rule|checkpoint) ", path.read_text(), flags=re.MULTILINE)[1:]:
        if "script:" not in block:
            continue
        for directive in ("log:", "conda:", "threads:", "mem_mb=", "runtime=", "code=code("):
            assert directive in block, (path.name, block.split(":")[0], directive)
        name = block.split(":")[0]
        assert f'code=code("{name}")' in block
        assert f'"../scripts/{name}.py"' in block


def test_the_slurm_profile_and_the_rules_know_each_other():
    text = (ROOT / "profiles/slurm/profile.yaml").read_text()
    profile = yaml.safe_load(text)
    blocks = [
        block
        for path in RULES
        for block in re.split(r"^(?:rule|checkpoint) ", path.read_text(), flags=re.MULTILINE)[1:]
    ]
    rules = {block.split(":")[0]: block for block in blocks}
    local_rules = {name for name, block in rules.items() if "    localrule: True\n" in block}
    assert {*profile["groups"], *profile["set-resources"], *local_rules} <= set(rules)
    # A site's example gives a partition to every rule that wants a GPU.
    with_gpu = {name for name, block in rules.items() if "gpu=1" in block}
    example = set(re.findall(r"^#   (\w+): \{ slurm_partition: gpu", text, flags=re.MULTILINE))
    assert example == with_gpu
    assert not local_rules & with_gpu
    default = yaml.safe_load((ROOT / "profiles/default/profile.yaml").read_text())
    del default["cores"]  # of a cluster's login node not all are one's own
    assert {key: profile[key] for key in default} == default


def test_the_lean_profile_is_the_default_and_one_key():
    lean, default = (
        yaml.safe_load((ROOT / f"profiles/{name}/profile.yaml").read_text()) for name in ("lean", "default")
    )
    assert lean == default | {"config": ["lean=true"]}


def test_a_stage_has_one_word_for_its_rules_logs_timings_and_keys():
    for path in RULES:
        text = path.read_text()
        assert set(re.findall(r'"logs/(\w+)', text)) <= {path.stem}
        assert set(re.findall(r'"results/timings/(\w+)', text)) <= {path.stem}
    stages = {stage for _, _, _, stages in all_keys(Configuration, "", None) for stage in stages or ()}
    assert stages <= {path.stem for path in RULES}


def test_every_rule_says_what_it_does():
    for path in RULES:
        for block in re.split(r"^(?:rule|checkpoint) ", path.read_text(), flags=re.MULTILINE)[1:]:
            assert re.match(r'\w+:\n    """[A-Z].*\."""\n', block), (path.name, block.split(":")[0])


def test_scripts_are_glue():
    for script in (ROOT / "workflow/scripts").glob("*.py"):
        assert len(script.read_text().splitlines()) <= 50, script.name


def test_the_table_of_promises_names_tests_that_are_there():
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs/recovery.md").read_text())
    assert len(named) > 20
    for file, name in named:
        text = (ROOT / file).read_text()
        assert not name or re.search(rf"^ *(?:def|class) {name}\b", text, re.MULTILINE), f"{file}::{name}"
