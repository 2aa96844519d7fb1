"""Plan large studies without running them: jobs, submissions, time and memory of the dry run, bytes, GPU-hours.

    python benchmarks/cluster_scale.py [--portraits 70000 1000000] [--seeds 5] [--models 3] [--no-dry-run]

20 datasets (two natural, four edits with four synthetic sets each, two merges), every model trained on each with every
seed and tested on each; as many shards as the workflow makes by itself, every portrait edited. Jobs and submissions are
counted by Snakemake's own dry run and the groups of profiles/slurm. Bytes per image are those of real photographs as
PNG (the mean of 60 at each size). GPU-hours are arithmetic over --rate.
"""

import argparse
import re
import resource
import subprocess
import sys
import tempfile
import time
from math import ceil
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "workflow" / "scripts"))

from synface.study import resources
from synface.study.study import shards_for

ROOT = Path(__file__).resolve().parents[1]
EDITS, SETS_PER_EDIT, RAF_DB = 4, 4, 15_339
BYTES = {"frames": 117e3, "edited": 29e3, "recolored": 29e3, "blended": 29e3, "crops": 19e3, "datasets": 19e3}
PER_EDIT = ("frames", "edited")
# MTCNN on a GPU, from 200 portraits a second; everything else is arithmetic.
DETECT_SECONDS = 1 / 200


def study(portraits: int, seeds: int, models: int) -> dict:
    """Return the configuration; a fraction of RAF-DB's counts that uses every portrait, with 10 % of spares."""
    fraction, shards = round(portraits / 1.1 / RAF_DB, 4), shards_for(portraits)
    datasets: dict = {
        "RAF-DB": {"natural": {"layout": "raf-db", "path": "resources/raf-db"}},
        "AffectNet": {"natural": {"layout": "affectnet", "path": "resources/affectnet"}},
    }
    for edit in range(EDITS):
        for number in range(SETS_PER_EDIT):
            settings = {"edit": f"edit{edit}", "like": "RAF-DB", "fraction": fraction}
            datasets[f"Syn{edit}{number}"] = {
                "synthetic": {**settings, "blend": {"method": "alpha", "border": 0.1 + 0.05 * number}}
            }
    datasets["Hybrid0"] = {"merge": ["RAF-DB", "Syn00"]}
    datasets["Hybrid1"] = {"merge": ["RAF-DB", "Syn11"]}
    return {
        "sources": {"portraits": {"images": "resources/portraits"}},
        "generators": {"ganmut": {"checkpoint": "resources/ganmut.ckpt", "trained_on": ["AffectNet"]}},
        "edits": {
            f"edit{edit}": {"source": "portraits", "generator": "ganmut", "shards": shards, "seed": edit}
            for edit in range(EDITS)
        },
        "datasets": datasets,
        "models": {f"poster{number}": {"lr": 1e-5 * (number + 1)} for number in range(models)},
        "experiments": {
            "large": {
                "models": [f"poster{number}" for number in range(models)],
                "seeds": list(range(1, seeds + 1)),
                "train_on": list(datasets),
                "test_on": list(datasets),
            }
        },
    }


def dry_run(config: dict) -> tuple[dict[str, int], float, float, float]:
    """Return jobs per rule, wall seconds, CPU seconds and peak memory in GB of a dry run with nothing done yet."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path in ("config", *(f"resources/{part}" for part in ("raf-db", "affectnet", "portraits"))):
            (folder / path).mkdir(parents=True)
        (folder / "resources/ganmut.ckpt").touch()
        (folder / "config/config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
        command = [sys.executable, "-m", "snakemake", "-s", ROOT / "Snakefile", "-d", folder, "-n", "--quiet", "rules"]
        start = time.monotonic()
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True, cwd=ROOT)
        seconds = time.monotonic() - start
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    counts = dict(re.findall(r"^(\w+) +(\d+)$", done.stdout + done.stderr, flags=re.MULTILINE))
    return (
        {rule: int(count) for rule, count in counts.items()},
        seconds,
        usage.ru_utime + usage.ru_stime,
        usage.ru_maxrss / 1e6,
    )


def submissions(jobs: dict[str, int]) -> int:
    """Return how many jobs go to the queue: neither the local ones nor the single members of groups."""
    profile = yaml.safe_load((ROOT / "profiles/slurm/profile.yaml").read_text())
    rules = "".join(path.read_text() for path in sorted((ROOT / "workflow/rules").glob("*.smk")))
    blocks = re.split(r"^rule ", rules, flags=re.MULTILINE)[1:]
    local = {block.split(":")[0] for block in blocks if "    localrule: True\n" in block}
    single = set(jobs) - {"all", "total"} - local - set(profile["groups"])
    batches = dict.fromkeys(profile["groups"].values(), 0)
    for rule, group in profile["groups"].items():
        batches[group] = max(batches[group], ceil(jobs.get(rule, 0) / profile["group-components"][group]))
    return sum(jobs[rule] for rule in single) + sum(batches.values())


def gpu_hours(portraits: int, seeds: int, models: int, rate: float) -> dict[str, float]:
    """Return hours per stage of one GPU that sustains ``rate`` FLOPs per second."""
    # A training set has four fifths of a dataset; predictions are one pass over the other fifth.
    images = [portraits / 1.1] * (EDITS * SETS_PER_EDIT) + [RAF_DB] * 2 + [RAF_DB + portraits / 1.1] * 2
    one_pass = resources.POSTER_FLOPS / rate / 3600
    trainings = sum(images) * 0.8 * 50 * 6 * one_pass * seeds * models
    predictions = len(images) * sum(images) * 0.2 * one_pass * seeds * models
    editing = EDITS * portraits * resources.GENERATOR_FLOPS / rate / 3600
    detecting = (EDITS + EDITS * SETS_PER_EDIT) * portraits * DETECT_SECONDS / 3600
    return {"detect, crop": detecting, "edit": editing, "train": trainings, "predict": predictions}


def main() -> None:
    """Print one block for every number of portraits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--portraits", type=int, nargs="+", default=[70_000, 1_000_000])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--models", type=int, default=3)
    parser.add_argument("--rate", type=float, default=resources.RATE, help="FLOPs per second that a GPU sustains")
    parser.add_argument("--no-dry-run", action="store_true")
    options = parser.parse_args()
    for portraits in options.portraits:
        print(f"{portraits} portraits, 20 datasets, {options.seeds} seeds, {options.models} models")
        if not options.no_dry_run:
            jobs, seconds, busy, memory = dry_run(study(portraits, options.seeds, options.models))
            print(f"  {jobs['total']} jobs, {submissions(jobs)} submissions")
            print(f"  dry run {seconds:.0f} s ({busy:.0f} s of CPU so far), at most {memory:.1f} GB")
            print("  " + ", ".join(f"{rule} {count}" for rule, count in jobs.items() if count >= 20))
        stages = {
            stage: portraits * size * (EDITS if stage in PER_EDIT else EDITS * SETS_PER_EDIT)
            for stage, size in BYTES.items()
        }
        print("  " + ", ".join(f"{stage} {size / 1e9:.0f} GB" for stage, size in stages.items()), end="")
        print(f"; in all {sum(stages.values()) / 1e12:.2f} TB")
        hours = gpu_hours(portraits, options.seeds, options.models, options.rate)
        total = sum(hours.values())
        print("  GPU-hours: " + ", ".join(f"{stage} {spent:.0f}" for stage, spent in hours.items()))
        print("  days: " + ", ".join(f"{number} GPUs {total / 24 / number:.1f}" for number in (1, 8, 64)))


if __name__ == "__main__":
    main()
