# What recognisers that this study did not train read: results/judges/{judge}/, results/tables/


rule judge_set:
    """Let a judge read every image of a dataset."""
    input:
        metadata="results/datasets/{dataset}/metadata.csv",
        images=ancient("results/datasets/{dataset}/images"),
        digest="results/datasets/{dataset}/digest.txt",
        file=made_of(judge_file),
    output:
        table="results/judges/{judge}/{dataset}.csv",
        arrays="results/judges/{judge}/{dataset}.npz",
    log:
        "logs/judge/{judge}/{dataset}.log",
    benchmark:
        "results/timings/judge/{judge}/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(study.read_sets),
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=minutes_for("metadata", seconds=0.3),
        gpu=1,
    params:
        code=code("judge_set"),
        file=place_of(judge_file),
        content=content_of_judge,
        settings=judge_settings,
    script:
        "../scripts/judge_set.py"


rule judge_edits:
    """Let a judge read the faces of a synthetic dataset before and after their edit."""
    input:
        plan=of_edit("results/edits/{edit}/plan.csv"),
        frames=frames_to_judge,
        crops=all_shards("results/synthetic/{dataset}/crops/{shard}.tar"),
        boxes=all_shards("results/synthetic/{dataset}/crops/{shard}.csv"),
        reference=judged_reference("csv"),
        reference_arrays=judged_reference("npz"),
        file=made_of(judge_file),
    output:
        table="results/judges/{judge}/{dataset}.csv",
        arrays="results/judges/{judge}/{dataset}.npz",
    log:
        "logs/judge/{judge}/{dataset}.log",
    benchmark:
        "results/timings/judge/{judge}/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(study.read_edits),
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=minutes_for("plan", seconds=0.6),
        gpu=1,
    params:
        code=code("judge_edits"),
        file=place_of(judge_file),
        content=content_of_judge,
        settings=judge_settings,
    script:
        "../scripts/judge_edits.py"


rule measure_judged:
    """Measure what judges read: lift per edit, class and intensity, distances of real and synthetic faces, groups."""
    input:
        edits=judged("edits"),
        sets=judged("sets"),
        edits_arrays=judged("edits", "npz"),
        sets_arrays=judged("sets", "npz"),
        chosen=expand("results/datasets/{dataset}/metadata.csv", dataset=study.judged_edits),
        merged=expand("results/datasets/{dataset}/metadata.csv", dataset=study.judged_merges),
    output:
        judged=report(
            "results/tables/judged.csv",
            caption="../report/judged.rst",
            category="Tables",
            labels={"table": "what outside judges read"},
        ),
        plane="results/tables/edit_plane.csv",
        distances="results/tables/kernel_distances.csv",
        groups="results/tables/groups.csv",
    log:
        "logs/judge/measure_judged.log",
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=per_attempt(30),
    params:
        code=code("measure_judged"),
        edits=study.judged["edits"],
        sets=study.judged["sets"],
        pairs=study.judged_pairs,
        chosen=study.judged_edits,
        merged=study.judged_merges,
    script:
        "../scripts/measure_judged.py"


rule measure_group_accuracy:
    """Measure the accuracy of every model by skin tone, gender and age as a judge reads them."""
    input:
        predictions=all_predictions,
        judged=judged_tests,
        metadata=expand("results/datasets/{dataset}/metadata.csv", dataset=study.judged_sets),
    output:
        accuracy="results/tables/group_accuracy.csv",
    log:
        "logs/judge/measure_group_accuracy.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=code("measure_group_accuracy"),
        trainings=[[each.model, each.train_set] for each in study.trainings],
        judged=study.judged_tests,
        metadata=study.judged_sets,
    script:
        "../scripts/measure_group_accuracy.py"
