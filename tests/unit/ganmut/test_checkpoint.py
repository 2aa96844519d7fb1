import json
import math
import pickle

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from synface.compute.weights import read_weights, write_weights
from synface.core.emotions import Emotion
from synface.core.errors import InputError
from synface.ganmut.checkpoint import METADATA_KEY, load_generator, save_generator
from synface.ganmut.gamut import gamut, import_generator
from synface.ganmut.generator import GaussianGenerator, LinearGenerator

KINDS = {"linear": LinearGenerator, "gaussian": GaussianGenerator}


@pytest.fixture(params=KINDS)
def generator(request):
    torch.manual_seed(3)
    return KINDS[request.param](channels=4, blocks=2, image_size=32)


@pytest.fixture
def linear():
    torch.manual_seed(3)
    return LinearGenerator(channels=4, blocks=2, image_size=32)


def same(one, other):
    return all(torch.equal(value, other.state_dict()[key]) for key, value in one.state_dict().items())


@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {f"module.{key}": value for key, value in state.items()},
        lambda state: {"state_dict": state, "epoch": 7},
        lambda state: {
            "G": {f"module.{key}": value for key, value in state.items()},
            "D": {"main.0.weight": state["main.0.weight"]},
        },
        lambda state: {key: value for key, value in state.items() if not key.endswith("num_batches_tracked")},
        lambda state: {"generator": state, "iter": np.int64(1_000_000)},
        lambda state: {"model": {"state_dict": {f"netG._orig_mod.{key}": value for key, value in state.items()}}},
        lambda state: {key: value.double() for key, value in state.items()},
    ],
    ids=["bare", "module", "wrapped", "wrapped beside another", "without counters", "numpy", "deep", "double"],
)
def test_published_checkpoint(tmp_path, generator, wrap):
    torch.save(wrap(generator.state_dict()), tmp_path / "1000-G.ckpt")
    loaded = load_generator(tmp_path / "1000-G.ckpt")
    assert type(loaded) is type(generator)
    assert (loaded.channels, loaded.blocks, loaded.training) == (4, 2, False)
    assert same(generator, loaded)


def test_own_file_round_trip(tmp_path, generator):
    save_generator(generator, tmp_path / "generator.safetensors", {"note": "kept"})
    loaded = load_generator(tmp_path / "generator.safetensors")
    assert type(loaded) is type(generator)
    assert loaded.image_size == 32
    assert same(generator, loaded)
    assert read_weights(tmp_path / "generator.safetensors", METADATA_KEY)[1]["note"] == "kept"


@pytest.mark.parametrize("masked", [False, True])
def test_own_file_says_whether_it_is_masked(tmp_path, masked):
    save_generator(LinearGenerator(channels=4, blocks=2, image_size=32, masked=masked), tmp_path / "g.safetensors")
    loaded = load_generator(tmp_path / "g.safetensors")
    assert (loaded.masked, loaded.patch_size) == (masked, 128 if masked else 32)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("main.4.bias"), r"bad\.ckpt: .*missing main\.4\.bias"),
        (lambda state: state.pop("main.10.main.1.running_mean"), r"missing main\.10\.main\.1\.running_mean"),
        (lambda state: state.update({"main.99.weight": torch.zeros(1)}), r"surplus main\.99\.weight"),
        (lambda state: state.update({"main.3.weight": torch.zeros(8, 4, 3, 3)}), r"shape \[8, 4, 3, 3\] instead of"),
        (lambda state: state.update({"main.0.weight": torch.zeros(4, 6, 7, 7)}), r"two-dimensional"),
        (lambda state: state.pop("axes.weight"), r"no GANmut generator"),
        (lambda state: state.clear(), r"expected the state dict of one network"),
    ],
    ids=["missing", "missing buffer", "surplus", "shape", "3d", "no emotions", "empty"],
)
def test_what_does_not_fit_is_named(tmp_path, linear, change, message):
    state = dict(linear.state_dict())
    change(state)
    torch.save(state, tmp_path / "bad.ckpt")
    with pytest.raises(InputError, match=message):
        load_generator(tmp_path / "bad.ckpt")


@pytest.mark.parametrize("name", ["g.ckpt", "g.safetensors"])
@pytest.mark.parametrize("form", ["own", "published"])
def test_the_suffix_does_not_matter(tmp_path, linear, name, form):
    if form == "own":
        save_generator(linear, tmp_path / "own.safetensors")
        (tmp_path / "own.safetensors").rename(tmp_path / name)
    else:
        torch.save(linear.state_dict(), tmp_path / name)
    loaded = load_generator(tmp_path / name)
    assert same(linear, loaded)
    assert loaded.image_size == (32 if form == "own" else 128)


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"image_size": 0}, "says image_size is 0; expected a whole number from 4 to 4096, a multiple of 4"),
        ({"image_size": 10**9}, "says image_size is 1000000000; expected a whole number"),
        ({"image_size": "128"}, "says image_size is '128'; expected a whole number"),
        ({"image_size": 30}, "says image_size is 30; expected .* a multiple of 4"),
        ({"masked": "no"}, "says masked is 'no'; expected true or false"),
        ({"masked": True}, r"does not fit LinearGenerator: main\.\d+\.weight has shape \[3, 4, 7, 7\] instead of \[4,"),
        ([128], r"its metadata ganmut is \[128\]; expected names and values"),
    ],
)
def test_facts_that_cannot_be_are_told(tmp_path, linear, facts, message):
    write_weights(linear, tmp_path / "g.safetensors", METADATA_KEY, facts)
    with pytest.raises(InputError, match=rf"g\.safetensors: {message}"):
        load_generator(tmp_path / "g.safetensors")


def test_a_first_layer_that_would_need_a_terabyte_is_told(tmp_path, linear):
    state = linear.state_dict() | {"main.0.weight": torch.zeros(1).expand(100_000, 5, 7, 7)}
    torch.save(state, tmp_path / "wide.ckpt")
    with pytest.raises(InputError, match=r"main\.1\.weight has shape \[4\] instead of \[100000\]"):
        load_generator(tmp_path / "wide.ckpt")


def test_weights_that_are_not_finite_are_told(tmp_path, linear):
    linear.axes.weight.data[2, 1] = math.inf
    save_generator(linear, tmp_path / "g.safetensors")
    with pytest.raises(InputError, match=r"axes\.weight has values that are NaN or infinite \(1 of 12\)"):
        load_generator(tmp_path / "g.safetensors")


def test_unreadable_files(tmp_path):
    for name in ("text.ckpt", "text.safetensors"):
        (tmp_path / name).write_text("no checkpoint")
        with pytest.raises(InputError, match=rf'{name}: no weights, but a text that begins "no checkpoint"'):
            load_generator(tmp_path / name)
    with pytest.raises(InputError, match="no such weights file"):
        load_generator(tmp_path / "absent.ckpt")


def test_nothing_in_a_checkpoint_is_executed(tmp_path):
    class Evil:
        def __reduce__(self):
            return (print, ("executed",))

    torch.save({"axes.weight": Evil()}, tmp_path / "evil.ckpt")
    (tmp_path / "evil.pkl").write_bytes(pickle.dumps(Evil()))
    for name in ("evil.ckpt", "evil.pkl"):
        with pytest.raises(InputError, match="pickled code is not run"):
            load_generator(tmp_path / name)


class TestGamut:
    def test_linear_angles(self, linear):
        # Rows of GANmut: happy, sad, surprise, fear, disgust, anger.
        degrees = [7.3, -178.4, 97.8, 133.3, -135.5, 180.0]
        axes = [[2 * math.cos(math.radians(d)), 2 * math.sin(math.radians(d))] for d in degrees]
        axes[5] = [-1.0, -0.0]
        linear.axes.weight.data = torch.tensor(axes)
        classes = gamut(linear)["classes"]
        wanted = {"happiness": 7.3, "sadness": -178.4, "surprise": 97.8, "fear": 133.3, "disgust": -135.5, "anger": 180}
        assert classes.keys() == wanted.keys()
        for label, degree in wanted.items():
            assert math.degrees(classes[label]["theta"]) == pytest.approx(degree, abs=1e-3)

    def test_gaussian_means_and_covariances(self):
        generator = GaussianGenerator(channels=4, blocks=1)
        generator.mu.weight.data = torch.arange(14.0).reshape(7, 2) / 10
        generator.covariance_axes.weight.data[4] = torch.tensor([-4.0, 1.0])
        generator.covariance_angles.weight.data[0, 4] = math.pi / 2
        classes = gamut(generator)["classes"]
        assert classes["fear"]["mean"] == pytest.approx([math.tanh(0.8), math.tanh(0.9)])
        # The long axis turned by a right angle.
        np.testing.assert_allclose(classes["fear"]["covariance"], [[1, 0], [0, 4]], atol=1e-6)
        assert list(classes) == [emotion.label for emotion in Emotion]

    def test_import(self, tmp_path, generator):
        torch.save(generator.state_dict(), tmp_path / "5-G.ckpt")
        written = tmp_path / "out" / "generator.safetensors", tmp_path / "out" / "gamut.json"
        import_generator(checkpoint=tmp_path / "5-G.ckpt", generator=written[0], gamut=written[1])
        assert same(generator, load_generator(written[0]))
        facts = json.loads(written[1].read_text())
        assert facts == gamut(load_generator(written[0]))
        assert (facts["parametrization"], facts["image_size"]) == (generator.parametrization, 128)

    def test_safetensors_of_another_network(self, tmp_path):
        save_file({"weight": torch.zeros(2)}, tmp_path / "other.safetensors")
        with pytest.raises(InputError, match="no GANmut generator"):
            load_generator(tmp_path / "other.safetensors")
