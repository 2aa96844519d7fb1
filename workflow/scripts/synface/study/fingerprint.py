"""What a job's result depends on in the code: a hash over its script and the library modules that it imports.

Snakemake sees the text of a script and nothing of what it imports. The fingerprint goes into the rule's parameters
instead, so that editing a library module reruns the rules that use it, while a comment, a docstring, a reformatting, a
touch or a checkout reruns nothing.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

LIBRARY = Path(__file__).resolve().parents[2]
# How a job begins and ends changes no result.
WITHOUT = frozenset({"synface.study.job"})


class Module(NamedTuple):
    """A module as far as results depend on it."""

    source: str  # without comments, docstrings and formatting
    imports: frozenset[str]  # dotted names, those inside functions too


def fingerprint(script: Path | str, library: Path = LIBRARY) -> str:
    """Return 12 hexadecimal digits for a script and the modules in the folder ``library`` behind it."""
    digest = hashlib.sha256()
    for name, path in sorted(modules_behind(script, library).items()):
        digest.update(f"{name}\n{_module(path, name).source}\n".encode())
    return digest.hexdigest()[:12]


def modules_behind(script: Path | str, library: Path = LIBRARY) -> dict[str, Path]:
    """Return every module in the folder ``library`` that ``script`` needs, itself included, by name."""
    found: dict[str, Path] = {}
    waiting = [(Path(script).stem, Path(script))]
    while waiting:
        name, path = waiting.pop()
        if name in found:
            continue
        found[name] = path
        for imported in _module(path, name).imports:
            # Importing a.b.c runs a/__init__.py and a/b/__init__.py too; the last part may be no module but a name.
            parts = imported.split(".")
            for length in range(1, len(parts) + 1):
                module = _module_file(library, tuple(parts[:length]))
                if module is not None and ".".join(parts[:length]) not in WITHOUT:
                    waiting.append((".".join(parts[:length]), module))
    return found


def normalized_source(source: str) -> str:
    """Return ``source`` without comments, docstrings (those below the fields of a class too) and formatting."""
    return _normalize(ast.parse(source))


@cache
def _module(path: Path, name: str) -> Module:
    """Read a module once for all the scripts behind which it stands."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    imports = frozenset(_imports(tree, package))
    return Module(_normalize(tree), imports)


def _normalize(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        for block in ("body", "orelse", "finalbody"):
            statements = getattr(node, block, None)
            if isinstance(statements, list):
                kept = [statement for statement in statements if not _is_text(statement)]
                setattr(node, block, kept or ([ast.Pass()] if statements else []))
    return ast.unparse(tree)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _imports(tree: ast.Module, package: str) -> set[str]:
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [node.module])])
            imported.update(f"{base}.{alias.name}" for alias in node.names)
    return imported


@cache
def _module_file(library: Path, parts: tuple[str, ...]) -> Path | None:
    stem = library.joinpath(*parts)
    for candidate in (stem / "__init__.py", stem.with_suffix(".py")):
        if candidate.is_file():
            return candidate
    return None
