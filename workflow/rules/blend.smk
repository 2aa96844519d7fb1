# What the faces' boxes show after blending: results/synthetic/{dataset}/blended/


rule blend_faces:
    """Blend the edited faces of a shard into their portraits."""
    input:
        patches=patches_to_blend,
        frames=of_edit("results/edits/{edit}/frames/{shard}.tar"),
        faces=of_edit("results/edits/{edit}/faces/{shard}.csv"),
    output:
        blended=passing("results/synthetic/{dataset}/blended/{shard}.tar"),
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
