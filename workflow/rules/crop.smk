# The edited faces cut out as the reference set's are: results/synthetic/{dataset}/crops/


rule crop_faces:
    """Cut the edited faces of a shard out as the reference set does."""
    input:
        frames=of_edit("results/edits/{edit}/frames/{shard}.tar"),
        blended=blended_to_crop,
        faces=of_edit("results/edits/{edit}/faces/{shard}.csv"),
    output:
        crops=passing("results/synthetic/{dataset}/crops/{shard}.tar"),
        boxes="results/synthetic/{dataset}/crops/{shard}.csv",
    log:
        "logs/crop/{dataset}/{shard}.log",
    benchmark:
        "results/timings/crop/{dataset}/{shard}.tsv"
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=minutes_for("faces", seconds=0.5),
        gpu=1,
    params:
        code=code("crop_faces"),
        detect=detect_settings,
        settings=settings("datasets", "dataset", "crop"),
    script:
        "../scripts/crop_faces.py"
