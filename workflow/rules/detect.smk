# The face in every frame, or why there is none: results/edits/{edit}/faces/


rule detect_faces:
    """Find the face in every frame of a shard, or say why there is none."""
    input:
        plan="results/edits/{edit}/plan.csv",
        frames="results/edits/{edit}/frames/{shard}.tar",
        rejects="results/edits/{edit}/frames/{shard}.rejects.csv",
        patches=patches_to_take,
    output:
        faces="results/edits/{edit}/faces/{shard}.csv",
    log:
        "logs/detect/{edit}/{shard}.log",
    benchmark:
        "results/timings/detect/{edit}/{shard}.tsv"
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=minutes_for_shard(seconds=0.5),
        gpu=1,
    params:
        code=code("detect_faces"),
        settings=settings("edits", "edit", "detect"),
        framing=framing_to_edit,
    script:
        "../scripts/detect_faces.py"
