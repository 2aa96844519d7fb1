"""A short chaos in every test run; `make chaos` plays all kinds of rounds."""

import sys

import pytest
from chaos import chaos_study, play
from workflow_study import changed

# Two drawings, a set, and a training: seconds each.
TARGETS = ("results/datasets/Raf/digest.txt", "results/landmarks/narrow/mobilefacenet.safetensors")
ROUNDS = ("SIGKILL to all", "SIGKILL to Snakemake", "two runs at once")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="jobs end with their Snakemake on Linux")
def test_a_study_that_is_struck_again_and_again_ends_as_if_nothing_had_been(tmp_path):
    said: list[str] = []
    study = changed(chaos_study(), "drawings/portraits/count", 24)
    play(tmp_path, ROUNDS, seed=1, study=study, targets=TARGETS, tell=said.append)
    assert said[-1].endswith("equal bit for bit, no temporary left")
