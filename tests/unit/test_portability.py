"""The library imports, and writes, on a system that is no POSIX: what Windows lacks is taken away."""

import subprocess
import sys
from pathlib import Path

import synface

SCRIPTS = Path(synface.__file__).parents[1]

# Other packages know how to live without these, and ask once: they are imported before.
IMPORT_ALL = """
import os, pkgutil, sys
import cv2, facenet_pytorch, filelock, jinja2, matplotlib.pyplot, pandas, PIL.Image, pulp, safetensors.torch
import scipy.stats, sklearn.metrics, torchvision, tqdm.auto, yaml
for module in ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"):
    sys.modules[module] = None
for function in ("fork", "getuid", "geteuid", "getgid", "getpgid", "killpg", "setsid", "sched_getaffinity", "uname"):
    delattr(os, function)
names = []
for package in {packages}:
    names += [package, *(module.name for module in pkgutil.walk_packages(__import__(package).__path__, package + "."))]
for name in names:
    __import__(name)
print(len(names))
from pathlib import Path
files = sys.modules[next(name for name in names if name.endswith(".files"))]
with files.atomic_path(Path("written.txt")) as path:
    path.write_text("whole")
"""


def test_no_module_of_the_library_needs_posix(tmp_path):
    packages = sorted(path.parent.name for path in SCRIPTS.glob("*/__init__.py"))
    command = [sys.executable, "-c", IMPORT_ALL.replace("{packages}", str(packages))]
    environment = {"PYTHONPATH": str(SCRIPTS), "PATH": "", "HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "synface" in packages
    assert int(done.stdout) == sum(len(list((SCRIPTS / package).rglob("*.py"))) for package in packages)
    assert (tmp_path / "written.txt").read_text() == "whole"
