"""Ways to the same result, timed side by side: their rounds alternate, so that other load hits all alike."""

import csv
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt
import torch

from synface.compute.precision import processor

COLUMNS = (
    *("what", "way", "items", "unit", "cpu_ms", "cpu_low", "cpu_high", "wall_ms", "wall_low", "wall_high"),
    *("cpu_ratio", "cpu_ratio_low", "cpu_ratio_high", "wall_ratio", "difference", "memory_gb"),
)


@dataclass(frozen=True)
class Comparison:
    """Ways to do one thing, the first of them the one that the others are compared with.

    ``items`` is how many ``unit`` one call makes; ``difference`` says how far a result is from the first way's.
    """

    what: str
    items: int
    unit: str
    ways: Mapping[str, Callable[[], object]]
    difference: Callable[[object, object], str]


def describe_machine(device: torch.device, threads: int) -> str:
    """Return in two lines what the numbers depend on."""
    vendor, feature = processor()
    place = torch.cuda.get_device_name(device) if device.type == "cuda" else "the CPU"
    packages = ", ".join(f"{name} {version(name)}" for name in ("torch", "numpy", "opencv-python-headless", "pillow"))
    return (
        f"{place}; processor {vendor or platform.machine()}, {feature or 'instruction set unknown'} "
        f"(PyTorch uses {torch.backends.cpu.get_cpu_capability()}), {threads} thread(s)\n"
        f"Python {platform.python_version()}, {packages}, {platform.system()} {platform.release()}"
    )


def measure(comparison: Comparison, *, rounds: int, device: torch.device) -> list[dict[str, object]]:
    """Return a row per way, see `COLUMNS`: medians with the lowest and highest round; times are per item, in ms.

    A ratio above 1 is faster than the first way. Its median and spread are over rounds, each a ratio of neighbors.
    The first round warms up and is left out.
    """
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in comparison.ways}
    results: dict[str, object] = {}
    memory = dict.fromkeys(comparison.ways, 0.0)
    for _ in range(rounds + 1):
        for name, way in comparison.ways.items():
            if device.type == "cuda":
                torch.cuda.synchronize(device)
                torch.cuda.reset_peak_memory_stats(device)
            wall, cpu = time.perf_counter(), _cpu_seconds()
            results[name] = way()
            if device.type == "cuda":
                torch.cuda.synchronize(device)
                memory[name] = torch.cuda.max_memory_allocated(device) / 1e9
            times[name].append((_cpu_seconds() - cpu, time.perf_counter() - wall))
    first = next(iter(comparison.ways))
    rows = []
    for name in comparison.ways:
        cpu, wall = ([1000 * moment[which] / comparison.items for moment in times[name][1:]] for which in (0, 1))
        cpu_ratios, wall_ratios = (
            [other[which] / own[which] for other, own in zip(times[first][1:], times[name][1:], strict=True)]
            for which in (0, 1)
        )
        values = (
            *(comparison.what, name, comparison.items, comparison.unit),
            *_spread(cpu),
            *_spread(wall),
            *_spread(cpu_ratios),
            statistics.median(wall_ratios),
            "" if name == first else comparison.difference(results[name], results[first]),
            memory[name],
        )
        rows.append(dict(zip(COLUMNS, values, strict=True)))
    return rows


def _cpu_seconds() -> float:
    """Return the CPU time of this process and of the ended ones that it started, as solvers are."""
    of_all = os.times()
    return time.process_time() + of_all.children_user + of_all.children_system


def _spread(values: list[float]) -> tuple[float, float, float]:
    return statistics.median(values), min(values), max(values)


def show(rows: list[dict[str, object]]) -> None:
    """Print the rows of one comparison."""
    print(f"\n{rows[0]['what']}, {rows[0]['items']} {rows[0]['unit']} a round")
    for row in rows:
        print(
            f"  {row['way']:18} CPU {row['cpu_ms']:9.3f} ms ({row['cpu_low']:.3f}-{row['cpu_high']:.3f})  "
            f"wall {row['wall_ms']:9.3f} ms  ratio {row['cpu_ratio']:5.2f} "
            f"({row['cpu_ratio_low']:.2f}-{row['cpu_ratio_high']:.2f}), wall {row['wall_ratio']:5.2f}  "
            + (f"{row['memory_gb']:.2f} GB  " if row["memory_gb"] else "")
            + str(row["difference"])
        )
    sys.stdout.flush()


def write(rows: list[dict[str, object]], folder: Path, title: str, *, by: str) -> None:
    """Write all rows to ``folder``/speed.csv and the ratios of ``by``, cpu or wall time, to speed.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "speed.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(rows)
    which = f"{by}_ratio"
    figure, axes = plt.subplots(figsize=(8, 0.4 + 0.3 * len(rows)))
    names = [f"{row['what']}: {row['way']}" for row in rows]
    axes.barh(names, [row[which] for row in rows], color="#2a78b8")
    if by == "cpu":
        ends = [
            [row[which] - row["cpu_ratio_low"] for row in rows],
            [row["cpu_ratio_high"] - row[which] for row in rows],
        ]
        axes.errorbar([row[which] for row in rows], names, xerr=ends, fmt="none", ecolor="#444444", capsize=2)
    axes.axvline(1, color="#888888", linewidth=0.8)
    axes.invert_yaxis()
    axes.set_xlabel(f"times as fast as the first way ({by.upper() if by == 'cpu' else by} time)")
    axes.set_title(title, fontsize=7, loc="left")
    figure.savefig(folder / "speed.svg", bbox_inches="tight")
    plt.close(figure)
