"""What a file tells of itself is used only if it can be."""

import pytest

from synface.compute.facts import read_fact
from synface.core.errors import InputError


@pytest.mark.parametrize(
    ("value", "kind", "bounds"),
    [
        (128, int, {"least": 4, "most": 4096, "multiple_of": 4}),
        (0.125, float, {"least": 0.1, "most": 1}),
        (1, float, {"least": 0.1, "most": 1}),
        (False, bool, {}),
        ("rgb", str, {"among": ("rgb", "bgr")}),
    ],
)
def test_what_can_be_is_taken(value, kind, bounds):
    assert read_fact({"fact": value}, "fact", kind, name="a", **bounds) is value
    assert read_fact({}, "fact", kind, value, name="a", **bounds) is value


@pytest.mark.parametrize(
    ("value", "kind", "bounds", "message"),
    [
        ("128", int, {}, "says fact is '128'; expected a whole number; write the file again"),
        (128.0, int, {}, "says fact is 128.0; expected a whole number"),
        (True, int, {}, "says fact is True; expected a whole number"),
        (None, int, {}, "says fact is None; expected a whole number"),
        (0, int, {"least": 4, "most": 8}, "says fact is 0; expected a whole number from 4 to 8"),
        (10**9, int, {"least": 4, "most": 8}, "says fact is 1000000000; expected a whole number from 4 to 8"),
        (
            6,
            int,
            {"least": 4, "most": 8, "multiple_of": 4},
            "says fact is 6; expected a whole number from 4 to 8, a multiple of 4",
        ),
        (8, int, {"least": 7, "most": 7}, "says fact is 8; expected 7"),
        (True, float, {}, "says fact is True; expected a number"),
        (float("nan"), float, {"least": 0.1, "most": 1}, "says fact is nan; expected a number from 0.1 to 1"),
        ("no", bool, {}, "says fact is 'no'; expected true or false"),
        (1, bool, {}, "says fact is 1; expected true or false"),
        ("grb", str, {"among": ("rgb", "bgr")}, "says fact is 'grb'; expected one of rgb, bgr"),
        (["rgb"], str, {"among": ("rgb", "bgr")}, r"says fact is \['rgb'\]; expected one of rgb, bgr"),
        ({"a": "\x1b[31m"}, str, {}, r"says fact is {'a': '\\x1b\[31m'}; expected a text"),
    ],
)
def test_what_cannot_be_is_told(value, kind, bounds, message):
    with pytest.raises(InputError, match=rf"^a\.safetensors: {message}"):
        read_fact({"fact": value}, "fact", kind, name="a.safetensors", **bounds)


def test_what_is_missing_is_told():
    with pytest.raises(InputError, match="says fact is none; expected a number"):
        read_fact({}, "fact", float, name="a")
