"""How much memory is left: of the machine, and of what a container or a scheduler allows."""

from pathlib import Path

from synface.core.errors import InputError

MEMORY = Path("/proc/meminfo")
GROUPS = Path("/sys/fs/cgroup")
OWN_GROUP = Path("/proc/self/cgroup")


def free_memory() -> int | None:
    """Return the bytes that this process can still take; None where no Linux tells."""
    try:
        lines = MEMORY.read_text().splitlines()
    except OSError:
        return None
    kilobytes = next((int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), None)
    if kilobytes is None:
        return None
    return min([kilobytes * 1024, *_left_in_groups()])


def check_room(count: int, *, bytes_each: int, where: str, what: str) -> None:
    """Raise `InputError` if ``count`` of ``what``, of ``bytes_each``, do not fit into the memory that is free.

    Without this, an allocator fails, or the system kills the process, after minutes of decoding.

    Args:
        count: how many.
        bytes_each: the size of each in memory.
        where: the folder that they are from.
        what: they are, in the plural.
    """
    free, needed = free_memory(), count * bytes_each
    if free is not None and needed > free:
        raise InputError(
            f"{where}: {count:,} {what} take {needed / 1e9:,.1f} GB of memory, and {free / 1e9:,.1f} GB are free; "
            "give the job more memory, make the images smaller, or train on a part: a merge with a `fraction`"
        )


def _left_in_groups() -> list[int]:
    """Return what the control groups (version 2) around this process leave; what was cached from files can be had."""
    try:
        own = next(line[3:] for line in OWN_GROUP.read_text().splitlines() if line.startswith("0::"))
    except (OSError, StopIteration):
        return []
    left = []
    folder = GROUPS / own.strip("/")
    while folder != GROUPS.parent:
        try:
            most = (folder / "memory.max").read_text().strip()
            used = int((folder / "memory.current").read_text())
            cached = [line.split()[1] for line in (folder / "memory.stat").read_text().splitlines() if "file " in line]
            if most != "max":
                left.append(max(0, int(most) - used + sum(map(int, cached[:1]))))
        except (OSError, ValueError):
            pass
        folder = folder.parent
    return left
