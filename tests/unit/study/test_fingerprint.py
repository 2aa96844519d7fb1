from pathlib import Path

import pytest

from synface.study.fingerprint import fingerprint


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
    before = fingerprint.__wrapped__(script, scripts)
    (scripts / file).write_text(text)
    return fingerprint.__wrapped__(script, scripts) != before


@pytest.mark.parametrize(
    "text",
    [
        "def double(x):\n    # twice\n    return 2 * x\n",
        'def double(x):\n    """Twice."""\n    return (2 * x)\n',
        "\n\ndef double( x ):\n\n    return 2*x\n",
    ],
    ids=["comment", "docstring", "formatting"],
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
