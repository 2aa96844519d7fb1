"""Keys given twice in a YAML file."""

import pytest

from synface.core.errors import InputError
from synface.study.repeated_keys import check_repeated_keys


def write(path, text):
    path.write_text(text)
    return path


def test_a_key_given_twice_is_named_with_its_lines(tmp_path):
    file = write(tmp_path / "config.yaml", "models:\n  poster: {lr: 1, epochs: 2, lr: 3}\nmodels: {}\n")
    with pytest.raises(InputError) as caught:
        check_repeated_keys([file])
    lines = str(caught.value).splitlines()
    assert lines == [
        f"models.poster.lr: given twice in {file}, lines 2 and 2; keep one",
        f"models: given twice in {file}, lines 1 and 3; keep one",
    ]


def test_equal_keys_in_different_places_and_merged_ones_are_fine(tmp_path):
    text = "a: &base {lr: 1}\nb: {<<: *base, lr: 2}\nc: [{lr: 1}, {lr: 2}]\n"
    check_repeated_keys([write(tmp_path / "config.yaml", text)])


def test_a_file_that_is_no_yaml_is_left_to_its_reader(tmp_path):
    check_repeated_keys([write(tmp_path / "config.yaml", "a: [\n"), tmp_path / "nowhere.yaml"])
