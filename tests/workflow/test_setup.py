"""`make setup` and `make help`, with a Python that writes down what it is asked and installs nothing."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from workflow_study import ROOT

# Answers -c as the version asked for would, makes a .venv whose Python is itself, and notes every pip.
PYTHON = """#!/bin/sh
case "$1 $2" in
"-c "*) exec {real} -c "import sys; sys.version_info = {version}; $2" ;;
"--version ") echo "Python {version}" ;;
"-m venv")
    for last; do :; done
    [ "$3" != --clear ] || rm -rf "$last"
    mkdir -p "$last/bin" && cp "$0" "$last/bin/python"
    echo "$*" >> {notes} ;;
"-m pip")
    echo "$*" >> {notes}
    case "$*" in *broken-index*) exit 1 ;; *" freeze "*) cat {frozen} ;; esac ;;
esac
"""
INHERITED = ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "TORCH_INDEX", "CORES", "PORTRAITS", "LABELLED")
INDEX = "https://wheels.example/cpu"
TORCH = re.findall(r"^torch(?:vision)?==\S+", (ROOT / "requirements.lock").read_text(), flags=re.MULTILINE)


class Checkout:
    def __init__(self, folder: Path) -> None:
        self.folder, self.notes = folder, folder / "notes"
        for name in ("Makefile", "requirements.lock", "requirements-cuda.lock"):
            shutil.copy(ROOT / name, folder / name)
        self.use_python((3, 12, 0))

    def use_python(self, version: tuple[int, ...]) -> None:
        script = self.folder / "python"
        places = {"real": sys.executable, "notes": self.notes, "frozen": self.folder / "frozen"}
        quoted = {name: shlex.quote(str(path)) for name, path in places.items()}
        script.write_text(PYTHON.format(version=version, **quoted))
        script.chmod(0o755)

    def make(self, *arguments: str) -> tuple[int, str, list[str]]:
        """Return the exit status, the output and the new notes, without what is the same in all."""
        self.notes.write_text("")
        command = ["make", *arguments, f"PYTHON={self.folder / 'python'}"]
        # This test may itself run under make, whose variables are not meant here.
        environment = {name: value for name, value in os.environ.items() if name not in INHERITED}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        notes = [
            re.sub(r"^-m (venv|pip install) ?|--(quiet|disable-pip-version-check) ", "", note)
            for note in self.notes.read_text().splitlines()
        ]
        return done.returncode, done.stdout + done.stderr, notes


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


USUAL = "--requirement requirements.lock --constraint requirements-cuda.lock"
OTHER = [f"--no-deps --index-url {INDEX} {' '.join(TORCH)}", "--requirement requirements.lock"]


def test_the_usual_build_has_all_locked_versions_and_is_set_up_once(checkout):
    status, _, notes = checkout.make("setup")
    assert (status, notes) == (0, [".venv", USUAL])
    assert checkout.make("setup")[2] == []


def test_another_index_gives_pytorch_and_nothing_else_and_is_remembered(checkout):
    assert len(TORCH) == 2
    status, _, notes = checkout.make("setup", f"TORCH_INDEX={INDEX}")
    assert (status, notes) == (0, ["--clear .venv", *OTHER])
    assert checkout.make("setup")[2] == []
    (checkout.folder / "requirements.lock").write_text("\n".join([*TORCH, "new==1.0\n"]))
    assert checkout.make("setup")[2] == [".venv", *OTHER]
    # Back to the usual build: the other one would be taken for it.
    assert checkout.make("setup", "TORCH_INDEX=")[2] == ["--clear .venv", USUAL]
    assert checkout.make("setup")[2] == []


def test_an_index_that_does_not_work_is_named_and_not_remembered(checkout):
    status, output, _ = checkout.make("setup", "TORCH_INDEX=broken-index")
    assert status != 0
    assert "PyTorch could not be installed from TORCH_INDEX=broken-index" in output
    assert checkout.make("setup")[2] == [".venv", USUAL]


def test_an_environment_behind_a_link_is_not_emptied(checkout, tmp_path_factory):
    shared = tmp_path_factory.mktemp("shared")
    (shared / "kept").touch()
    (checkout.folder / ".venv").symlink_to(shared)
    status, output, notes = checkout.make("setup", f"TORCH_INDEX={INDEX}")
    assert status != 0
    assert ".venv is a link" in output
    assert notes == []
    assert [path.name for path in shared.iterdir()] == ["kept"]


def test_an_environment_behind_a_link_is_brought_up_to_date(checkout, tmp_path_factory):
    shared = tmp_path_factory.mktemp("shared")
    (checkout.folder / ".venv").symlink_to(shared)
    assert checkout.make("setup")[2] == [str(shared.resolve()), USUAL]
    assert checkout.make("setup")[2] == []


@pytest.mark.parametrize("version", [(3, 10, 14), (3, 14, 0)])
def test_an_unsupported_python_is_told_in_one_sentence(checkout, version):
    checkout.use_python(version)
    status, output, notes = checkout.make("setup")
    assert status != 0
    assert notes == []
    told = [line for line in output.splitlines() if not line.startswith("make: ")]
    assert len(told) == 1
    assert "3.11, 3.12 and 3.13" in told[0]


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 13, 9)])
def test_supported_pythons_are_those_of_the_package(checkout, version):
    checkout.use_python(version)
    assert checkout.make("setup")[0] == 0
    assert 'requires-python = ">=3.11,<3.14"' in (ROOT / "pyproject.toml").read_text()


def test_a_python_that_is_not_there_is_named(checkout):
    (checkout.folder / "python").unlink()
    status, output, _ = checkout.make("setup")
    assert status != 0
    assert f"There is no program {checkout.folder / 'python'}" in output


def test_without_an_nvidia_driver_the_smaller_build_is_mentioned(checkout):
    driver = Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None
    mentioned = "No NVIDIA driver was found" in checkout.make("setup")[1]
    assert mentioned == (sys.platform == "linux" and not driver)
    assert "No NVIDIA driver was found" not in checkout.make("setup", f"TORCH_INDEX={INDEX}")[1]


def test_lock_parts_what_only_the_cuda_build_needs(checkout):
    (checkout.folder / "frozen").write_text("cuda-x==1\nnumpy==2\nnvidia-y==3\ntorch==4\ntriton==5\n")
    assert checkout.make("lock")[0] == 0
    files = [checkout.folder / name for name in ("requirements.lock", "requirements-cuda.lock")]
    pins = [[line for line in file.read_text().splitlines() if not line.startswith("#")] for file in files]
    assert pins == [["numpy==2", "torch==4"], ["cuda-x==1", "nvidia-y==3", "triton==5"]]
    assert all(file.read_text().startswith("# ") for file in files)


def test_lock_refuses_a_build_that_is_not_the_usual_one(checkout):
    (checkout.folder / "frozen").write_text("numpy==2\ntorch==4+cpu\n")
    before = (checkout.folder / "requirements.lock").read_text()
    for arguments in (["lock", f"TORCH_INDEX={INDEX}"], ["lock", "TORCH_INDEX="]):
        status, output, _ = checkout.make(*arguments)
        assert status != 0
        assert "make lock needs PyTorch's CUDA build" in output
    assert (checkout.folder / "requirements.lock").read_text() == before


def test_help_names_every_target_and_every_variable_with_its_default(checkout):
    output = checkout.make("help")[1]
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^\.PHONY: (\S+)", makefile, flags=re.MULTILINE):
        assert re.search(rf"^make {target} +\w", output, flags=re.MULTILINE), target
    variables = dict(re.findall(r"^([A-Z_]+) \?= *(.*)", makefile, flags=re.MULTILINE))
    assert set(variables) >= {"PYTHON", "CORES", "TORCH_INDEX", "PORTRAITS", "LABELLED"}
    for name, value in variables.items():
        default = "" if value.startswith("$(shell") else value
        assert re.search(rf"^{name}={re.escape(default)} +\w", output, flags=re.MULTILINE), name
    assert all(len(line) <= 120 for line in output.splitlines())


def test_the_locks_part_the_cuda_packages_from_the_rest():
    common, cuda = ((ROOT / name).read_text() for name in ("requirements.lock", "requirements-cuda.lock"))
    of_cuda = re.compile(r"^(?:nvidia-|cuda-|triton)", re.MULTILINE)
    assert not of_cuda.search(common)
    pins = [line for line in cuda.splitlines() if not line.startswith("#")]
    assert pins
    assert all(of_cuda.match(pin) and re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
