# What models are trained and tested on, whatever its origin: results/datasets/{dataset}/


rule import_dataset:
    input:
        path=natural_faces,
    output:
        images=directory("results/datasets/{dataset}/images"),
        metadata="results/datasets/{dataset}/metadata.csv",
        counts="results/datasets/{dataset}/counts.csv",
        rejects="results/datasets/{dataset}/rejects.csv",
        card="results/datasets/{dataset}/README.md",
    log:
        "logs/dataset/{dataset}.log",
    benchmark:
        "results/timings/dataset/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(study.named(config, "datasets", "natural")),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(120),
    params:
        code=fingerprint("import_dataset"),
        settings=natural_settings,
    script:
        "../scripts/import_dataset.py"


rule assemble_dataset:
    input:
        selection="results/synthetic/{dataset}/selection.csv",
        crops=all_shards("results/synthetic/{dataset}/crops/{shard}.tar"),
    output:
        images=directory("results/datasets/{dataset}/images"),
        metadata="results/datasets/{dataset}/metadata.csv",
        counts="results/datasets/{dataset}/counts.csv",
        card="results/datasets/{dataset}/README.md",
    log:
        "logs/dataset/{dataset}.log",
    benchmark:
        "results/timings/dataset/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(study.named(config, "datasets", "synthetic")),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=minutes_for("selection", seconds=0.1),
    params:
        code=fingerprint("assemble_dataset"),
        facts=synthetic_facts,
    script:
        "../scripts/assemble_dataset.py"


rule merge_datasets:
    input:
        metadata=merged_metadata,
        images=merged_images,
    output:
        images=directory("results/datasets/{dataset}/images"),
        metadata="results/datasets/{dataset}/metadata.csv",
        counts="results/datasets/{dataset}/counts.csv",
        card="results/datasets/{dataset}/README.md",
    log:
        "logs/dataset/{dataset}.log",
    benchmark:
        "results/timings/dataset/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(study.named(config, "datasets", "merge")),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(60),
    params:
        code=fingerprint("merge_datasets"),
        parts=lookup(within=config, dpath="datasets/{dataset}/merge"),
        seed=lookup(within=config, dpath="datasets/{dataset}/seed"),
    script:
        "../scripts/merge_datasets.py"


rule datasets:
    input:
        expand("results/datasets/{dataset}/metadata.csv", dataset=study.datasets_in_use(config)),
