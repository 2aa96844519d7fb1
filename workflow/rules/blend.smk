# The faces back in their portraits: results/synthetic/{dataset}/composites/


rule blend_faces:
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
        code=fingerprint("blend_faces"),
        settings=lookup(within=config, dpath="datasets/{dataset}/synthetic/blend"),
    script:
        "../scripts/blend_faces.py"
