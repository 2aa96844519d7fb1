"""How many portraits a source holds."""

import zipfile

import pytest

from synface.study.portraits import count_portraits


@pytest.fixture(autouse=True)
def nothing_counted(monkeypatch):
    monkeypatch.setenv("SYNFACE_PORTRAITS", "{}")


def test_files_of_a_folder_are_counted_at_any_depth(tmp_path):
    for name in ("1.png", "a/2.png", "a/b/3.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert count_portraits(tmp_path) == 3


def test_members_of_a_zip_file_are_counted(tmp_path):
    with zipfile.ZipFile(tmp_path / "portraits.zip", "w") as archive:
        for number in range(4):
            archive.writestr(f"{number}.png", b"")
    assert count_portraits(tmp_path / "portraits.zip") == 4


def test_nothing_there_counts_as_none(tmp_path):
    assert count_portraits(tmp_path / "nowhere") == 0


def test_a_run_counts_once_whatever_comes_later(tmp_path):
    (tmp_path / "1.png").touch()
    assert count_portraits(tmp_path) == 1
    (tmp_path / "2.png").touch()
    assert count_portraits(tmp_path) == 1
