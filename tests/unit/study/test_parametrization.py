"""Linear or Gaussian, told from a file of weights without PyTorch."""

from pathlib import Path

import pytest
import torch

from synface.ganmut.checkpoint import load_generator, save_generator
from synface.ganmut.generator import GaussianGenerator, LinearGenerator
from synface.settings.generator import BUILT_OF
from synface.study.parametrization import built_of, parametrization_of


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


@pytest.mark.parametrize("built", [{}, {"masked": True, "blocks": 3}, {"channels": 8, "image_size": 64}])
def test_a_file_of_ours_tells_how_its_generator_is_built(tmp_path, built):
    save_generator(GaussianGenerator(**{"channels": 4, "blocks": 1, **built}), tmp_path / "g.safetensors")
    loaded = load_generator(tmp_path / "g.safetensors")
    assert built_of(tmp_path / "g.safetensors") == {name: getattr(loaded, name) for name in BUILT_OF}


def test_the_shipped_generator_tells_it_too():
    shipped = Path(__file__).resolve().parents[3] / "resources/demo/ganmut.safetensors"
    loaded = load_generator(shipped)
    assert built_of(shipped) == {name: getattr(loaded, name) for name in BUILT_OF}


def test_another_file_tells_its_kind_alone(tmp_path):
    torch.save(LinearGenerator(channels=4, blocks=1).state_dict(), tmp_path / "g.ckpt")
    assert built_of(tmp_path / "g.ckpt") == {"parametrization": "linear"}
    (tmp_path / "other").write_bytes(b"no weights")
    assert built_of(tmp_path / "other") == built_of(tmp_path / "nowhere") == {}
