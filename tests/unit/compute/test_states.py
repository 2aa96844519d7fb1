"""The one state that is wanted, out of what scripts wrap around it and put before its keys."""

import numpy as np
import pytest
import torch

from synface.compute.states import find_state
from synface.core.errors import InputError

WEIGHT, OTHER = torch.ones(2), torch.zeros(3)
STATE = {"layer.weight": WEIGHT, "head.bias": OTHER}
MARKS = ("head.bias",)


def prefixed(prefix):
    return {prefix + key: value for key, value in STATE.items()}


@pytest.mark.parametrize(
    "prefix",
    [
        *("", "module.", "model.", "net.", "backbone.", "generator.", "netG.", "_orig_mod.", "module.module."),
        *("model.module.", "_orig_mod.module.", "anything.of.the.users."),
    ],
)
@pytest.mark.parametrize(
    "wrap",
    [
        lambda state: state,
        lambda state: {"state_dict": state, "epoch": 3},
        lambda state: {"model": {"state_dict": state}},
        lambda state: {"a": {"b": {"c": state}}},
        lambda state: {"G": state, "D": {"layer.weight": WEIGHT}},
        lambda state: {"params_ema": state, "optimizer": {"state": {0: {"exp_avg": WEIGHT}}, "param_groups": []}},
        lambda state: {"state_dict": {"layer.weight": WEIGHT}, "ema": state},
        lambda state: {"params": dict(state), "state_dict": state},
        lambda state: {"model": state, "ema": state},
    ],
    ids=[
        "bare",
        "named",
        "nested",
        "deep",
        "beside another",
        "beside an optimizer",
        "preferred",
        "two fit",
        "one twice",
    ],
)
def test_the_state_with_the_mark_is_found(wrap, prefix):
    assert find_state(wrap(prefixed(prefix)), "a.pth", MARKS) == STATE


def test_what_stands_before_some_keys_is_part_of_them():
    state = {"model.head.bias": OTHER, "layer.weight": WEIGHT}
    assert find_state(state, "a.pth", MARKS) == state


def test_a_mark_is_a_whole_key():
    state = {"model.overhead.bias": OTHER}
    assert find_state(state, "a.pth", MARKS) == state


def test_without_the_mark_only_what_pytorch_wraps_is_taken_off():
    assert list(find_state({"module._orig_mod.layer.weight": WEIGHT}, "a.pth", MARKS)) == ["layer.weight"]
    assert list(find_state({"model.layer.weight": WEIGHT}, "a.pth", MARKS)) == ["model.layer.weight"]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ({"params": STATE, "params_ema": dict(STATE)}, r"2 that may be meant \(params, params_ema\)"),
        ({"a": {"b": STATE}, "c": dict(STATE)}, r"2 that may be meant \(c, a\.b\)"),
        ({"epoch": 3, "lr": 0.1}, "a dictionary with epoch, lr, where epoch is no tensor"),
        (
            {"layer.weight": WEIGHT, "head.bias": np.zeros(3)},
            "a dictionary with layer.weight, head.bias, where head.bias is no",
        ),
        ({str(number): {} for number in range(9)}, r"a dictionary with 0, 1, 2, 3 \.\.\.;"),
        ({}, "an empty dictionary"),
        ([STATE], "a list"),
        (WEIGHT, "a Tensor"),
        ({1: STATE}, "a dictionary with 1"),
    ],
)
def test_what_is_there_in_its_place_is_told(content, found):
    message = rf"a\.pth: expected the state dict of one network, .*found {found}.*save that of the one network alone"
    with pytest.raises(InputError, match=message):
        find_state(content, "a.pth", MARKS)


def test_a_dictionary_that_holds_itself_ends():
    content = {"a": 1}
    content["self"] = content
    with pytest.raises(InputError, match="a dictionary with a, self"):
        find_state(content, "a.pth", MARKS)
