# The faces back in their portraits: results/synthetic/{dataset}/composites/


rule blend_faces:
    """Put the edited faces of a shard back into their portraits."""
    input:
        patches=patches_to_blend,
        frames=of_edit("results/edits/{edit}/frames/{shard}.tar"),
        faces=of_edit("results/edits/{edit}/faces/{shard}.csv"),
    output:
        composites="results/synthetic/{dataset}/composites/{shard}.tar",
    log:
        "logs/blend/{dataset}/{shard}.log",
    benchmark:
        "results/timings/blend/{dataset}/{shard}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=minutes_for("faces", seconds=0.2),
    params:
        code=code("blend_faces"),
        settings=settings("datasets", "dataset", "blend"),
    script:
        "../scripts/blend_faces.py"
