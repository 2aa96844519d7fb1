# Portraits as they come, listed once: results/sources/{source}/


rule index_source:
    """List the portraits of a source, each with its id and split."""
    input:
        images=portraits,
    output:
        index="results/sources/{source}/index.csv",
        rejects="results/sources/{source}/rejects.csv",
    log:
        "logs/sources/{source}.log",
    benchmark:
        "results/timings/sources/{source}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(60),
    params:
        code=code("index_source"),
        settings=settings("sources", "source", "sources"),
    script:
        "../scripts/index_source.py"
