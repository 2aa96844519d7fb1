# Datasets for others, on demand: snakemake results/exports/parquet/RafSynFace30V


rule export_dataset:
    """Export a dataset in another form: parquet, raf-db or webdataset."""
    input:
        images=ancient("results/datasets/{dataset}/images"),
        metadata=ancient("results/datasets/{dataset}/metadata.csv"),
        card="results/datasets/{dataset}/README.md",
        license="results/datasets/{dataset}/LICENSE",
        digest="results/datasets/{dataset}/digest.txt",
    output:
        directory("results/exports/{format}/{dataset}"),
    log:
        "logs/export/{format}/{dataset}.log",
    benchmark:
        "results/timings/export/{format}/{dataset}.tsv"
    wildcard_constraints:
        format="parquet|raf-db|webdataset",
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(120),
    params:
        code=code("export_dataset"),
    script:
        "../scripts/export_dataset.py"
