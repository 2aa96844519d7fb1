# The configuration, checked and completed, and the helpers by which rules ask it for settings.

import re
import shlex
import sys
from pathlib import Path

from snakemake.exceptions import WorkflowError
from snakemake.utils import validate

# The library stands beside the scripts, so that no environment has to install it.
sys.path.insert(0, str(Path(str(workflow.current_basedir)).parent / "scripts"))

from synface.study import study
from synface.study.config import check, missing_inputs, sort_keys, write_out
from synface.study.fingerprint import fingerprint

# Snakemake writes this path into shell commands without quotes: a space in it would end every job.
if not sys.executable.startswith("'"):
    sys.executable = shlex.quote(sys.executable)

write_out(config)
validate(config, "../schemas/config.schema.yaml")
check(config)
sort_keys(config)


def one_of(names):
    """Return a wildcard constraint for exactly these names; for none, one that nothing matches."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


wildcard_constraints:
    drawing=one_of(config["drawings"]),
    source=one_of(config["sources"]),
    generator=one_of(config["generators"]),
    edit=one_of(config["edits"]),
    dataset=one_of(config["datasets"]),
    net=one_of(config["landmarks"]),
    testset=one_of(config["datasets"]),
    model=one_of(config["models"]),
    shard=r"\d+",
    seed=r"\d+",


def provided(path):
    """Return ``path`` when it is there or will be drawn; otherwise tell every input that is missing, at once."""
    missing = missing_inputs(config)
    if missing and f"  {path}   (" in missing:
        raise WorkflowError(missing)
    return path


def settings_of(table, wildcard, *keys):
    """Return a function that picks these keys of the entry that the wildcard names: what a result depends on."""

    def pick(wildcards):
        entry = config[table][wildcards[wildcard]]
        return {key: entry[key] for key in keys if key in entry}

    return pick


def settings_without(table, wildcard, *keys):
    """Return a function that gives the entry that the wildcard names, without these keys."""

    def pick(wildcards):
        return {key: value for key, value in config[table][wildcards[wildcard]].items() if key not in keys}

    return pick
