"""How keys are described and read, on a description made for these tests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pytest

from synface.core.errors import InputError
from synface.settings.keys import Interval, Problem, key, plain, references, settings_for
from synface.settings.reading import complete, message_of


@dataclass(frozen=True, kw_only=True)
class Frame:
    STAGE = "framing"
    SHORT = "kind"

    kind: Literal["oak", "steel"] = key("oak")
    width: float = key(0.5, stage=("framing", "hanging"), above=0, most=2)


@dataclass(frozen=True, kw_only=True)
class Picture:
    STAGE = "painting"
    MARK = "motif"

    motif: str = key(stage=())
    from_: str = key("here", stage=())
    colors: int = key(3, least=1, was="colours")
    size: float | Interval = key((1.0, 2.0), least=0)
    turns: Interval = key((0.0, 0.0), ordered=False)
    glossy: bool = key(False)
    title: str | None = key(None)
    frame: Frame = key(Frame)

    def mistakes(self, path):
        if self.glossy and self.colors == 1:
            yield Problem(f"{path}.glossy", "is no good with one color")


@dataclass(frozen=True, kw_only=True)
class Copy:
    MARK = "copy_of"

    copy_of: str = key(names="pictures")
    years: list[int] = key([1900], least=0)


@dataclass(frozen=True, kw_only=True)
class Gallery:
    pictures: Mapping[str, Picture | Copy] = key({})


def picture(**given) -> Picture:
    return complete(Picture, {"motif": "sea", **given}, "p")


def refused(entry: type, given: object) -> str:
    with pytest.raises(InputError) as caught:
        complete(entry, given, "p")
    return str(caught.value)


def test_defaults_fill_in_what_is_not_given():
    assert plain(picture()) == {
        "motif": "sea",
        "from": "here",
        "colors": 3,
        "size": [1.0, 2.0],
        "turns": [0.0, 0.0],
        "glossy": False,
        "title": None,
        "frame": {"kind": "oak", "width": 0.5},
    }


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("colors", "7", 7),  # as the command line gives it
        ("colors", 7.0, 7),
        ("size", "1e-2", 0.01),  # as YAML gives 1e-2
        ("size", 1, 1.0),
        ("size", ["1", 3], (1.0, 3.0)),
        ("turns", [170, -170], (170.0, -170.0)),
        ("glossy", "true", True),
        ("title", "null", None),
        ("frame", "steel", Frame(kind="steel")),
        ("frame", None, Frame()),
    ],
)
def test_values_are_converted_by_the_description(name, given, read):
    value = getattr(picture(**{name: given}), name)
    assert value == read
    assert type(value) is type(read)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"colors": 0}, "p.colors: found 0; expected a whole number at least 1"),
        ({"colors": 2.5}, "p.colors: found 2.5; expected a whole number at least 1"),
        ({"colors": True}, "p.colors: found true (yes, no, on and off are true and false in YAML); expected a whole"),
        ({"colors": float("nan")}, "p.colors: found nan"),
        ({"size": float("inf")}, "p.size: found inf; expected a number at least 0 or [low, high], low first, both at"),
        (
            {"size": [2, 1]},
            "p.size: found [2, 1]; expected a number at least 0 or [low, high], low first",
        ),
        ({"size": [1, 2, 3]}, "p.size: found [1, 2, 3]"),
        ({"turns": [1, "x"]}, "p.turns: found [1, 'x']; expected two numbers"),
        ({"glossy": "maybe"}, "p.glossy: found 'maybe'; expected true or false"),
        ({"title": 5}, "p.title: found 5; expected text or null"),
        ({"title": ""}, "p.title: found ''; expected text or null"),
        ({"frame": "stel"}, "p.frame.kind: found 'stel'; expected one of oak, steel; did you mean 'steel'?"),
        ({"frame": {"widht": 1}}, "p.frame.widht: unknown key; did you mean 'width'?"),
        ({"frame": {"width": 3}}, "p.frame.width: found 3; expected a number above 0 and at most 2"),
        ({"frame": [1]}, "p.frame: found [1]; expected a kind or keys such as kind, width"),
        ({"colours": 2}, "p.colours: is called 'colors'; rename it"),
        ({"motif": None}, "p.motif: found nothing; expected text"),
        ({"glossy": True, "colors": 1}, "p.glossy: is no good with one color"),
    ],
)
def test_a_mistake_is_told_with_path_found_and_expected(given, line):
    assert refused(Picture, {"motif": "sea", **given}).startswith(line)


def test_a_required_key_is_asked_for():
    assert refused(Picture, {}) == "p.motif: missing; expected text"


def test_all_mistakes_are_told_at_once_and_few_lines_are_printed():
    assert len(refused(Picture, {"motif": 1, "colors": 0, "sice": 1}).splitlines()) == 3
    many = [Problem(f"p{number}", "wrong") for number in range(20)]
    lines = message_of(many).splitlines()
    assert len(lines) == 8
    assert lines[-1] == "... and 13 more mistakes like these"


def test_which_kind_of_entry_is_meant_its_mark_tells():
    gallery = complete(Gallery, {"pictures": {"a": {"motif": "sea"}, "b": {"copy_of": "a", "years": ["1901"]}}}, "")
    assert isinstance(gallery.pictures["a"], Picture)
    assert gallery.pictures["b"] == Copy(copy_of="a", years=[1901])
    assert list(references(gallery.pictures["b"], "pictures.b")) == [("pictures.b.copy_of", "a", "pictures")]


@pytest.mark.parametrize(
    ("entry", "line"),
    [
        ({"years": [1]}, "pictures.c: found keys years; expected one of motif, copy_of"),
        (None, "pictures.c: found nothing; expected one of motif, copy_of"),
        (
            {"motif": "sea", "copy_of": "a"},
            "pictures.c: found motif and copy_of together; expected one of motif, copy_of",
        ),
        ({"copy_of": "a", "colors": 2}, "pictures.c.colors: belongs to an entry with 'motif'; this one has 'copy_of'"),
        ({"copy_of": "a", "years": [1, 1]}, "pictures.c.years: names 1 twice; expected every entry once"),
        ({"copy_of": "a", "years": 1}, "pictures.c.years: found 1; expected a list of whole numbers, each at least 0"),
        ({"copy_of": "a", "years": []}, "pictures.c.years: found []"),
    ],
)
def test_an_entry_of_no_kind_or_of_two_is_refused(entry, line):
    with pytest.raises(InputError) as caught:
        complete(Gallery, {"pictures": {"c": entry}}, "")
    assert str(caught.value).startswith(line)


def test_names_are_text():
    with pytest.raises(InputError, match="pictures: found the name 2024, which is no text in YAML; put it in"):
        complete(Gallery, {"pictures": {2024: {"motif": "sea"}}}, "")


def test_a_stage_receives_its_keys_and_no_others():
    whole = picture(colors=2)
    assert set(settings_for(whole, "painting")) == {"colors", "size", "turns", "glossy", "title"}
    assert settings_for(whole, "framing") == {"kind": "oak", "width": 0.5}
    assert settings_for(whole, "hanging") == {"width": 0.5}
    assert settings_for(whole, "selling") == {}
