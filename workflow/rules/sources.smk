# Portraits as they come, listed once: results/sources/{source}/


rule index_source:
    """List the portraits of a source, each with its id and split."""
    input:
        images=made_of(portraits),
        counts=counts_behind,
    output:
        index="results/sources/{source}/index.csv",
        rejects="results/sources/{source}/rejects.csv",
    log:
        "logs/sources/{source}.log",
    benchmark:
        "results/timings/sources/{source}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 4
    resources:
        mem_mb=per_attempt(4000),
        runtime=per_attempt(60),
    params:
        code=code("index_source"),
        images=place_of(portraits),
        content=content_of_portraits,
        license_file=place_of(license_file),
        content_of_license_file=content_of_license_file,
        settings=settings("sources", "source", "sources"),
    script:
        "../scripts/index_source.py"
