# How faces lie in the pictures of each set: results/audits/{dataset}/geometry.csv


rule measure_geometry:
    """Measure how faces lie in the pictures of a dataset, which must be alike where datasets are compared."""
    input:
        metadata=ancient("results/datasets/{dataset}/metadata.csv"),
        images=ancient("results/datasets/{dataset}/images"),
        digest="results/datasets/{dataset}/digest.txt",
    output:
        geometry="results/audits/{dataset}/geometry.csv",
    log:
        "logs/geometry/{dataset}.log",
    benchmark:
        "results/timings/geometry/{dataset}.tsv"
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=per_attempt(30),
    params:
        code=code("measure_geometry"),
    script:
        "../scripts/measure_geometry.py"
