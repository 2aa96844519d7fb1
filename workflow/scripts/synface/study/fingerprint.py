"""What a job's result depends on in the code: a hash over its script and the library modules that it imports.

Snakemake sees the text of a script and nothing of what it imports. The fingerprint goes into the rule's parameters
instead, so that editing a library module reruns the rules that use it, while a comment, a docstring, a reformatting, a
touch or a checkout reruns nothing.
"""

import ast
import hashlib
from functools import cache
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2]
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def fingerprint(script: str, folder: Path = SCRIPTS) -> str:
    """Return 12 hexadecimal digits for ``{folder}/{script}.py`` and the closure of its imports inside ``folder``."""
    digest = hashlib.sha256()
    for name, path in sorted(_closure(folder / f"{script}.py", folder).items()):
        digest.update(f"{name}\n{normalized_source(path.read_text())}\n".encode())
    return digest.hexdigest()[:12]


def normalized_source(source: str) -> str:
    """Return ``source`` without comments, docstrings and formatting."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def _closure(script: Path, folder: Path) -> dict[str, Path]:
    """Map the name of every module in ``folder`` that ``script`` needs, itself included, to its file."""
    found: dict[str, Path] = {}
    waiting = [(script.stem, script)]
    while waiting:
        name, path = waiting.pop()
        if name in found:
            continue
        found[name] = path
        for imported in _imports(path, name):
            # Importing a.b.c runs a/__init__.py and a/b/__init__.py too; the last part may be no module but a name.
            parts = imported.split(".")
            for length in range(1, len(parts) + 1):
                module = _module_file(folder, parts[:length])
                if module is not None:
                    waiting.append((".".join(parts[:length]), module))
    return found


def _imports(path: Path, name: str) -> set[str]:
    """Return the dotted names that the module imports anywhere, inside functions too."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *filter(None, [node.module])])
            imported.update(f"{base}.{alias.name}" for alias in node.names)
    return imported


def _module_file(folder: Path, parts: list[str]) -> Path | None:
    stem = folder.joinpath(*parts)
    for candidate in (stem / "__init__.py", stem.with_suffix(".py")):
        if candidate.is_file():
            return candidate
    return None
