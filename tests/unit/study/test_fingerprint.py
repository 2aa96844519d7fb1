from pathlib import Path

import pytest

from synface.study import fingerprint as module
from synface.study.fingerprint import LIBRARY, fingerprint, modules_behind


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    package = tmp_path / "library"
    package.mkdir()
    (tmp_path / "job.py").write_text("from library.first import act\n\nact(1)\n")
    (tmp_path / "other.py").write_text("import library.unrelated\n")
    (package / "__init__.py").write_text('"""A library."""\n')
    (package / "first.py").write_text("def act(x):\n    from .second import double\n    return double(x)\n")
    (package / "second.py").write_text("def double(x):\n    return 2 * x\n")
    (package / "unrelated.py").write_text("VALUE = 1\n")
    return tmp_path


def changed_by(scripts: Path, script: str, file: str, text: str) -> bool:
    before = fingerprint(scripts / f"{script}.py", scripts)
    (scripts / file).write_text(text)
    module._module.cache_clear()  # a run reads every module once
    return fingerprint(scripts / f"{script}.py", scripts) != before


@pytest.mark.parametrize(
    "text",
    [
        "def double(x):\n    # twice\n    return 2 * x\n",
        'def double(x):\n    """Twice."""\n    return (2 * x)\n',
        "\n\ndef double( x ):\n\n    return 2*x\n",
        'def double(x):\n    return 2 * x\n"""What stands below."""\n',
    ],
    ids=["comment", "docstring", "formatting", "text"],
)
def test_what_changes_no_result_changes_no_fingerprint(scripts, text):
    assert not changed_by(scripts, "job", "library/second.py", text)


def test_code_behind_a_relative_import_inside_a_function_counts(scripts):
    assert changed_by(scripts, "job", "library/second.py", "def double(x):\n    return 3 * x\n")


def test_code_that_is_not_imported_does_not_count(scripts):
    assert not changed_by(scripts, "job", "library/unrelated.py", "VALUE = 2\n")
    assert changed_by(scripts, "other", "library/unrelated.py", "VALUE = 3\n")


def test_the_package_itself_counts(scripts):
    assert changed_by(scripts, "job", "library/__init__.py", "SIDE_EFFECT = True\n")


def rooms_behind(script: str) -> set[str]:
    """Return the packages of our modules behind a script, such as ``synface.poster``."""
    return {".".join(name.split(".")[:2]) for name in modules_behind(LIBRARY / f"{script}.py")}


def test_no_script_depends_on_what_it_does_not_use():
    assert rooms_behind("train_landmarks").isdisjoint({"synface.ganmut", "synface.stages", "synface.report"})
    for script in ("train_landmarks", "train_action_units", "evaluate_model", "train_poster"):
        assert not any(name.split(".")[0] == "drawn" for name in modules_behind(LIBRARY / f"{script}.py"))
    trainings = {f"synface.{network}.training" for network in ("ganmut", "poster", "landmarks", "action_units")}
    for script, own in (
        ("train_landmarks", {"synface.landmarks.training"}),
        ("train_action_units", {"synface.action_units.training"}),
        ("evaluate_model", set()),
    ):
        assert trainings & set(modules_behind(LIBRARY / f"{script}.py")) == own
    assert "synface.training" not in rooms_behind("evaluate_model")


def test_what_needs_no_network_imports_no_torch():
    for script in ("compare", "match_distribution", "blend_faces", "write_report", "draw_faces"):
        for name, path in modules_behind(LIBRARY / f"{script}.py").items():
            assert "import torch" not in path.read_text(), (script, name)


def test_a_module_is_read_once_for_all_scripts(scripts, monkeypatch):
    module._module.cache_clear()
    read = []
    parse = module.ast.parse
    monkeypatch.setattr(module.ast, "parse", lambda text: read.append(text) or parse(text))
    for script in ("job", "other", "job"):
        fingerprint(scripts / f"{script}.py", scripts)
    assert len(read) == len(set(read)) == 6
