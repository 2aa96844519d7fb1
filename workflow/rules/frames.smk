# The planned portraits at working resolution: results/edits/{edit}/frames/


rule prepare_frames:
    """Bring the planned portraits of a shard to working resolution."""
    input:
        images=made_of(portraits_to_edit),
        plan="results/edits/{edit}/plan.csv",
    output:
        frames=passing("results/edits/{edit}/frames/{shard}.tar"),
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
        code=code("prepare_frames"),
        images=place_of(portraits_to_edit),
        settings=settings("edits", "edit", "frames"),
    script:
        "../scripts/prepare_frames.py"
