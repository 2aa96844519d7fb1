"""Linear or Gaussian, told from a file of weights without PyTorch."""

import pytest
import torch

from synface.ganmut.checkpoint import save_generator
from synface.ganmut.generator import GaussianGenerator, LinearGenerator
from synface.study.parametrization import parametrization_of


@pytest.mark.parametrize(("kind", "generator"), [("linear", LinearGenerator), ("gaussian", GaussianGenerator)])
@pytest.mark.parametrize("form", ["safetensors", "zip", "pickle"])
def test_every_form_of_file_tells(tmp_path, kind, generator, form):
    path, network = tmp_path / f"weights.{form}", generator(blocks=1)
    if form == "safetensors":
        save_generator(network, path)
    else:
        torch.save({"state_dict": network.state_dict()}, path, _use_new_zipfile_serialization=form == "zip")
    assert parametrization_of(path) == kind


def test_other_files_tell_nothing(tmp_path):
    (tmp_path / "empty").touch()
    (tmp_path / "other").write_bytes(b"no weights")
    (tmp_path / "both").write_bytes(b"axes.weight mu.weight")
    for name in ("empty", "other", "both", "nowhere"):
        assert parametrization_of(tmp_path / name) is None
