# Weights from the addresses that the configuration gives: snakemake fetch_weights, or make fetch


# They are the user's files, no outputs, which Snakemake would delete when a download breaks off.
rule fetch_weights:
    """Download the weights whose addresses the configuration gives."""
    log:
        "logs/fetch/weights.log",
    localrule: True
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(600),
    params:
        code=code("fetch_weights"),
        weights=study.downloads,
    script:
        "../scripts/fetch_weights.py"
