"""Chaos: a small study that is disturbed at random, again and again, ends bit for bit as if nothing had been.

    make chaos [ROUNDS=50]

Each round runs the study with the same command and strikes at a random moment. Where the rounds before have finished
the study, one of its rules is forced to run again with all behind it, trainings more often than others. The rounds with
a full and a read-only disk need root, for a disk of their own (tmpfs). Prints what was done; ends with 1 when anything
is not as in the undisturbed run.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from workflow_study import ROOT, STUDY, changed, snakemake, write_study

from synface.dataset.verifying import verify_results
from synface.study.job import end_on_signals

GENERATOR = "results/generators/ganmut/generator.safetensors"
TARGETS = ("all", GENERATOR)
# Of a dataset's files, those that verifying does not know.
UNKNOWN = frozenset({"rejects.csv", "files.csv"})
# How long things took, the page that tells of it, and the record of that page; all else is equal in every run.
CLOCKS = re.compile(r"^(timings/|tables/timings\.csv|report/|provenance\.json)")
TEMPORARY = re.compile(r"\..*-\d+~\d*~[^/]+-[a-z0-9_]{8}(\.\w+)?")
TRAININGS = ("train_ganmut", "train_landmarks", "train_action_units", "train_poster")
DISK = 1 << 30  # bytes of the disk of its own
SECONDS_TO_END = 180.0
SECONDS_OF_A_STUDY = 3600.0


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
    # Not longer: every kill makes it begin again, and on two cores nothing else runs beside it.
    return changed(study, "generators/ganmut/iterations", 10)


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every result but those that tell of time."""
    root = folder / "results"
    files = sorted(path for path in root.rglob("*") if path.is_file() and not path.name.startswith("."))
    names = {path: str(path.relative_to(root)) for path in files}
    return {n: hashlib.sha256(path.read_bytes()).hexdigest() for path, n in names.items() if not CLOCKS.search(n)}


def temporaries(folder: Path) -> list[Path]:
    """Return what killed processes have left, beside the results and in the workflow's own folders."""
    return [path for path in folder.rglob(".*") if TEMPORARY.fullmatch(path.name)]


def outputs_of(folder: Path, targets: Sequence[str]) -> dict[str, str]:
    """Return every file and folder that the rules of a finished study have made, with its rule."""
    done = snakemake(folder, "--summary", *targets)
    rows = [line.split("\t") for line in done.stdout.splitlines() if line.startswith("results/")]
    assert rows, done.stdout[-3000:]
    return {row[0]: row[2] for row in rows}


@dataclass
class Run:
    """One run of the workflow, in a session of its own."""

    folder: Path
    targets: Sequence[str] = TARGETS
    options: Sequence[str] = ()
    draws: random.Random = field(default_factory=random.Random)
    process: subprocess.Popen = field(init=False)

    def __post_init__(self) -> None:
        self.began = time.time()
        self.output = Path(_outputs().name, f"{time.monotonic_ns()}.txt")
        command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--directory", self.folder]
        with self.output.open("w") as file:
            self.process = subprocess.Popen(
                [*map(str, command), *self.options, "--cores", "2", *self.targets],
                cwd=ROOT,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # As from a terminal, whatever this process ignores.
                preexec_fn=_default_signals,
            )
        _running.append(self.process)

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

    def at_work(self) -> list[str]:
        """Return the names of its scripts that run."""
        return sorted(set(re.findall(r"\.snakemake/scripts/\w+\.(\w+)\.py", " ".join(self._members()))))

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
                os.kill(self.draws.choice(scripts), number)

    def end(self, seconds: float = SECONDS_TO_END) -> int:
        """Wait until nothing of it runs any more; return Snakemake's exit status."""
        status = self.process.wait(seconds)
        if not self._wait(lambda: not self._members(), SECONDS_TO_END):
            raise TimeoutError(f"{self._members()} outlived their run by {SECONDS_TO_END:.0f} s")
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


_running: list[subprocess.Popen] = []


def end_all() -> None:
    """End every run that has not, with all its jobs: this process is about to."""
    for process in _running:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


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
    outputs: Mapping[str, str]  # of the finished study, with their rules
    finished: bool = False  # by the rounds before
    compared: int = 0  # how often the finished study was
    struck: Counter[str] = field(default_factory=Counter)  # scripts that were at work
    gone_on: int = 0  # trainings, from their state

    def run(self, *options: str) -> Run:
        """Start the study; where it is finished, with one of its rules once more."""
        if self.finished:
            rules = sorted(set(self.outputs.values()))
            options = ("--forcerun", self.draws.choice([*rules, *3 * [each for each in TRAININGS if each in rules]]))
        self.finished = False
        return Run(self.folder, self.targets, options, self.draws)

    def a_moment(self, run: Run) -> bool:
        """Let the run come to its work, and then some time pass; return whether it still runs."""
        if not run.wait_for_work():
            return False
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.process.wait(self.draws.uniform(0.0, self.seconds))
        return run.process.poll() is None

    def end(self, run: Run) -> int:
        """Wait until a run is over, and count which trainings went on; return its status."""
        status = run.end(SECONDS_OF_A_STUDY)
        logs = [path for path in (self.folder / "logs").rglob("*.log") if path.stat().st_mtime > run.began]
        self.gone_on += sum("going on after" in path.read_text(errors="replace") for path in logs)
        return status

    def check(self) -> None:
        """Compare a finished study with the undisturbed one."""
        # Of what was deleted, a run makes again what it needs; the rest, whoever asks for it.
        if missing := [path for path in self.outputs if not (self.folder / path).exists()]:
            run = Run(self.folder, [*self.targets, *missing])
            assert self.end(run) == 0, run.said[-3000:]
        found = digests(self.folder)
        differing = sorted(name for name in self.expected if found.get(name) != self.expected[name])
        assert not differing, f"not as in the undisturbed run: {', '.join(differing[:5])}"
        assert found.keys() == self.expected.keys(), f"left: {sorted(found.keys() - self.expected.keys())}"
        assert not temporaries(self.folder), f"left: {temporaries(self.folder)}"
        self.finished = True
        self.compared += 1


def struck(number: signal.Signals, whom: str) -> Callable[[World], str]:
    """Return a round in which ``whom`` gets a signal."""

    def play(world: World) -> str:
        run = world.run()
        in_time = world.a_moment(run)
        jobs = run.at_work()
        run.strike(number, whom)
        status = world.end(run)
        # A script of drawings imports for a moment before anything of ours is there to heed Ctrl-C.
        assert "Traceback" not in run.said or "KeyboardInterrupt" in run.said, run.said[-3000:]
        if not in_time and status == 0:
            world.check()
            return "had ended before, equal"
        world.struck.update(jobs)
        return f"during {' '.join(jobs) or 'no job'}; status {status}"

    return play


def two_at_once(world: World) -> str:
    """Of two runs, whether they begin together or not, one says in one sentence why not."""
    together = world.draws.random() < 0.5
    runs = [world.run()]
    if not together and not runs[0].wait_for_work():
        world.end(runs[0])
        world.check()
        return "the first had ended before, equal"
    runs.append(Run(world.folder, world.targets, runs[0].options, world.draws))
    refused = []
    while not refused and any(run.process.poll() is None for run in runs):
        time.sleep(0.1)
        refused = [run for run in runs if run.process.poll() not in (None, 0)]
    assert len(refused) == 1, "none was refused" if not refused else refused[1].said[-2000:]
    assert "another run works here" in refused[0].said, refused[0].said[-2000:]
    assert together or refused[0] is runs[1], "the first was refused"
    (other,) = [run for run in runs if run not in refused]
    assert "another run works here" not in other.said, other.said[-2000:]
    other.wait_for_work()
    other.strike(signal.SIGTERM, "all")
    for run in runs:
        world.end(run)
    return f"{'together' if together else 'one after the other'}: one was refused"


def other_configuration(world: World) -> tuple[Path, str]:
    """Edit the configuration; return its file and what was in it."""
    file = world.folder / "config/config.yaml"
    before = file.read_text()
    study = changed(yaml.safe_load(before), "models/poster/lr", 0.5)
    file.write_text(yaml.safe_dump(changed(study, "generators/ganmut/iterations", 7), sort_keys=False))
    return file, before


def changed_configuration(world: World) -> str:
    """The configuration is edited while a run works: that one keeps to what it began with."""
    run = world.run()
    world.a_moment(run)
    file, before = other_configuration(world)
    try:
        status = world.end(run)
    finally:
        file.write_text(before)
    assert status == 0, run.said[-3000:]
    world.check()
    return "the run kept to its own, equal"


def orphans(world: World) -> str:
    """Snakemake alone is killed; what it has started meets a run of another configuration at once."""
    first = world.run()
    world.a_moment(first)
    jobs = first.at_work()
    first.strike(signal.SIGKILL, "snakemake")
    file, before = other_configuration(world)
    second = world.run()
    try:
        world.a_moment(second)
        second.strike(signal.SIGTERM, "all")
        first.end()
        status = world.end(second)
    finally:
        file.write_text(before)
    assert "another run works here" not in second.said, second.said[-2000:]
    world.struck.update(jobs)
    return f"{' '.join(jobs) or 'no job'} of the killed run; status of the other {status}"


def deleted(world: World) -> str:
    """Somebody deletes a result, or a folder of them."""
    there = [world.folder / path for path in world.outputs if (world.folder / path).exists()]
    if not there:
        return "nothing there yet"
    chosen = world.draws.choice(there)
    # The result, what lies beside it, or all of its kind.
    above = [each for each in chosen.parents if world.folder / "results" in each.parents]
    chosen = world.draws.choice([chosen, *above])
    shutil.rmtree(chosen) if chosen.is_dir() else chosen.unlink()
    world.finished = False
    return str(chosen.relative_to(world.folder))


def damaged(world: World) -> str:
    """A result is cut off, changed or emptied: verifying finds it, and says the command that mends it."""
    whole = world.finished and "all" in world.targets
    files = verifiable(world.folder, whole=whole)
    if not files:
        return "nothing there yet"
    before = set(verify_results(world.folder))
    assert not (whole and before), before
    # Each kind of file alike: most are images.
    kind = world.draws.choice(sorted({path.suffix for path in files}))
    chosen = world.draws.choice([path for path in files if path.suffix == kind])
    name = chosen.relative_to(world.folder)
    how = damage(chosen, world.draws)

    def new_problems() -> list[str]:
        return [each for each in verify_results(world.folder) if each not in before]

    told = new_problems()
    assert any(str(name.parent) in each for each in told), f"{name} was {how}, and verifying finds {told or 'nothing'}"
    world.finished = False
    given: list[str] = []
    # One at a time, from the top: what is made again may have been all that was wrong with the rest.
    while commands := [each for each in map(command_in, new_problems()) if each not in given]:
        run = Run(world.folder, (), commands[0].removeprefix("snakemake --cores all ").split())
        assert world.end(run) == 0, run.said[-3000:]
        given.append(commands[0])
    if whole:
        assert world.end(run := Run(world.folder, world.targets)) == 0, run.said[-3000:]
        world.check()
    assert not new_problems(), f"{name} was {how}, and is not mended: {new_problems()}"
    return f"{name} was {how}, found and mended{', equal' if whole else ''}"


def command_in(problem: str) -> str:
    """Return the command that verifying says with a problem."""
    return problem.rpartition("make it again: ")[2]


def damaged_unseen(world: World) -> str:
    """A shard or the state of a training is cut off, and nobody looks: nothing goes on from it."""
    results = world.folder / "results"
    files = sorted([*results.rglob("*.tar"), *results.rglob("state.pt")])
    if not files:
        return "nothing there yet"
    states = [path for path in files if path.suffix == ".pt"]
    chosen = world.draws.choice(states or files)
    name = chosen.relative_to(world.folder)
    short = str(chosen.relative_to(results))
    os.truncate(chosen, chosen.stat().st_size // 2)
    world.finished = False
    run = world.run()
    status = world.end(run)
    if chosen in states:
        assert status == 0, run.said[-3000:]
        world.check()
        return f"{name}, trained again from its start, equal"
    # Whatever reads it must say so; where nothing reads it any more, verifying does.
    if status == 0 and digests(world.folder).get(short) == world.expected[short]:
        return f"{name}, made again"
    told = run.said if status else "\n".join(verify_results(world.folder))
    assert str(name) in told, f"{name} was cut off, and nothing says so: {told[-3000:]}"
    chosen.unlink()
    return f"{name}, {'a job' if status else 'verifying'} says so"


def verifiable(folder: Path, *, whole: bool) -> list[Path]:
    """Return the results that verifying knows; of a ``whole`` study those of its record too."""
    found = [*folder.glob("results/*/*/*/*.tar")]
    for digest in folder.glob("results/datasets/*/digest.txt"):
        tables = [path for path in digest.parent.glob("*.csv") if path.name not in UNKNOWN]
        found += [digest, *tables, *(path for path in (digest.parent / "images").rglob("*.*") if path.is_file())]
    if whole:
        record = folder / "results/provenance.json"
        found += [record, *(folder / "results" / name for name in json.loads(record.read_text())["results"])]
    # Snakemake marks the time of a folder by an empty file in it.
    return sorted({path for path in found if not path.name.startswith(".")})


def damage(path: Path, draws: random.Random) -> str:
    """Damage a file; return how."""
    content = path.read_bytes()
    # A shard's table tells which images are in it, not their bytes.
    how = draws.choice(["cut", "emptied"] if path.suffix == ".tar" else ["cut", "emptied", "changed", "deleted"])
    at = draws.randrange(len(content) - 1)  # what lacks the last end of a line alone tells the same
    if how == "deleted":
        path.unlink()
    elif how == "changed":
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    else:
        path.write_bytes(content[:at] if how == "cut" else b"")
    return how


def full_disk(world: World) -> str:
    """The disk fills in mid-study; there is room again afterwards."""
    run = world.run()
    world.a_moment(run)
    jobs = run.at_work()
    filler = world.folder / "filler"
    with contextlib.suppress(OSError), filler.open("wb") as file:
        while True:
            file.write(bytes(1 << 20))
    status = world.end(run)
    filler.unlink()
    if status == 0:
        world.check()
        return "had ended before, equal"
    assert "the disk is full" in run.said.splitlines()[-1], run.said[-3000:]
    world.struck.update(jobs)
    return f"during {' '.join(jobs) or 'no job'}; status {status}, told"


def read_only(world: World) -> str:
    """Results may not be written."""
    _mount("-o", "remount,ro", world.folder.parent)
    try:
        run = world.run()
        status = world.end(run)
    finally:
        _mount("-o", "remount,rw", world.folder.parent)
    assert status != 0
    assert "Read-only file system" in run.said, run.said[-3000:]
    assert "Traceback" not in run.said, run.said[-3000:]
    return f"status {status}, told"


ROUNDS: dict[str, tuple[int, Callable[[World], str]]] = {
    "SIGKILL to all": (5, struck(signal.SIGKILL, "all")),
    "SIGKILL to a script": (5, struck(signal.SIGKILL, "script")),
    "SIGKILL to Snakemake": (5, struck(signal.SIGKILL, "snakemake")),
    "SIGTERM to all": (3, struck(signal.SIGTERM, "all")),
    "SIGTERM to a script": (3, struck(signal.SIGTERM, "script")),
    "SIGTERM to Snakemake": (1, struck(signal.SIGTERM, "snakemake")),
    "SIGINT to all": (3, struck(signal.SIGINT, "all")),
    "SIGHUP to all": (3, struck(signal.SIGHUP, "all")),
    "two runs at once": (2, two_at_once),
    "configuration changed": (1, changed_configuration),
    "orphans": (2, orphans),
    "deleted": (4, deleted),
    "damaged": (2, damaged),
    "damaged unseen": (1, damaged_unseen),
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
    tell: Callable[[str], None] = print,
) -> None:
    """Play ``rounds`` (of `ROUNDS`) in ``folder``; AssertionError where something is lost or mixed."""
    whole = folder / "undisturbed"
    write_study(whole, study or chaos_study())
    start = time.monotonic()
    assert (run := Run(whole, targets)).end(SECONDS_OF_A_STUDY) == 0, run.said[-3000:]
    seconds = time.monotonic() - start
    expected, outputs = digests(whole), outputs_of(whole, targets)
    tell(f"undisturbed: {len(expected)} results of {len(set(outputs.values()))} rules in {seconds:.0f} s")
    write_study(folder / "disturbed", study or chaos_study())
    world = World(folder / "disturbed", random.Random(seed), max(2.0, seconds / 6), targets, expected, outputs)
    for number, name in enumerate(rounds, start=1):
        start = time.monotonic()
        outcome = ROUNDS[name][1](world)
        tell(f"{number:3} {name:24} {outcome} ({time.monotonic() - start:.0f} s)")
    if not world.finished:
        run = Run(world.folder, targets)
        assert world.end(run) == 0, run.said[-3000:]
        world.check()
    assert not (wrong := verify_results(world.folder)), wrong
    at_work = ", ".join(f"{name} {count}" for name, count in world.struck.most_common())
    tell(f"struck while at work: {at_work or 'none'}")
    tell(f"{world.gone_on} trainings went on from their state; the finished study was compared {world.compared} times")
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
        end_all()
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Play as many rounds as wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=ROUNDS, default=list(ROUNDS), help="of rounds; all by default")
    asked = parser.parse_args()
    end_on_signals()
    with own_disk(True) as (folder, mounted):
        names = [name for name in asked.kinds if mounted or name not in NEED_A_DISK]
        if not mounted:
            print("Without root there is no disk to fill or to write-protect: those rounds are left out.")
        draws = random.Random(asked.seed)
        # Each kind once, then by their weights.
        more = draws.choices(names, [ROUNDS[name][0] for name in names], k=max(0, asked.rounds - len(names)))
        rounds = names + more
        draws.shuffle(rounds)
        try:
            tell = lambda line: print(line, flush=True)  # noqa: E731
            play(folder, rounds[: asked.rounds], seed=asked.seed, tell=tell)
        except (AssertionError, TimeoutError, subprocess.TimeoutExpired) as error:
            end_all()
            kept = tempfile.mkdtemp(prefix="synface-chaos-kept-")
            shutil.copytree(folder, kept, dirs_exist_ok=True, symlinks=True)
            traceback.print_exc()
            sys.exit(f"Something was lost or mixed; both studies are kept in {kept}: {error}")


if __name__ == "__main__":
    main()
