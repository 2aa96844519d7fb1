"""`pip install .`: what is in the package, what it asks for, and the version that all places say."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from workflow_study import ROOT

import synface

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
SCRIPTS = ROOT / "workflow/scripts"
LOCK = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE))
LOCKED = {canonicalize_name(name): version for name, version in LOCK.items()}
# Packages whose modules have another name.
PACKAGE_OF = {
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "ot": "pot",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}
OPTIONAL = PROJECT["optional-dependencies"]


def test_all_places_say_the_same_version():
    assert synface.__version__ == PROJECT["version"]
    assert str(yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"]) == PROJECT["version"]
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    released = [heading for heading in headings if heading != "Unreleased"]
    assert released[0] == PROJECT["version"]
    assert "Unreleased" not in headings[1:]


def installed(folder: Path, version: str) -> Path:
    """Lay synface's own module out as pip would, and return the folder to import it from."""
    packages = folder / "lib/python3/site-packages"
    (packages / "synface").mkdir(parents=True)
    (packages / "synface/__init__.py").write_text((SCRIPTS / "synface/__init__.py").read_text())
    (packages / f"synface-{version}.dist-info").mkdir()
    metadata = f"Metadata-Version: 2.1\nName: synface\nVersion: {version}\n"
    (packages / f"synface-{version}.dist-info/METADATA").write_text(metadata)
    return packages


def version_from(folder: Path, *, beside: Path | None = None) -> str:
    command = [sys.executable, "-c", "import synface; print(synface.__version__)"]
    path = os.pathsep.join(str(place) for place in (folder, beside) if place is not None)
    environment = {"PYTHONPATH": path}
    done = subprocess.run(command, env=environment, cwd="/", capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_an_installation_says_the_version_that_was_installed(tmp_path):
    packages = installed(tmp_path, "7.8.9")
    assert version_from(packages) == "7.8.9"
    (tmp_path / "lib/pyproject.toml").write_text('[project]\nname = "another"\nversion = "1"\n')
    assert version_from(packages) == "7.8.9"


def test_a_checkout_says_its_own_version_whatever_is_installed(tmp_path):
    assert version_from(SCRIPTS, beside=installed(tmp_path, "7.8.9")) == PROJECT["version"]


def test_other_attributes_are_missing_as_usual():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        synface.nothing  # noqa: B018


def test_the_package_holds_python_and_its_mark_of_being_typed_and_no_more():
    settings = PYPROJECT["tool"]["setuptools"]
    assert settings["packages"]["find"]["where"] == ["workflow/scripts"]
    assert "py.typed" in settings["package-data"]["*"]
    for package in sorted(path.parent for path in SCRIPTS.glob("*/__init__.py")):
        assert any(Path(package.name).match(pattern) for pattern in settings["packages"]["find"]["include"])
        for path in package.rglob("*"):
            if path.is_dir():
                assert path.name == "__pycache__" or (path / "__init__.py").is_file(), path
            elif path.parent.name != "__pycache__":
                assert path.suffix == ".py" or path.name == "py.typed", path
                assert not re.match(r"test_|conftest", path.name), path
    assert (SCRIPTS / "synface/py.typed").is_file()


@pytest.mark.parametrize("extra", ["", *OPTIONAL])
def test_every_requirement_has_a_lower_bound_and_the_lock_keeps_to_it(extra):
    for line in OPTIONAL[extra] if extra else PROJECT["dependencies"]:
        requirement = Requirement(line)
        assert any(part.operator == ">=" for part in requirement.specifier), line
        locked = LOCKED.get(canonicalize_name(requirement.name))
        assert locked is not None or extra == "tensorboard", line
        assert locked is None or requirement.specifier.contains(locked), line


def test_what_the_library_imports_is_required():
    imported = set()
    for path in (SCRIPTS / "synface").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(node.module.split(".")[0])
    foreign = {PACKAGE_OF.get(name, name) for name in imported - sys.stdlib_module_names - {"synface"}}
    required = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    optional = {canonicalize_name(Requirement(line).name) for line in OPTIONAL["tensorboard"]}
    assert "torch" in foreign
    assert {canonicalize_name(name) for name in foreign} - optional <= required
