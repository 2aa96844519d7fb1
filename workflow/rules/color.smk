# The edited faces in the colors of their portraits: results/synthetic/{dataset}/recolored/


rule transfer_color:
    """Give the edited faces of a shard the colors of their portraits."""
    input:
        edited=of_edit("results/edits/{edit}/edited/{shard}.tar"),
        frames=of_edit("results/edits/{edit}/frames/{shard}.tar"),
        faces=of_edit("results/edits/{edit}/faces/{shard}.csv"),
    output:
        recolored=passing("results/synthetic/{dataset}/recolored/{shard}.tar"),
    log:
        "logs/color/{dataset}/{shard}.log",
    benchmark:
        "results/timings/color/{dataset}/{shard}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=minutes_for("faces", seconds=0.6),
    params:
        code=code("transfer_color"),
        settings=settings("datasets", "dataset", "color"),
    script:
        "../scripts/transfer_color.py"
