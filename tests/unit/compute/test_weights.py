"""States out of foreign files, and into networks: what fits is loaded, what does not is named."""

import pytest
import torch
from torch import nn

from synface.compute.weights import load_strictly, read_weights
from synface.core.errors import InputError


@pytest.fixture
def layer():
    torch.manual_seed(3)
    return nn.Linear(3, 2)


def prefixed(state):
    return {f"module.{key}": value for key, value in state.items()}


@pytest.mark.parametrize("wrapper", [None, "state_dict", "model_state_dict", "network"])
@pytest.mark.parametrize("prefix", [False, True])
def test_wrapper_and_prefix_are_taken_off(layer, tmp_path, wrapper, prefix):
    state = prefixed(layer.state_dict()) if prefix else layer.state_dict()
    torch.save({wrapper: state, "epoch": 3} if wrapper else state, tmp_path / "layer.pth")
    assert list(read_weights(tmp_path / "layer.pth")[0]) == ["weight", "bias"]


def test_a_prefix_that_not_all_keys_have_is_part_of_their_names(tmp_path):
    torch.save({"module.weight": torch.zeros(1), "bias": torch.zeros(1)}, tmp_path / "mixed.pth")
    assert list(read_weights(tmp_path / "mixed.pth")[0]) == ["module.weight", "bias"]


class TestSeveralStates:
    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "several.pth"

    def test_the_usual_name_is_preferred(self, layer, path):
        torch.save({"average": {"other": torch.zeros(1)}, "state_dict": layer.state_dict()}, path)
        assert list(read_weights(path)[0]) == ["weight", "bias"]

    def test_the_mark_tells_which(self, layer, path):
        torch.save({"G": layer.state_dict(), "D": {"head.scale": torch.zeros(1)}}, path)
        assert list(read_weights(path, marks=("head.scale",))[0]) == ["head.scale"]

    @pytest.mark.parametrize("marks", [(), ("weight", "head.scale")])
    def test_without_a_difference_none_is_taken(self, layer, path, marks):
        torch.save({"G": layer.state_dict(), "D": {"head.scale": torch.zeros(1)}}, path)
        with pytest.raises(InputError, match=r"several\.pth: expected the state dict of one network"):
            read_weights(path, marks=marks)


class TestStrictness:
    @pytest.mark.parametrize(
        ("change", "message"),
        [
            (lambda state: state.pop("bias"), r"a\.pth: does not fit Linear: missing bias;"),
            (lambda state: state.update(extra=torch.zeros(1)), r"surplus extra;"),
            (lambda state: state.update(bias=torch.zeros(3)), r"bias has shape \[3\] instead of \[2\];"),
            (lambda state: state.update({str(i): torch.zeros(1) for i in range(7)}), r"surplus 4 and 2 more;"),
        ],
        ids=["missing", "surplus", "shape", "many"],
    )
    def test_what_does_not_fit_is_named(self, layer, change, message):
        state = dict(layer.state_dict())
        change(state)
        with pytest.raises(InputError, match=message):
            load_strictly(layer, state, "a.pth")

    def test_optional_keys_may_lack_or_be_too_many(self, layer):
        before = layer.bias.detach().clone()
        load_strictly(
            layer, {"weight": torch.ones(2, 3), "old.counter": torch.zeros(1)}, "a.pth", optional=("bias", "counter")
        )
        assert torch.equal(layer.weight, torch.ones(2, 3))
        assert torch.equal(layer.bias, before)
