"""What the results of a study were made of, and which they are: one record for all of them.

It names the configuration, the code, every seed, the user's files, the libraries, the machine, and each result by its
SHA-256. Verifying compares results with it. The images of a dataset are in it by `digest.txt`, which stands for them.
Trained models have records of their own: they may come from another machine.
"""

import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from synface.core.files import atomic_path, digest

SEEDS = ("seed", "seeds", "dataset_seeds")


def write_provenance(
    *,
    record: Path | str,
    results: Iterable[Path | str],
    configuration: Mapping[str, Any],
    code: Mapping[str, str],
    given: Mapping[str, Path | str],
    lists: Mapping[str, Path | str],
    release: str,
) -> None:
    """Write the record of a study.

    Args:
        record: output, JSON; it tells of results by their paths from its folder.
        results: the files it tells of.
        configuration: the whole, defaults filled in.
        code: the fingerprint of every script.
        given: the user's files and folders, by their keys in the configuration.
        lists: of those folders, by the same keys, the result that lists their files, each with its SHA-256.
        release: version and commit of synface.
    """
    folder = Path(record).parent
    names = {os.path.relpath(path, folder): path for path in results}
    facts = {
        "synface": release,
        "code": dict(sorted(code.items())),
        "configuration": dict(configuration),
        "seeds": dict(_seeds("", configuration)),
        "inputs": {
            key: {"files": os.path.relpath(lists[key], folder)} if key in lists else {"path": str(path), **_sum(path)}
            for key, path in given.items()
        },
        "machine": {"system": platform.system(), "processor": platform.machine(), "cpus": os.cpu_count()},
        "libraries": {"python": platform.python_version(), **_libraries()},
        "results": {name: digest(names[name]) for name in sorted(names)},
    }
    with atomic_path(record) as temporary:
        temporary.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _sum(path: Path | str) -> dict[str, str]:
    """Return the SHA-256 of a file; nothing for a folder, whose training has that of its images."""
    return {"sha256": digest(path)} if Path(path).is_file() else {}


def _seeds(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield every seed of a configuration with its key."""
    if isinstance(value, Mapping):
        for name, inside in value.items():
            yield from _seeds(f"{key}.{name}" if key else name, inside)
    elif key.rpartition(".")[2] in SEEDS and value is not None:
        yield key, value


def _libraries() -> dict[str, str]:
    found = {each.metadata["Name"]: each.version for each in distributions()}
    return {name: found[name] for name in sorted(found, key=str.lower)}
