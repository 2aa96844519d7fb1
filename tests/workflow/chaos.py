"""Chaos: a small study that is disturbed at random, again and again, ends bit for bit as if nothing had been.

    make chaos [ROUNDS=50]

Each round runs the study with the same command and strikes at a random moment; when it was struck after its end, or now
and then, results are deleted or damaged before the next. The rounds with a full and a read-only disk need root, for a
disk of their own (tmpfs). Prints what was done; ends with 1 when anything is not as in the undisturbed run.
"""

import argparse
import contextlib
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from workflow_study import ROOT, STUDY, changed, write_study

GENERATOR = "results/generators/ganmut/generator.safetensors"
TARGETS = ("all", GENERATOR)
# How long things took, and what is drawn with it; all else is equal in every run.
CLOCKS = re.compile(r"timings|report/|figures/")
TEMPORARY = re.compile(r"\..*-\d+~\d*~[^/]+-[a-z0-9_]{8}(\.\w+)?")
DISK = 1 << 30  # bytes of the disk of its own
SECONDS_TO_END = 180.0


def chaos_study() -> dict[str, Any]:
    """Return a study in which every stage has something to do, and none much."""
    study = dict(STUDY)
    study["drawings"] = {name: STUDY["drawings"][name] for name in ("portraits", "raf")}
    study["edits"] = {"varied": STUDY["edits"]["varied"]}
    study["datasets"] = {name: STUDY["datasets"][name] for name in ("Raf", "Varied", "Hybrid")}
    study["experiments"] = {
        "tiny": {"models": ["poster"], "seeds": [1], "train_on": ["Raf", "Hybrid"], "test_on": ["Raf"]}
    }
    study = changed(study, "models/poster/epochs", 6)
    return changed(study, "generators/ganmut/iterations", 60)


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every result but those that tell of time."""
    root = folder / "results"
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.name.startswith("."))
    names = {path: str(path.relative_to(root)) for path in files}
    return {n: hashlib.sha256(path.read_bytes()).hexdigest() for path, n in names.items() if not CLOCKS.search(n)}


def temporaries(folder: Path) -> list[Path]:
    """Return what killed processes have left."""
    return [path for path in (folder / "results").rglob(".*") if TEMPORARY.fullmatch(path.name)]


@dataclass
class Run:
    """One run of the workflow, in a session of its own."""

    folder: Path
    targets: Sequence[str] = TARGETS
    process: subprocess.Popen = field(init=False)

    def __post_init__(self) -> None:
        self.output = Path(_outputs().name, f"{time.monotonic_ns()}.txt")
        command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", self.folder]
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [*map(str, command), "--cores", "2", *self.targets],
                cwd=ROOT,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # As from a terminal, whatever this process ignores.
                preexec_fn=_default_signals,
            )

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def scripts(self) -> list[int]:
        """Return the processes of its scripts."""
        found = subprocess.run(
            ["pgrep", "-s", str(self.process.pid), "-f", r"\.snakemake/scripts"],
            capture_output=True,
            text=True,
            check=False,
        )
        return [int(number) for number in found.stdout.split()]

    def wait_for_work(self, seconds: float = 120.0) -> bool:
        """Wait until a script runs; return False where the run ended before."""
        return self._wait(lambda: bool(self.scripts()), seconds) and self.process.poll() is None

    def strike(self, number: signal.Signals, whom: str) -> None:
        with contextlib.suppress(ProcessLookupError):
            if whom == "all":
                os.killpg(self.process.pid, number)
            elif whom == "snakemake":
                os.kill(self.process.pid, number)
            elif scripts := self.scripts():
                os.kill(random.choice(scripts), number)

    def end(self, seconds: float = SECONDS_TO_END) -> int:
        """Wait until nothing of it runs any more; return Snakemake's exit status."""
        status = self.process.wait(seconds)
        if not self._wait(lambda: not self._members(), seconds):
            raise TimeoutError(f"{self._members()} outlived their run by {seconds:.0f} s")
        return status

    def _members(self) -> list[str]:
        found = subprocess.run(
            ["pgrep", "-s", str(self.process.pid), "-a"], capture_output=True, text=True, check=False
        )
        return found.stdout.splitlines()

    def _wait(self, for_what: Callable[[], bool], seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if for_what():
                return True
            if self.process.poll() is not None and not self._members():
                return for_what()
            time.sleep(0.1)
        return False


@cache
def _outputs() -> tempfile.TemporaryDirectory:
    """Return where runs say what they say until this process ends: not in their folder, whose disk may be full."""
    return tempfile.TemporaryDirectory(prefix="synface-chaos-")


def _default_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


@dataclass
class World:
    """What the rounds play in."""

    folder: Path
    draws: random.Random
    seconds: float  # the longest wait for the moment
    targets: Sequence[str]
    expected: Mapping[str, str]
    own_disk: bool
    done: list[str] = field(default_factory=list)

    def run(self) -> Run:
        return Run(self.folder, self.targets)

    def a_moment(self, run: Run) -> bool:
        """Let the run come to its work, and then some time pass; return whether it still runs."""
        if not run.wait_for_work():
            return False
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.process.wait(self.draws.uniform(0.0, self.seconds))
        return run.process.poll() is None

    def check(self) -> None:
        """Compare a finished study with the undisturbed one."""
        found = digests(self.folder)
        differing = [name for name in self.expected if found.get(name) != self.expected[name]]
        assert not differing, f"not as in the undisturbed run: {', '.join(differing[:5])}"
        assert not temporaries(self.folder), f"left: {temporaries(self.folder)}"


def struck(number: signal.Signals, whom: str) -> Callable[[World], str]:
    """Return a round in which ``whom`` gets a signal."""

    def play(world: World) -> str:
        run = world.run()
        in_time = world.a_moment(run)
        jobs = " ".join(sorted(set(re.findall(r"(\w+)\.py", " ".join(run._members())))))
        run.strike(number, whom)
        status = run.end()
        # A script of drawings imports for a moment before anything of ours is there to heed Ctrl-C.
        assert "Traceback" not in run.said or "KeyboardInterrupt" in run.said, run.said[-3000:]
        if not in_time and status == 0:
            world.check()
            return "had ended before, equal"
        return f"during {jobs or 'nothing'}; status {status}"

    return play


def two_at_once(world: World) -> str:
    """A second run beside the first says in one sentence why not."""
    first = world.run()
    if not first.wait_for_work():
        first.end()
        world.check()
        return "the first had ended before, equal"
    second = world.run()
    status = second.end()
    if first.process.poll() is None:
        assert status != 0
        assert "another run works here" in second.said, second.said[-2000:]
    first.strike(signal.SIGTERM, "all")
    first.end()
    return "the second was refused"


def changed_configuration(world: World) -> str:
    """The configuration is edited while a run works: that one keeps to what it began with."""
    file = world.folder / "config/config.yaml"
    before = file.read_text()
    run = world.run()
    world.a_moment(run)
    study = changed(yaml.safe_load(before), "models/poster/lr", 0.5)
    file.write_text(yaml.safe_dump(changed(study, "generators/ganmut/iterations", 7), sort_keys=False))
    try:
        status = run.end(20 * SECONDS_TO_END)
    finally:
        file.write_text(before)
    assert status == 0, run.said[-3000:]
    world.check()
    return "the run kept to its own, equal"


def deleted(world: World) -> str:
    """Somebody deletes a folder of results."""
    folders = [path for path in (world.folder / "results").glob("*/*") if path.is_dir()]
    if not folders:
        return "nothing there yet"
    chosen = world.draws.choice(sorted(folders))
    shutil.rmtree(chosen)
    return str(chosen.relative_to(world.folder))


def damaged(world: World) -> str:
    """A shard or a state is cut off: nothing goes on from it."""
    results = world.folder / "results"
    files = sorted([*results.rglob("*.tar"), *results.rglob("state.pt")])
    if not files:
        return "nothing there yet"
    chosen = world.draws.choice(files)
    os.truncate(chosen, chosen.stat().st_size // 2)
    if chosen.suffix == ".tar":
        run = world.run()
        status = run.end(20 * SECONDS_TO_END)
        # Whatever reads it must say so; where nothing reads it any more, verifying does.
        if status != 0:
            assert f"{chosen.relative_to(world.folder)}: " in run.said, run.said[-3000:]
        chosen.unlink(missing_ok=True)
        return f"{chosen.relative_to(world.folder)}, status {status}"
    return str(chosen.relative_to(world.folder))


def full_disk(world: World) -> str:
    """The disk fills in mid-study; there is room again afterwards."""
    run = world.run()
    world.a_moment(run)
    filler = world.folder / "filler"
    with contextlib.suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(1 << 20))
    status = run.end(20 * SECONDS_TO_END)
    said = run.said
    filler.unlink()
    if status == 0:
        world.check()
        return "had ended before, equal"
    assert "the disk is full" in said.splitlines()[-1], said[-3000:]
    return f"status {status}, told"


def read_only(world: World) -> str:
    """Results may not be written."""
    _mount("-o", "remount,ro", world.folder.parent)
    try:
        command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", world.folder]
        done = subprocess.run(
            [*map(str, command), "--cores", "2", *world.targets], cwd=ROOT, capture_output=True, text=True, check=False
        )
    finally:
        _mount("-o", "remount,rw", world.folder.parent)
    assert done.returncode != 0
    assert "Read-only file system" in done.stdout + done.stderr
    return f"status {done.returncode}"


ROUNDS: dict[str, tuple[int, Callable[[World], str]]] = {
    "SIGKILL to all": (5, struck(signal.SIGKILL, "all")),
    "SIGKILL to a script": (5, struck(signal.SIGKILL, "script")),
    "SIGKILL to Snakemake": (5, struck(signal.SIGKILL, "snakemake")),
    "SIGTERM to all": (3, struck(signal.SIGTERM, "all")),
    "SIGTERM to a script": (3, struck(signal.SIGTERM, "script")),
    "SIGINT to all": (3, struck(signal.SIGINT, "all")),
    "SIGHUP to all": (3, struck(signal.SIGHUP, "all")),
    "two runs at once": (2, two_at_once),
    "configuration changed": (1, changed_configuration),
    "deleted": (3, deleted),
    "damaged": (2, damaged),
    "disk full": (2, full_disk),
    "read-only": (1, read_only),
}
NEED_A_DISK = {"disk full", "read-only"}


def play(
    folder: Path,
    rounds: Sequence[str],
    *,
    seed: int,
    study: Mapping[str, Any] | None = None,
    targets: Sequence[str] = TARGETS,
    own_disk: bool = False,
    tell: Callable[[str], None] = print,
) -> None:
    """Play ``rounds`` (of `ROUNDS`) in ``folder``; AssertionError where something is lost or mixed."""
    whole = folder / "undisturbed"
    write_study(whole, study or chaos_study())
    start = time.monotonic()
    assert (run := Run(whole, targets)).end(20 * SECONDS_TO_END) == 0, run.said[-3000:]
    seconds = time.monotonic() - start
    expected = digests(whole)
    tell(f"undisturbed: {len(expected)} results in {seconds:.0f} s")
    write_study(folder / "disturbed", study or chaos_study())
    draws = random.Random(seed)
    world = World(folder / "disturbed", draws, max(2.0, seconds / 6), targets, expected, own_disk)
    for number, name in enumerate(rounds, start=1):
        start = time.monotonic()
        outcome = ROUNDS[name][1](world)
        tell(f"{number:3} {name:24} {outcome} ({time.monotonic() - start:.0f} s)")
    assert (run := world.run()).end(20 * SECONDS_TO_END) == 0, run.said[-3000:]
    world.check()
    tell(f"after {len(rounds)} rounds: {len(expected)} results equal bit for bit, no temporary left")


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


@contextlib.contextmanager
def own_disk(wanted: bool) -> Iterator[tuple[Path, bool]]:
    """Yield an empty folder, on a small disk of its own where this user may have one."""
    folder = Path(tempfile.mkdtemp(prefix="synface-chaos-"))
    mounted = False
    if wanted and hasattr(os, "geteuid") and os.geteuid() == 0:
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            _mount("-t", "tmpfs", "-o", f"size={DISK}", "synface-chaos", folder)
            mounted = True
    try:
        yield folder, mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Play as many rounds as wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with own_disk(True) as (folder, mounted):
        names = [name for name in ROUNDS if mounted or name not in NEED_A_DISK]
        if not mounted:
            print("Without root there is no disk to fill or to write-protect: those rounds are left out.")
        draws = random.Random(asked.seed)
        # Each kind once, then by their weights.
        more = draws.choices(names, [ROUNDS[name][0] for name in names], k=max(0, asked.rounds - len(names)))
        rounds = names + more
        draws.shuffle(rounds)
        try:
            tell = lambda line: print(line, flush=True)  # noqa: E731
            play(folder, rounds[: asked.rounds], seed=asked.seed, own_disk=mounted, tell=tell)
        except (AssertionError, TimeoutError, subprocess.TimeoutExpired) as error:
            sys.exit(f"Something was lost or mixed: {error}")


if __name__ == "__main__":
    main()
