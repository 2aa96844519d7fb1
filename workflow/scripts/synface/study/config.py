"""The configuration is the experiment: tables of named things that refer to each other.

The JSON schema checks each value and fills in defaults; here is what a schema cannot say: that every name referred to
exists, that nothing is made from itself, and that an edit fits its generator. All functions take the configuration as
Snakemake holds it, a dictionary of dictionaries.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from synface.core.errors import InputError

Config = dict[str, Any]


def write_out(config: Config) -> None:
    """Write the short forms out, in place, before the schema fills in defaults.

    A merged part may be a bare name; ``color`` and ``blend`` may be a bare method.
    """
    for entry in (config.get("datasets") or {}).values():
        if not isinstance(entry, dict):
            continue  # the schema says what is wrong with it
        if isinstance(entry.get("merge"), list):
            entry["merge"] = [{"dataset": part} if isinstance(part, str) else part for part in entry["merge"]]
        synthetic = entry.get("synthetic")
        for key in ("color", "blend"):
            if isinstance(synthetic, dict) and isinstance(synthetic.get(key), str):
                synthetic[key] = {"method": synthetic[key]}


def check(config: Config) -> None:
    """Check ``config``, complete with its defaults, as a whole; `InputError` names the key at fault."""
    for name in config["datasets"]:
        _check_name(name, "datasets")
    for table in ("drawings", "sources", "generators", "edits", "landmarks", "models"):
        for name in config[table]:
            _check_name(name, table)
    for where, name, table in _references(config):
        _check_reference(where, name, table, config[table])
    for name, dataset in config["datasets"].items():
        if "synthetic" in dataset and "natural" not in config["datasets"][dataset["synthetic"]["like"]]:
            raise InputError(
                f"datasets.{name}.synthetic.like: {dataset['synthetic']['like']!r} is not a natural dataset; "
                "the class counts to match come from a natural one"
            )
        _check_merge(name, config["datasets"], above=())
    for name, generator in config["generators"].items():
        if "train_on" in generator:
            _check_trainable(f"generators.{name}.train_on", generator["train_on"], config["datasets"])


def sort_keys(config: Config) -> None:
    """Bring the keys within every named entry into one order, in place.

    Snakemake compares a rule's parameters as text; two lines that changed places shall rerun nothing.
    """
    for table in config.values():
        for name, entry in table.items():
            table[name] = _sorted(entry)


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def external_inputs(config: Config) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Yield (config key, path, obtain) for every file or folder that the user provides."""
    for table, key in (("sources", "images"), ("generators", "checkpoint"), ("landmarks", "train_on")):
        for name, entry in config[table].items():
            if key in entry:
                yield f"{table}.{name}.{key}", entry[key], entry.get("obtain", {})
    for name, entry in config["datasets"].items():
        if "natural" not in entry:
            continue
        natural = entry["natural"]
        yield f"datasets.{name}.natural.path", natural["path"], natural.get("obtain", {})
    for name, model in config["models"].items():
        for part, weights in model["pretrained"].items():
            if weights:
                yield f"models.{name}.pretrained.{part}", weights, model.get("obtain", {})


def missing_inputs(config: Config) -> str:
    """Return one message that lists every input not found: what, where it goes, where from, which license; or ''."""
    lines: list[str] = []
    named_paths: set[str] = set()
    for key, path, obtain in external_inputs(config):
        if path in named_paths or _is_made(path, config) or Path(path).exists():
            continue
        named_paths.add(path)
        lines.append(f"  {path}   ({key})")
        lines.append(f"      from:    {obtain.get('from', 'you: the configuration does not say')}")
        lines.append(f"      license: {obtain.get('license', 'the configuration does not say')}")
    if not lines:
        return ""
    head = "These inputs are missing. Put each where the configuration says (a link will do), or change the key:"
    return "\n".join([head, *lines, "Nothing at hand? `make demo` runs a whole study on drawn faces."])


def _is_made(path: str, config: Config) -> bool:
    """Say whether the workflow itself makes what lies at ``path``: a drawing, or a landmark network."""
    drawn = {f"results/drawings/{name}" for name in config["drawings"]}
    trained = {f"results/landmarks/{name}/mobilefacenet.safetensors" for name in config["landmarks"]}
    return path in drawn | trained


def _references(config: Config) -> Iterator[tuple[str, str, str]]:
    """Yield (config key, name, table) for every place where one entry names another."""
    for name, generator in config["generators"].items():
        if "train_on" in generator:
            yield f"generators.{name}.train_on", generator["train_on"], "datasets"
    for name, edit in config["edits"].items():
        yield f"edits.{name}.source", edit["source"], "sources"
        yield f"edits.{name}.generator", edit["generator"], "generators"
    for name, dataset in config["datasets"].items():
        if "synthetic" in dataset:
            yield f"datasets.{name}.synthetic.edit", dataset["synthetic"]["edit"], "edits"
            yield f"datasets.{name}.synthetic.like", dataset["synthetic"]["like"], "datasets"
        for part in dataset.get("merge", []):
            yield f"datasets.{name}.merge", part["dataset"], "datasets"
    for name, experiment in config["experiments"].items():
        for key, table in (("models", "models"), ("train_on", "datasets"), ("test_on", "datasets")):
            for entry in experiment[key]:
                yield f"experiments.{name}.{key}", entry, table


def _check_reference(where: str, name: str, table: str, known: Iterable[str]) -> None:
    if name in known:
        return
    close = difflib.get_close_matches(name, list(known), n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known) or 'none'}"
    raise InputError(f"{where}: no {name!r} in `{table}`; {hint}")


def _check_name(name: str, table: str) -> None:
    """Names become folders and wildcards, so they hold no slash, space or leading dot."""
    if not name or not all(letter.isalnum() or letter in "-_." for letter in name) or name.startswith("."):
        raise InputError(f"{table}: the name {name!r} must consist of letters, digits, '-', '_' and '.'")


def _check_merge(name: str, datasets: Mapping[str, Any], above: tuple[str, ...]) -> None:
    if name in above:
        raise InputError(f"datasets.{name}.merge: made from itself ({' <- '.join([*above, name])})")
    for part in datasets[name].get("merge", []):
        _check_merge(part["dataset"], datasets, (*above, name))


def _check_trainable(where: str, name: str, datasets: Mapping[str, Any]) -> None:
    """A generator trained on what it generated would be a cycle; keep it to natural sets."""
    if "natural" not in datasets[name]:
        raise InputError(f"{where}: {name!r} is not a natural dataset; a generator is trained on natural ones")
