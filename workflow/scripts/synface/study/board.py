"""What a person reads during a run: a line for each stage and each training that is over, and what is going on now."""

import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Seconds of one job in the demo. Until one of its kind is over it is expected to be as much slower as the others were.
_USUAL = {
    "all": 0.0,
    "train_ganmut": 240.0,
    "train_landmarks": 120.0,
    "draw_faces": 15.0,
    "train_poster": 12.0,
    "evaluate_model": 4.0,
}
_USUAL_ELSE = 2.5
_DONE = re.compile(r"INFO (\d+) (\S.*) done in ")
_GOING = re.compile(r"INFO (\d+ of \d+ .*), (\d+) s left$", re.MULTILINE)
_TAIL = 4096  # bytes at the end of a log in which its last line of progress stands


@dataclass(frozen=True)
class Running:
    """A job that has begun: its rule, what tells it from the rule's others, its log, and when it began (seconds)."""

    rule: str
    name: str
    log: str
    begun: float


class Board:
    """The state of a run, as Snakemake tells it event by event."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing planned; ``clock`` tells seconds."""
        self._clock = clock
        self._start = clock()
        self._planned: Counter[str] = Counter()
        self._over: dict[str, list[tuple[Running, float]]] = {}
        self._told: Counter[str] = Counter()
        self._running: dict[int, Running] = {}

    def plan(self, jobs: Mapping[str, int]) -> None:
        """Take how many jobs of each rule are planned."""
        self._planned = Counter(jobs)

    def begin(self, number: int, rule: str, wildcards: Mapping[str, str], logs: Sequence[str]) -> None:
        """Take a job that begins; after a failure the same job may begin again."""
        name = _name_of(wildcards)
        self._running[number] = Running(rule, name, logs[0] if logs else "", self._clock())

    def fail(self, number: int) -> None:
        """Take a job that has failed."""
        self._running.pop(number, None)

    def finish(self, number: int) -> str:
        """Take a job that is over; return the line of its stage, when no job of it is left, or of its training."""
        job = self._running.pop(number, None)
        if job is None:
            return ""
        over = self._over.setdefault(job.rule, [])
        over.append((job, self._clock() - job.begun))
        if not job.log:  # a target, which makes nothing
            return ""
        waiting = self._planned[job.rule] - len(over)
        if job.rule.startswith("train_"):
            return self._line([over[-1]], f" ({len(over)} of {max(self._planned[job.rule], len(over))})")
        if waiting > 0 or any(each.rule == job.rule for each in self._running.values()):
            return ""
        new = over[self._told[job.rule] :]
        self._told[job.rule] = len(over)
        return self._line(new)

    def _line(self, jobs: Sequence[tuple[Running, float]], note: str = "") -> str:
        rule = jobs[0][0].rule.replace("_", " ")
        named = f"{rule}: {jobs[0][0].name}" if len(jobs) == 1 and jobs[0][0].name else rule
        made: Counter[str] = Counter()
        for job, _ in jobs:
            for number, what in _DONE.findall(_tail(job.log)):
                made[what.split(" of ")[0]] += int(number)
        told = [f"{count:,} {what}" for what, count in made.items()]
        if len(jobs) > 1:
            told.insert(0, f"{len(jobs)} jobs")
        took = put_time(sum(seconds for _, seconds in jobs))
        return f"{self.percent:3d} %  {named + note:<58} {', '.join(told):<28} {took:>8}   {self.left}".rstrip()

    @property
    def now(self) -> str:
        """The line below all others: how far the run is, and what is being made."""
        doing = []
        for job in self._running.values():
            going = _GOING.findall(_tail(job.log))
            far = f" ({going[-1][0]})" if going else ""
            doing.append(f"{job.rule.replace('_', ' ')} {job.name}".rstrip() + far)
        return " · ".join([f"{self.percent:3d} %", *filter(None, [self.left]), *doing])

    @property
    def percent(self) -> int:
        """The part of the whole work that is done, by time; 100 only when all is."""
        left, done = self._seconds_left(), self._seconds_done()
        return 100 if left <= 0 else min(99, int(100 * done / (done + left)))

    @property
    def left(self) -> str:
        """The time left, in words; "" while nothing is over."""
        left, done = self._seconds_left(), self._seconds_done()
        if left <= 0 or not self._over:
            return ""
        at_once = max(1.0, done / max(self._clock() - self._start, 1e-3))
        minutes = max(left / at_once, *map(self._left_of, self._running.values()), 0.0) / 60
        return "less than a minute left" if minutes < 1 else f"about {round(minutes)} min left"

    def _seconds_done(self) -> float:
        now = self._clock()
        over = sum(seconds for jobs in self._over.values() for _, seconds in jobs)
        return over + sum(now - job.begun for job in self._running.values())

    def _seconds_left(self) -> float:
        left = 0.0
        for rule in {*self._planned, *(job.rule for job in self._running.values())}:
            running = [job for job in self._running.values() if job.rule == rule]
            left += self._usual(rule) * max(0, self._planned[rule] - len(self._over.get(rule, [])) - len(running))
            left += sum(map(self._left_of, running))
        return left

    def _left_of(self, job: Running) -> float:
        """Return the seconds that a job still needs: what its log tells, or what its kind took so far."""
        going = _GOING.findall(_tail(job.log))
        usual = self._usual(job.rule)
        return float(going[-1][1]) if going else max(0.1 * usual, usual - self._clock() + job.begun)

    def _usual(self, rule: str) -> float:
        over = [seconds for _, seconds in self._over.get(rule, [])]
        return sum(over) / len(over) if over else self._pace() * _USUAL.get(rule, _USUAL_ELSE)

    def _pace(self) -> float:
        """Return how much longer than in the demo jobs took so far: a machine may be slower, a study larger."""
        took = sum(seconds for jobs in self._over.values() for _, seconds in jobs)
        usual = sum(_USUAL.get(rule, _USUAL_ELSE) * len(jobs) for rule, jobs in self._over.items())
        return took / usual if took and usual else 1.0


def put_time(seconds: float) -> str:
    """Return a time as a person says it: 7 s, 2 min 5 s, 3 h 20 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min {whole % 60} s" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"


def _name_of(wildcards: Mapping[str, str]) -> str:
    """Return what a job makes, from its wildcards: ``poster on Hybrid, seed 2``, ``varied, shard 3``."""
    given = {key: str(value) for key, value in wildcards.items()}
    model = given.pop("model", "")
    on = given.pop("train_set", "")
    numbered = [f"{key} {given.pop(key)}" for key in ("seed", "shard") if key in given]
    named = f"{model} on {on}" if model and on else model or on
    return ", ".join(filter(None, [named, *given.values(), *numbered]))


def _tail(log: str) -> str:
    """Return the end of a log; "" where there is none yet."""
    try:
        with Path(log).open("rb") as file:
            file.seek(max(0, file.seek(0, 2) - _TAIL))
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
