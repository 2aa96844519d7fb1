# The faces with their new emotion: results/edits/{edit}/edited/


rule edit_faces:
    """Give the faces of a shard their new emotion."""
    input:
        plan="results/edits/{edit}/plan.csv",
        frames="results/edits/{edit}/frames/{shard}.tar",
        faces="results/edits/{edit}/faces/{shard}.csv",
        generator=generator_to_edit_with,
        marks=ancient(marks_of_generator),
    output:
        edited="results/edits/{edit}/edited/{shard}.tar",
    log:
        "logs/edit/{edit}/{shard}.log",
    benchmark:
        "results/timings/edit/{edit}/{shard}.tsv"
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=minutes_for_shard(seconds=0.5),
        gpu=1,
    params:
        code=code("edit_faces"),
        settings=settings("edits", "edit", "edit"),
    script:
        "../scripts/edit_faces.py"
