"""The description of the configuration, written out: as a JSON schema for editors and the catalog, and as a table.

python -m synface.study.description     # writes both where the repository keeps them (make schema)
"""

import ast
import dataclasses
import inspect
import json
import re
import textwrap
import types
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from synface.settings.keys import REQUIRED, Described, Key, keys_of, plain
from synface.settings.reading import choices_of
from synface.study.config import Configuration

ROOT = Path(__file__).resolve().parents[4]
SCHEMA = ROOT / "workflow/schemas/config.schema.yaml"
GUIDE = ROOT / "config/README.md"
_MARKS = ("<!-- keys: written by `make schema` -->", "<!-- end of keys -->")


@cache
def texts_of(entry: type) -> Mapping[str, str]:
    """Return the text below every field of a class and of those it is derived from, by key."""
    texts: dict[str, str] = {}
    for kind in reversed(entry.__mro__):
        if not dataclasses.is_dataclass(kind):
            continue
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
        body = definition.body
        for field, text in pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr):
                texts[field.target.id.rstrip("_")] = " ".join(str(text.value.value).split())
    return texts


def schema_of(kind: Any, key: Key, definitions: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a type; classes go into ``definitions`` and are referred to."""
    if dataclasses.is_dataclass(kind):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}  # in its place before those that it refers to
            definitions[kind.__name__] = _schema_of_entry(kind, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, Union):
        return {"anyOf": [schema_of(part, key, definitions) for part in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        part = schema_of(arguments[0], key, definitions)
        return {"type": "array", "items": part, "minItems": len(arguments), "maxItems": len(arguments)}
    if origin is list:
        items = schema_of(arguments[0], key, definitions)
        return {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
    if origin is not None:
        table: dict[str, Any] = {"type": "object", "additionalProperties": schema_of(arguments[1], key, definitions)}
        if get_origin(arguments[0]) is Literal:
            table["propertyNames"] = {"enum": list(get_args(arguments[0]))}
        return table
    if kind is type(None):
        return {"type": "null"}
    names = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {"type": names[kind], **_bounds(key)} if kind in (int, float) else {"type": names[kind]}


def _schema_of_entry(kind: type, definitions: dict[str, Any]) -> dict[str, Any]:
    texts, properties = texts_of(kind), {}
    for item in keys_of(kind):
        described = schema_of(item.type, item.key, definitions)
        if item.name in texts:
            described = {"description": texts[item.name], **described}
        if item.default is not REQUIRED:
            described["default"] = plain(item.default)
        properties[item.name] = described
    required = [item.name for item in keys_of(kind) if item.default is REQUIRED]
    entry = {"description": inspect.getdoc(kind).split("\n\n")[0], "type": "object", "additionalProperties": False}
    entry |= {"required": required} if required else {}
    entry["properties"] = properties
    short = getattr(kind, "SHORT", None)
    return {"anyOf": [{"type": "string", "description": f"The same as {{{short}: ...}}."}, entry]} if short else entry


def _bounds(key: Key) -> dict[str, float]:
    words = {
        "minimum": key.least,
        "exclusiveMinimum": key.above,
        "maximum": key.most,
        "exclusiveMaximum": key.below,
        "multipleOf": key.multiple_of,
    }
    return {word: value for word, value in words.items() if value is not None}


def schema() -> dict[str, Any]:
    """Return the JSON schema of the whole configuration."""
    definitions: dict[str, Any] = {}
    whole = _schema_of_entry(Configuration, definitions)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole, "$defs": definitions}


def key_table() -> str:
    """Return a Markdown table of all keys: path, default, what it is, and the stages that a change runs again."""
    rows = {}
    for path, item, text, stages in all_keys(Configuration, "", None):
        default = "required" if item.default is REQUIRED else _code(plain(item.default))
        choices = (
            f" One of {', '.join(_code(choice) for choice in choices_of(item.type))}." if choices_of(item.type) else ""
        )
        reruns = ", ".join(stages or ()) or ("nothing" if ".obtain." in path else "what is made of it")
        rows[path] = f"| `{path}` | {default} | {text}{choices} | {reruns} |"
    return "\n".join(["| key | default | what it is | runs again |", "| --- | --- | --- | --- |", *rows.values()])


def _code(value: Any) -> str:
    return f"`{value}`" if isinstance(value, str) else f"`{json.dumps(value)}`"


def all_keys(
    entry: type, path: str, above: tuple[str, ...] | None
) -> Iterator[tuple[str, Described, str, tuple[str, ...] | None]]:
    """Yield every key with its path, in which a name of the user's is *, its text, and the stages that receive it."""
    texts = texts_of(entry)
    for item in keys_of(entry):
        inside = f"{path}.{item.name}" if path else item.name
        stages = above if item.key.stages is None else item.key.stages
        groups = list(_groups_within(item.type))
        if not groups:
            yield inside, item, texts.get(item.name, ""), stages
        for group, below in groups:
            yield from all_keys(group, inside + below, stages)


def _groups_within(kind: Any) -> Iterator[tuple[type, str]]:
    if dataclasses.is_dataclass(kind):
        yield kind, ""
        return
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (types.UnionType, Union):
        for part in arguments:
            yield from _groups_within(part)
    elif origin is list:
        yield from ((group, f"[]{below}") for group, below in _groups_within(arguments[0]))
    elif origin is not None and origin not in (tuple, Literal):
        yield from ((group, f".*{below}") for group, below in _groups_within(arguments[1]))


def main() -> None:
    """Write the schema and the table of keys."""
    SCHEMA.write_text(schema_text(), encoding="utf-8")
    GUIDE.write_text(guide_with_keys(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


def schema_text() -> str:
    """Return the tracked file of the schema."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """Writes what has nothing nested in one line."""

        def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.Node:
            nested = any(isinstance(value, dict) and "$ref" not in value for value in dict(mapping).values())
            return super().represent_mapping(tag, mapping, flow_style=not nested)

        def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> yaml.Node:
            return super().represent_sequence(tag, sequence, flow_style=True)

        def ignore_aliases(self, data: Any) -> bool:
            return True

    head = "# Written by `make schema` from workflow/scripts/synface/settings/. Change those, not this.\n"
    text = yaml.dump(schema(), Dumper=Dumper, sort_keys=False, allow_unicode=True, width=160)
    return head + text


def guide_with_keys(guide: str) -> str:
    """Return the guide to the configuration with its table of keys as it is now."""
    start, end = _MARKS
    between = re.compile(f"(?<={re.escape(start)}).*(?={re.escape(end)})", re.DOTALL)
    return between.sub(lambda _: f"\n\n{key_table()}\n\n", guide)


if __name__ == "__main__":
    main()
