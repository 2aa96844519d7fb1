"""Which room may import which, told from the source alone."""

import ast
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "workflow/scripts"
TESTS = Path(__file__).resolve().parent
# The room of a module is its package; what stands on the right may be imported by what stands on the left.
ROOMS = {
    "core": set(),
    "settings": {"core"},
    "study": {"core", "settings"},
    "compute": {"core"},
    "faces": {"core"},
    "dataset": {"core", "faces"},
    "training": {"core", "compute"},
    "ganmut": {"core", "compute", "dataset", "faces", "settings", "training"},
    "poster": {"core", "compute", "dataset", "settings", "training"},
    "landmarks": {"core", "compute", "faces", "poster", "settings", "training"},
    "action_units": {"core", "compute", "landmarks", "poster", "settings", "training"},
    "judges": {"core", "compute", "evaluate", "faces", "poster", "settings"},
    "stages": {"core", "compute", "dataset", "faces", "ganmut", "judges", "poster", "settings"},
    "evaluate": {"core", "settings"},
    "report": {"core", "evaluate", "faces", "judges", "stages"},
    "atlas": {"core", "compute", "faces", "ganmut", "judges", "report", "stages"},
    "adaptation": {"core", "faces", "report", "stages"},
}


def imported_by(path: Path) -> set[str]:
    """Return the dotted names that a file imports from our packages, inside functions too."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names.add(node.module)
    return {name for name in names if name.split(".")[0] in ("synface", "drawn")}


def modules(package: str) -> list[Path]:
    return sorted((SCRIPTS / package).rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(SCRIPTS / "synface").parts[0]


def test_every_room_imports_only_what_it_may():
    for path in modules("synface"):
        if path.parent == SCRIPTS / "synface":
            continue
        rooms = {name.split(".")[1] for name in imported_by(path) if "." in name}
        assert rooms <= ROOMS[room_of(path)] | {room_of(path)}, path


def test_no_circle_runs_through_the_rooms():
    waiting = dict(ROOMS)
    while waiting:
        free = [room for room, needed in waiting.items() if not needed & set(waiting)]
        assert free, f"a circle through {sorted(waiting)}"
        for room in free:
            del waiting[room]


def test_the_library_knows_nothing_of_the_laboratory():
    for path in modules("synface"):
        assert not any(name.split(".")[0] == "drawn" for name in imported_by(path)), path


def test_packages_import_nothing_by_themselves():
    for path in SCRIPTS.rglob("__init__.py"):
        # synface says its version; Snakemake takes a plugin's handler from the package itself.
        if path.parent.name not in ("synface", "snakemake_logger_plugin_synface"):
            assert not imported_by(path), path
