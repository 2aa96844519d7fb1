# Unedited portraits, labelled by a trained model: results/synthetic/{dataset}/


rule label_portraits:
    """Label the faces of unedited portraits by a trained model."""
    input:
        plan=of_edit("results/edits/{edit}/plan.csv"),
        crops=all_shards("results/synthetic/{dataset}/crops/{shard}.tar"),
        boxes=all_shards("results/synthetic/{dataset}/crops/{shard}.csv"),
        model=model_to_label_with,
    output:
        plan="results/synthetic/{dataset}/plan.csv",
        boxes="results/synthetic/{dataset}/boxes.csv",
    log:
        "logs/label/{dataset}.log",
    benchmark:
        "results/timings/label/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(study.unedited),
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(8000),
        runtime=minutes_for("plan", seconds=0.2),
        gpu=1,
    params:
        code=code("label_portraits"),
        settings=settings("datasets", "dataset", "label"),
    script:
        "../scripts/label_portraits.py"
