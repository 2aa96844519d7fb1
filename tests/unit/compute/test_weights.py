"""States out of foreign files, and into networks: what fits is loaded, what does not is named."""

import json
import math
import struct

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from synface.compute.weights import check_fit, load_strictly, read_weights, write_weights
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

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
    def test_any_precision_becomes_that_of_the_network(self, layer, dtype):
        # Eighths: every precision holds them exactly.
        state = {"weight": torch.arange(6).view(2, 3).to(dtype) / 8, "bias": torch.tensor([-0.5, 2.0], dtype=dtype)}
        load_strictly(layer, state, "a.pth")
        assert layer.weight.dtype == torch.float32
        assert layer.weight.tolist() == [[0.0, 0.125, 0.25], [0.375, 0.5, 0.625]]
        assert layer.bias.tolist() == [-0.5, 2.0]

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ({"bias": torch.tensor([1, 2])}, "bias is of type int64; expected floating-point numbers"),
            ({"weight": torch.zeros(2, 3, dtype=torch.int8)}, "weight is of type int8;"),
            ({"weight": torch.zeros(2, 3, dtype=torch.bool)}, "weight is of type bool;"),
            ({"weight": torch.zeros(2, 3, dtype=torch.complex64)}, "weight is of type complex64;"),
            ({"weight": torch.zeros(2, 3, device="meta")}, "weight has no values that are stored one by one"),
            ({"weight": torch.zeros(2, 3).to_sparse()}, "weight has no values that are stored one by one"),
            ({"bias": torch.tensor([math.nan, 1])}, r"bias has values that are NaN or infinite \(1 of 2\); expected"),
            ({"bias": torch.tensor([1, -math.inf])}, r"bias has values that are NaN or infinite \(1 of 2\);"),
            # More than float32 holds.
            (
                {"bias": torch.tensor([1e39, 1], dtype=torch.float64)},
                r"bias has values that are NaN or infinite \(1 of 2\);",
            ),
            (
                {"weight": torch.full((2, 3), math.nan), "bias": torch.tensor([math.inf, 1])},
                r"weight has values that are NaN or infinite \(6 of 6\), and 1 in other tensors;",
            ),
        ],
    )
    def test_values_that_are_none_are_refused(self, layer, change, message):
        before = layer.weight.detach().clone()
        with pytest.raises(InputError, match=rf"^a\.pth: {message}"):
            load_strictly(layer, layer.state_dict() | change, "a.pth")
        assert torch.equal(layer.weight, before)

    def test_counters_are_whole_numbers_and_loaded(self):
        norm = nn.BatchNorm1d(2)
        load_strictly(norm, norm.state_dict() | {"num_batches_tracked": torch.tensor(7, dtype=torch.int32)}, "a.pth")
        assert norm.num_batches_tracked.item() == 7

    def test_a_network_without_memory_is_compared(self):
        with torch.device("meta"):
            huge = nn.Linear(10**6, 10**7)  # 40 TB
            with pytest.raises(InputError, match=r"weight has shape \[2, 3\] instead of \[10000000, 1000000\]"):
                check_fit(huge, {"weight": torch.zeros(2, 3), "bias": torch.zeros(10**7)}, "a.pth")


class TestSafetensors:
    @pytest.fixture
    def path(self, tmp_path):
        return tmp_path / "a.safetensors"

    def test_facts_stand_with_the_state(self, layer, path):
        write_weights(layer, path, "key", {"width": 0.5})
        assert read_weights(path, "key")[1] == {"width": 0.5}
        assert read_weights(path, "other")[1] == {}
        assert torch.equal(read_weights(path)[0]["weight"], layer.weight)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("{", r"its metadata key is no JSON \(Expecting property name"),
            ("[" * 100_000, r"its metadata key is no JSON \(maximum recursion"),
            ("9" * 5000, "its metadata key is"),
            ("[1]", r"its metadata key is \[1\]; expected names and values"),
            ("null", "its metadata key is null; expected names and values"),
        ],
    )
    def test_metadata_that_is_none_is_told(self, layer, path, text, message):
        save_file(layer.state_dict(), path, metadata={"key": text})
        with pytest.raises(InputError, match=rf"a\.safetensors: {message}.*; write the file again"):
            read_weights(path, "key")
        assert list(read_weights(path)[0]) == ["bias", "weight"]

    def test_a_header_that_is_none_is_told(self, path):
        path.write_bytes(struct.pack("<Q", 9) + b"{garbage}" + bytes(20))
        with pytest.raises(InputError, match=r"a damaged safetensors file of 37 bytes \(.*\); download it again"):
            read_weights(path)

    def test_a_shape_larger_than_the_file_is_told(self, path):
        header = json.dumps({"a": {"dtype": "F32", "shape": [10**9, 1000], "data_offsets": [0, 4 * 10**12]}}).encode()
        path.write_bytes(struct.pack("<Q", len(header)) + header + bytes(20))
        with pytest.raises(InputError, match=r"a safetensors file without its end.* \(\d+ bytes\)"):
            read_weights(path)

    def test_a_file_that_is_too_large_is_not_read(self, path):
        header = json.dumps({"a": {"dtype": "U8", "shape": [5 << 30], "data_offsets": [0, 5 << 30]}}).encode()
        with path.open("wb") as file:
            file.write(struct.pack("<Q", len(header)) + header)
            file.truncate(8 + len(header) + (5 << 30))  # sparse: no such disk is needed
        with pytest.raises(InputError, match=r"5\.4 GB of weights; expected at most 4\.3 GB"):
            read_weights(path)
        path.unlink()
