import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from synface.core import errors, logs

SCRIPTS = str(Path(logs.__file__).parents[len(logs.__name__.split(".")) - 1])


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., tuple[str, list[str], list[str]]]:
    """Return a function that runs lines of a job's script; it gives stdout, and the lines of stderr and of the log."""

    def run_job(lines: str, status: int = 0, **environment: str) -> tuple[str, list[str], list[str]]:
        log = tmp_path / "job.log"
        script = tmp_path / "script.py"
        script.write_text(
            f"import logging, warnings\nfrom {logs.__name__} import log_to\nfrom {errors.__name__} import InputError\n"
            f"log_to({str(log)!r})\n{lines}\n",
            encoding="utf-8",
        )
        done = subprocess.run(
            [sys.executable, "-X", "utf8=0", str(script)],
            # A locale that knows no more than ASCII, as where nothing is set.
            env={"PYTHONPATH": SCRIPTS, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PATH": "", **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        return done.stdout, done.stderr.splitlines(), log.read_text(encoding="utf-8").splitlines()

    return run_job


def test_what_a_script_says_is_in_its_log_and_nowhere_else(run):
    out, err, log = run("logging.getLogger('a').info('é: %d faces', 3)\nlogging.debug('nothing')")
    assert (out, err) == ("", [])
    assert len(log) == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO é: 3 faces", log[0])


def test_an_earlier_log_is_written_over(run):
    run("logging.info('first')")
    _, _, log = run("logging.info('second')")
    assert [line.split()[-1] for line in log] == ["second"]


def test_warnings_are_in_the_log(run):
    _, err, log = run("warnings.warn('old')")
    assert err == []
    assert "UserWarning: old" in log[0]


def test_an_input_error_is_one_sentence_the_last_line_of_both(run):
    sentence = "a.csv: no column 'label'; add it"
    _, err, log = run(f'logging.info("started")\nraise InputError("{sentence}")', status=1)
    assert err == [sentence]
    assert log[-1].endswith(f"ERROR {sentence}")
    assert len(log) == 2


def test_any_other_error_leaves_its_traceback_in_both(run):
    _, err, log = run("def fails():\n    return {}['key']\nfails()", status=1)
    for lines in (err, log):
        assert "Traceback (most recent call last):" in lines
        assert lines[-1] == "KeyError: 'key'"
        assert any("in fails" in line for line in lines)


def test_a_slurm_job_says_first_which_job_node_and_gpu(run):
    _, _, log = run("logging.info('work')", SLURM_JOB_ID="4711", CUDA_VISIBLE_DEVICES="2")
    assert re.search(r"INFO SLURM job 4711 on \S+, GPU 2$", log[0])
    _, _, log = run("logging.info('work')", SLURM_JOB_ID="4711")
    assert log[0].endswith("GPU none")
