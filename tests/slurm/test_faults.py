"""A weekend on a cluster: whatever happens to a training, it ends with the weights of an undisturbed one."""

import re
import subprocess
import time
from pathlib import Path

import pytest
from cluster import (
    SMALL_STUDY,
    Run,
    copy_study,
    hurry_requeued_jobs,
    is_training,
    job,
    job_of_model,
    jobs_of,
    model_of,
    slurm,
    ticks,
    training_log,
    wait_until,
    with_models,
    write_cluster_study,
)


def in_seconds(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.localtime(time.time() + seconds))


def set_node_down(number: str) -> None:
    steps = running_steps()
    slurm("scontrol", "update", "NodeName=ci-gpu", "State=DOWN", "Reason=test")
    slurm("scontrol", "update", "NodeName=ci-gpu", "State=RESUME")
    # SLURM would hold a job that it starts again while the node still has processes of it.
    wait_until(lambda: not steps & running_steps(), "the end of what ran on the lost node")


def running_steps() -> set[str]:
    """The process ids of SLURM's guardians of job steps."""
    return set(
        subprocess.run(["pgrep", "-x", "slurmstepd"], capture_output=True, text=True, check=False).stdout.split()
    )


# What befalls a training after some epochs, given the id of its SLURM job. Ends of time limits are brought forward.
ALONE = {
    "warned": lambda number: slurm("scontrol", "update", f"JobId={number}", f"EndTime={in_seconds(70)}"),
    "timeout": lambda number: slurm("scontrol", "update", f"JobId={number}", f"EndTime={in_seconds(1)}"),
    "requeued": lambda number: slurm("scontrol", "requeue", number),
    "cancelled": lambda number: slurm("scancel", number),
}
URGENT = ("sbatch", "--partition=urgent", "--gpus=4", "--output=/dev/null", "--wrap=sleep 1")
# What befalls all trainings at once.
TOGETHER = {
    "preempted": lambda number: slurm(*URGENT),
    "node-down": set_node_down,
}
BLOWS = ALONE | TOGETHER
LONG = ("warned", "timeout")  # SLURM looks at time limits every 30 s
# Not warned before its time limit, and too little memory at first.
RESOURCES = {
    "train_poster": {
        "slurm_extra": "'' if wildcards.model == 'timeout' else '--signal=TERM@120'",
        "mem_mb": "attempt * 700 if wildcards.model == 'memory' else 4000",
    }
}


@pytest.fixture(scope="module")
def weekend(prepared, epochs, tmp_path_factory):
    """Train a model for every fault and strike each once.

    Returns the folder of each, the struck jobs, and the batches from and of which each went on. These are looked for
    all the time: a job that a later fault meets when it has just trained to the end trains anew and writes a new log.
    """
    root = tmp_path_factory.mktemp("weekend")
    struck: dict[str, str] = {}
    resumed: dict[str, tuple[str, ...]] = {}
    places: dict[str, Path] = {}
    runs = []

    def start(title: str, names: list[str]) -> None:
        folder = copy_study(prepared, root / title)
        models = {name: epochs["long" if name in LONG else "short"] for name in names}
        write_cluster_study(folder, with_models(SMALL_STUDY, models), RESOURCES)
        places.update(dict.fromkeys(names, folder))
        runs.append(Run(folder, *(model_of(name) for name in names)))

    def are_over(names: tuple[str, ...]) -> bool:
        return all(name in struck and job(struck[name])["JobState"] != "RUNNING" for name in names)

    start("alone", [*ALONE, "memory"])
    for _ in ticks(1500):
        hurry_requeued_jobs()
        for name in places:
            if found := re.search(r"going on after (\d+) of (\d+) batches", training_log(places[name], name)):
                resumed[name] = found.groups()
            if name in BLOWS and name not in struck and is_training(places[name], name):
                struck[name] = job_of_model(places[name], name)
                BLOWS[name](struck[name])
        # A requeued job would begin its time limit anew, so these come when the limits have struck.
        if len(runs) == 1 and are_over(LONG):
            start("together", list(TOGETHER))
        if len(runs) == 2 and all(run.process.poll() is not None for run in runs):
            break
    for run in runs:
        assert run.wait(1) == 0, run.output()[-6000:]
    return places, struck, resumed


@pytest.mark.parametrize("name", [*BLOWS, "memory"])
def test_a_disturbed_training_ends_with_the_same_weights(weekend, undisturbed, tell, name):
    places, struck, resumed = weekend
    folder = places[name]
    attempts = [number for number, facts in jobs_of(folder).items() if f"_{name}_" in facts["rule"]]
    facts = [job(number) for number in attempts]
    restarts = sum(int(one["Restarts"]) for one in facts)
    states = ", ".join(one["JobState"] for one in facts)
    tell(
        "Faults",
        f"{name:10} {len(attempts)} submission(s) ({states}), requeued {restarts} time(s), "
        + ("resumed after {} of {} batches".format(*resumed[name]) if name in resumed else "trained from the start")
        + ", equal weights",
    )
    assert (folder / model_of(name)).read_bytes() == undisturbed["long" if name in LONG else "short"]
    assert not (folder / model_of(name)).with_name("state.pt").exists()
    # What was struck is what the case is about.
    if name in BLOWS:
        end = job(struck[name])
        if name in ("requeued", "preempted", "node-down"):
            assert int(end["Restarts"]) > 0
        else:
            assert end["JobState"] == {"warned": "FAILED", "timeout": "TIMEOUT", "cancelled": "CANCELLED"}[name]
        assert name in resumed or name == "node-down"
    else:
        assert len(attempts) > 1
        assert [one["MinMemoryNode"] for one in facts[:2]] == ["700M", "1400M"]
