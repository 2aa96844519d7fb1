import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from synface.core.processes import Process, end_with, this_host

SCRIPTS = Path(__file__).resolve().parents[3] / "workflow/scripts"
linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")


@pytest.fixture
def other():
    """Another process, which ends when it is told to."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield child
    child.kill()
    child.communicate()


def test_a_process_is_told_by_its_text():
    assert Process.read(str(Process.here())) == Process.here()
    assert Process.read("12~345~node~1") == Process("node~1", 12, "345")
    # It becomes a part of file names, on any disk.
    assert not set(str(Process("node", 12, "345"))) & set(r'\/:*?"<>|')


def test_it_runs_until_it_has_ended(other):
    process = Process.here(other.pid)
    assert process.runs is True
    other.kill()
    deadline = time.monotonic() + 10
    while process.runs and time.monotonic() < deadline:  # nobody has asked for its status: a zombie
        time.sleep(0.01)
    assert process.runs is False


@linux
def test_another_process_of_the_same_number_is_another(other):
    assert Process.here(other.pid)._replace(started="1").runs is False


def test_of_another_host_nothing_is_known():
    assert Process("elsewhere", os.getpid(), "1").runs is None


@linux
def test_in_a_container_the_numbers_are_others(monkeypatch):
    """A process there has a number that here is another's, or nobody's."""
    here = Process.here()
    monkeypatch.setattr(Path, "readlink", lambda path: Path("pid:[4026531999]"))
    assert this_host() == f"{socket.gethostname()}+4026531999"
    assert here.runs is None


def test_what_ends_with_a_process_is_told_at_once(other):
    ended = threading.Event()
    end_with(Process.here(other.pid), end=ended.set)
    assert not ended.wait(0.2)
    other.kill()
    assert ended.wait(10)


def test_a_process_that_has_ended_before_counts(other):
    process = Process.here(other.pid)
    other.kill()
    other.wait()
    ended = threading.Event()
    end_with(process, end=ended.set)
    assert ended.wait(10)


def test_an_orphan_runs_what_its_end_demands(other, tmp_path):
    """SIGTERM comes first: the orphan may save what it has."""
    program = f"""
import signal, sys, time
sys.path.insert(0, {str(SCRIPTS)!r})
from synface.core.processes import Process, end_with, this_host

def save(number, frame):
    open("saved", "w").close()
    sys.exit(128 + number)

signal.signal(signal.SIGTERM, save)
end_with(Process.read({str(Process.here(other.pid))!r}))
print("begun", flush=True)
time.sleep(60)
"""
    orphan = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert orphan.stdout.readline() == "begun\n"
    other.kill()
    assert orphan.wait(20) == 128 + signal.SIGTERM
    assert (tmp_path / "saved").exists()
