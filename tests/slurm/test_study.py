"""The study on SLURM: what is submitted, what jobs get, and that all of it ends."""

import itertools
import re

import yaml
from cluster import Run, job, jobs_of, slurm, write_cluster_study
from own_workflow import LOCAL, write_own_workflow
from workflow_study import STUDY, planned_jobs, run


def test_it_ends_with_nothing_left_to_do(finished):
    assert (finished / "results/report/index.html").exists()
    assert planned_jobs(run(finished, "--dry-run", "--workflow-profile", str(finished / "profile"))) == {}


def test_seconds_long_rules_are_not_submitted(finished):
    rules = {facts["rule"].split("_wildcards")[0] for facts in jobs_of(finished).values()}
    assert {"rule_train_poster", "rule_edit_faces", "rule_compare"} <= rules
    assert not rules & {"rule_plan_edit", "rule_match_distribution", "rule_write_report", "rule_draw_accuracy"}
    # Two models, each evaluated in one submission that asks for one GPU.
    evaluations = [number for number, facts in jobs_of(finished).items() if "evaluate_model" in facts["rule"]]
    assert [job(number)["TresPerJob"] for number in evaluations] == ["gres:gpu:1"] * 2


def test_jobs_that_run_at_once_have_different_gpus(finished, tell):
    given = {}
    for path in (finished / "logs").rglob("*.log"):
        if line := re.search(r"SLURM job (\d+) on \S+, GPU (\d+)", path.read_text()):
            given[line[1]] = line[2]
    # One training's facts for the reader.
    training = next(number for number, facts in jobs_of(finished).items() if "train_poster" in facts["rule"])
    tell("A GPU job", slurm("scontrol", "show", "job", training).strip())
    tell("A GPU job", f"   CUDA_VISIBLE_DEVICES={given[training]}")
    times = {number: (job(number)["StartTime"], job(number)["EndTime"]) for number in given}
    at_once = [
        (one, other)
        for one, other in itertools.combinations(given, 2)
        if max(times[one][0], times[other][0]) < min(times[one][1], times[other][1])
    ]
    assert at_once
    assert all(given[one] != given[other] for one, other in at_once)


def test_jobs_get_as_many_cpus_as_their_rule_has_threads(finished):
    for rule, threads in (("draw_faces", "2"), ("train_poster", "1"), ("compare", "1")):
        number = next(number for number, facts in jobs_of(finished).items() if rule in facts["rule"])
        assert job(number)["NumCPUs"] == threads
    assert "computing on the CPU with 1 threads" in (finished / "logs/train/poster/Raf/seed1.log").read_text()


def test_a_module_with_a_prefix_runs_there_too(tmp_path):
    own = tmp_path / "own"
    write_own_workflow(own, LOCAL, prefixes=("inner",))
    write_cluster_study(tmp_path / "site", STUDY)
    profile = yaml.safe_load((tmp_path / "site/profile/profile.yaml").read_text())
    for key in ("set-resources", "set-threads"):
        profile[key] = {f"inner_{rule}": values for rule, values in profile[key].items()}
    (own / "profile").mkdir()
    (own / "profile/profile.yaml").write_text(yaml.safe_dump(profile))
    submitting = Run(own, snakefile=own / "Snakefile")
    assert submitting.wait() == 0, submitting.output()[-6000:]
    rules = {facts["rule"].split("_wildcards")[0] for facts in jobs_of(own).values()}
    assert {"rule_inner_train_poster", "rule_inner_evaluate_model"} <= rules
    assert (own / "inner/results/tables/accuracy.csv").exists()
    assert not (own / "results").exists()
