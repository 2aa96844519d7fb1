import pytest

from synface.core import memory
from synface.core.errors import InputError
from synface.core.memory import check_room, free_memory


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a function that gives this machine so much memory, and its groups limits (bytes) and uses."""

    def pretend(available, **groups):
        (tmp_path / "meminfo").write_text(f"MemTotal: 999 kB\nMemAvailable:   {available} kB\n")
        (tmp_path / "own").write_text("1:name=old:/elsewhere\n0::/job/step\n")
        for name, (most, used, cached) in groups.items():
            folder = tmp_path / "groups" / {"top": "", "job": "job", "step": "job/step"}[name]
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "memory.max").write_text(f"{most}\n")
            (folder / "memory.current").write_text(f"{used}\n")
            (folder / "memory.stat").write_text(f"anon 1\nfile {cached}\nfile_mapped 7\n")

    monkeypatch.setattr(memory, "MEMORY", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "OWN_GROUP", tmp_path / "own")
    monkeypatch.setattr(memory, "GROUPS", tmp_path / "groups")
    return pretend


def test_it_is_what_the_machine_has(machine):
    machine(1000)
    assert free_memory() == 1000 * 1024


def test_the_narrowest_group_counts_and_cached_files_do_not(machine):
    machine(1_000_000, top=("max", 5, 5), job=(900, 500, 100), step=(2000, 100, 0))
    assert free_memory() == 900 - 500 + 100


def test_no_linux_tells_nothing(machine, tmp_path, monkeypatch):
    monkeypatch.setattr(memory, "MEMORY", tmp_path / "none")
    assert free_memory() is None
    check_room(10**9, bytes_each=10**9, where="set", what="images")


def test_images_that_do_not_fit_are_told_with_sizes_before_any_is_read(machine):
    machine(6_000_000)
    check_room(40_000, bytes_each=3 * 224**2, where="set", what="images")
    told = r"set: 200,000 images take 30\.1 GB of memory, and 6\.1 GB are free; .*fraction"
    with pytest.raises(InputError, match=told):
        check_room(200_000, bytes_each=3 * 224**2, where="set", what="images")
