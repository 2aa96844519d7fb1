# What models are trained and tested on, whatever its origin: results/datasets/{dataset}/


rule import_dataset:
    """Import a labelled set, natural or made elsewhere, from the layout in which users have it."""
    input:
        path=made_of(given_faces),
        counts=counts_to_imitate,
    output:
        images=directory("results/datasets/{dataset}/images"),
        metadata="results/datasets/{dataset}/metadata.csv",
        counts="results/datasets/{dataset}/counts.csv",
        rejects="results/datasets/{dataset}/rejects.csv",
        files="results/datasets/{dataset}/files.csv",
        card="results/datasets/{dataset}/README.md",
        license="results/datasets/{dataset}/LICENSE",
        croissant="results/datasets/{dataset}/croissant.json",
        digest="results/datasets/{dataset}/digest.txt",
    log:
        "logs/dataset/{dataset}.log",
    benchmark:
        "results/timings/dataset/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(study.names("datasets", "natural") + study.names("datasets", "external")),
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(120),
    params:
        code=code("import_dataset"),
        origins=origins_of_dataset,
        path=place_of(given_faces),
        made_by=maker_of_faces,
        content=content_of_faces,
        leaks=study.config.leaks,
        settings=settings("datasets", "dataset", "dataset"),
    script:
        "../scripts/import_dataset.py"


rule assemble_dataset:
    """Make a dataset of the chosen synthetic faces."""
    input:
        selection="results/synthetic/{dataset}/selection.csv",
        crops=all_shards("results/synthetic/{dataset}/crops/{shard}.tar"),
    output:
        images=directory("results/datasets/{dataset}/images"),
        metadata="results/datasets/{dataset}/metadata.csv",
        counts="results/datasets/{dataset}/counts.csv",
        card="results/datasets/{dataset}/README.md",
        license="results/datasets/{dataset}/LICENSE",
        croissant="results/datasets/{dataset}/croissant.json",
        digest="results/datasets/{dataset}/digest.txt",
    log:
        "logs/dataset/{dataset}.log",
    benchmark:
        "results/timings/dataset/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(study.names("datasets", "synthetic")),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=minutes_for("selection", seconds=0.1),
    params:
        code=code("assemble_dataset"),
        origins=origins_of_dataset,
        facts=synthetic_facts,
    script:
        "../scripts/assemble_dataset.py"


rule merge_datasets:
    """Merge datasets, or parts of them, into one."""
    input:
        metadata=ancient(merged("metadata.csv")),
        images=ancient(merged("images")),
        digests=digests_of(sets_to_merge),
        marks=ancient(marks_of_all(sets_to_merge)),
    output:
        images=directory("results/datasets/{dataset}/images"),
        metadata="results/datasets/{dataset}/metadata.csv",
        counts="results/datasets/{dataset}/counts.csv",
        card="results/datasets/{dataset}/README.md",
        license="results/datasets/{dataset}/LICENSE",
        croissant="results/datasets/{dataset}/croissant.json",
        digest="results/datasets/{dataset}/digest.txt",
    log:
        "logs/dataset/{dataset}.log",
    benchmark:
        "results/timings/dataset/{dataset}.tsv"
    wildcard_constraints:
        dataset=one_of(study.names("datasets", "merge")),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(60),
    params:
        code=code("merge_datasets"),
        origins=origins_of_dataset,
        settings=settings("datasets", "dataset", "dataset"),
    script:
        "../scripts/merge_datasets.py"


rule datasets:
    """All datasets that the experiments train or test on."""
    input:
        expand("results/datasets/{dataset}/digest.txt", dataset=study.datasets_in_use),
        [marks_of(dataset) for dataset in study.datasets_in_use],
