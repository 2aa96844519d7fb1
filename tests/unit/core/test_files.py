import errno
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

from synface.core import files
from synface.core.errors import InputError
from synface.core.files import atomic_path, clear_temporaries, new_folder
from synface.core.processes import Process


def test_the_file_appears_only_when_the_block_succeeds(tmp_path):
    path = tmp_path / "new" / "table.csv"
    with atomic_path(path) as temporary:
        temporary.write_text("done")
        assert not path.exists()
        assert temporary.suffix == ".csv"
        assert temporary.parent == path.parent  # a rename is atomic only within one file system
    assert path.read_text() == "done"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_keeps_the_old_file(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("old")

    def write_and_fail():
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_and_fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640)])
def test_permissions_follow_the_umask(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        with atomic_path(tmp_path / "table.csv") as temporary:
            temporary.write_text("")
    finally:
        os.umask(before)
    assert (tmp_path / "table.csv").stat().st_mode & 0o777 == mode


def test_it_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    kept = []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (kept.append((tmp_path / "table.csv").exists()), sync(handle)))
    with atomic_path(tmp_path / "table.csv") as temporary:
        temporary.write_text("done")
    assert kept == [False]
    assert (tmp_path / "table.csv").read_text() == "done"


@pytest.fixture
def dead():
    """A process of this host that has ended."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = Process.here(child.pid)
    child.communicate(b"\n")
    return process


class TestLeftBehind:
    def leave(self, folder, process):
        """Lay down what a killed process leaves of a file and a folder."""
        (folder / f".state-{process}-abcd_012.pt").write_text("half")
        (folder / f".images-{process}-abcdefgh").mkdir()
        (folder / f".images-{process}-abcdefgh/one.png").write_text("half")

    def test_of_the_dead_it_is_cleared(self, tmp_path, dead):
        self.leave(tmp_path, dead)
        (tmp_path / "state.pt").write_text("whole")
        (tmp_path / ".state-of-somebody.pt").write_text("not ours")
        assert len(clear_temporaries(tmp_path)) == 2
        assert sorted(path.name for path in tmp_path.iterdir()) == [".state-of-somebody.pt", "state.pt"]

    @pytest.mark.parametrize("process", [Process.here(), Process("elsewhere", 1, "1")], ids=["here", "elsewhere"])
    def test_of_the_living_and_of_other_hosts_it_stays(self, tmp_path, process):
        self.leave(tmp_path, process)
        assert clear_temporaries(tmp_path) == []
        assert len(list(tmp_path.iterdir())) == 2

    def test_what_is_being_written_is_known_by_its_name(self, tmp_path, dead, monkeypatch):
        names = []
        with atomic_path(tmp_path / "shard.0.tar") as file, new_folder(tmp_path / "images") as folder:
            names = [file.name, folder.name]
            assert clear_temporaries(tmp_path) == []
        for name in names:
            (tmp_path / name.replace(str(Process.here()), str(dead))).write_text("half")
        assert len(clear_temporaries(tmp_path)) == 2

    def test_a_folder_that_is_not_there_holds_nothing(self, tmp_path):
        assert clear_temporaries(tmp_path / "none") == []


class TestDisk:
    @pytest.mark.parametrize(
        ("error", "sentence"),
        [
            (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
            (OSError(errno.EDQUOT, "Disk quota exceeded"), "the quota of this disk is used up"),
            (RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)"), "disk is full"),
        ],
    )
    def test_a_full_one_is_one_sentence_with_path_and_free_space(self, tmp_path, error, sentence):
        def write():
            with atomic_path(tmp_path / "table.csv"):
                raise error

        with pytest.raises(
            InputError, match=rf"table\.csv: cannot be written, .*{sentence} \([\d.,]+ of [\d,]+ MB are"
        ):
            write()
        assert list(tmp_path.iterdir()) == []

    def test_words_of_other_libraries_are_understood_where_nothing_is_free(self, tmp_path, monkeypatch):
        def write(error):
            with atomic_path(tmp_path / "state.pt"):
                raise error

        torchs = RuntimeError("[enforce fail at inline_container.cc:858] . unexpected pos 768 vs 662")
        with pytest.raises(RuntimeError, match="unexpected pos"):
            write(torchs)  # there is room: it is something else
        full = shutil._ntuple_diskusage(10**9, 10**9, 0)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
        with pytest.raises(InputError, match=r"the disk is full \(0\.0 of 1,000 MB are free\)"):
            write(torchs)
        with pytest.raises(FileNotFoundError):
            write(FileNotFoundError(errno.ENOENT, "no such file", "elsewhere"))

    def test_a_forbidden_folder_is_one_sentence(self, tmp_path, monkeypatch):
        def refuse(**asked):
            raise PermissionError(errno.EACCES, "Permission denied", f"{asked['dir']}/.x")

        monkeypatch.setattr(tempfile, "mkstemp", refuse)
        with pytest.raises(InputError, match=r"table\.csv: cannot be written \(Permission denied\); make its folder"):
            with_text(tmp_path / "table.csv", "")

    def test_a_forbidden_input_is_not_the_disks_fault(self, tmp_path):
        def write():
            with atomic_path(tmp_path / "table.csv"):
                raise PermissionError(errno.EACCES, "Permission denied", "/elsewhere/image.png")

        with pytest.raises(PermissionError):
            write()


def with_text(path, text):
    with atomic_path(path) as temporary:
        temporary.write_text(text)


def test_who_no_longer_owns_a_place_does_not_take_it(tmp_path, monkeypatch):
    with_text(tmp_path / "table.csv", "of the run that came after")

    def refuse():
        raise InputError("another run has taken this job over")

    monkeypatch.setattr(files, "checks_before_renames", [refuse])
    with pytest.raises(InputError, match="taken this job over"):
        with_text(tmp_path / "table.csv", "of the orphan")
    with pytest.raises(InputError, match="taken this job over"), new_folder(tmp_path / "images"):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["table.csv"]
    assert (tmp_path / "table.csv").read_text() == "of the run that came after"
