"""Keys that a YAML file gives twice: YAML's readers keep the last one and say nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from synface.core.errors import InputError
from synface.settings.keys import Problem
from synface.settings.reading import message_of


def check_repeated_keys(paths: Iterable[Path | str]) -> None:
    """Raise `InputError`, which names them, for keys that one of the YAML files gives twice in one place."""
    problems = [problem for path in paths for problem in repeated_keys(path)]
    if problems:
        raise InputError(message_of(problems))


def repeated_keys(path: Path | str) -> Iterator[Problem]:
    """Yield every key that is there twice, with its lines; nothing for a file that is no YAML."""
    try:
        root = yaml.compose(Path(path).read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (yaml.YAMLError, OSError, UnicodeDecodeError):
        return  # whoever loads it says what is wrong
    yield from _look(root, "", str(path))


def _look(node: yaml.Node | None, above: str, file: str) -> Iterator[Problem]:
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _look(item, f"{above}[{number}]", file)
    if not isinstance(node, yaml.MappingNode):
        return
    lines: dict[str, int] = {}
    for name, value in node.value:
        path = f"{above}.{name.value}" if above else str(name.value)
        line = name.start_mark.line + 1
        if name.value in lines and name.tag != "tag:yaml.org,2002:merge":
            yield Problem(path, f"given twice in {file}, lines {lines[name.value]} and {line}; keep one")
        lines[name.value] = line
        yield from _look(value, path, file)
