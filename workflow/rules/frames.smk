# The planned portraits at working resolution: results/edits/{edit}/frames/


rule prepare_frames:
    input:
        images=portraits_to_edit,
        plan="results/edits/{edit}/plan.csv",
    output:
        frames="results/edits/{edit}/frames/{shard}.tar",
        rejects="results/edits/{edit}/frames/{shard}.rejects.csv",
    log:
        "logs/frames/{edit}/{shard}.log",
    benchmark:
        "results/timings/frames/{edit}/{shard}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=minutes_for_shard(seconds=0.5),
    params:
        code=fingerprint("prepare_frames"),
        resolution=lookup(within=config, dpath="edits/{edit}/resolution"),
    script:
        "../scripts/prepare_frames.py"
