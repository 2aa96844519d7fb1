"""The processes that draw: one that is killed is noticed, and none outlives the one that it draws for."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from drawn import dataset
from drawn.dataset import draw_faces
from synface.core.errors import InputError
from synface.core.processes import Process

SCRIPTS = Path(dataset.__file__).resolve().parents[1]
SETTINGS = {"domain": "faces", "layout": "portraits", "seed": 1, "size": 32, "count": 64}

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="one process draws all there")


def test_a_process_that_is_killed_ends_the_drawing_in_one_sentence(tmp_path, monkeypatch):
    write, here = dataset.write_image, os.getpid()

    def writing(folder, file, drawn):
        if "37" in file and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        write(folder, file, drawn)

    monkeypatch.setattr(dataset, "write_image", writing)
    with pytest.raises(InputError, match=r"a process that drew was killed, most likely for want of memory"):
        draw_faces(folder=tmp_path / "faces", settings=SETTINGS, threads=2)
    assert list(tmp_path.iterdir()) == []


def test_none_outlives_the_one_it_draws_for(tmp_path):
    program = f"""
import os, sys, time
sys.path.insert(0, {str(SCRIPTS)!r})
from drawn import dataset

def writing(*arguments):
    os.write(1, b"%d\\n" % os.getpid())
    time.sleep(60)

dataset.write_image = writing
dataset.draw_faces(folder="faces", settings={SETTINGS!r}, threads=2)
"""
    job = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    drawing = {Process.here(int(job.stdout.readline())) for _ in range(2)}
    assert len(drawing) == 2
    job.kill()
    job.wait()
    deadline = time.monotonic() + 20
    while any(process.runs for process in drawing) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(process.runs for process in drawing)


def test_a_job_that_is_stopped_does_not_draw_the_rest_first(tmp_path):
    program = f"""
import os, signal, sys, time
sys.path.insert(0, {str(SCRIPTS)!r})
from drawn import dataset

def writing(*arguments):
    os.write(1, b"face\\n")
    time.sleep(0.1)

def stop(number, frame):
    raise SystemExit(3)

dataset.write_image = writing
signal.signal(signal.SIGTERM, stop)
dataset.draw_faces(folder="faces", settings={SETTINGS | {"count": 640}!r}, threads=2)
"""
    job = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    job.stdout.readline()
    job.terminate()
    assert job.stdout.read().count("face") < 320
    assert job.wait(20) == 3
    assert not list(tmp_path.iterdir())
