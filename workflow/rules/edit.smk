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
        edited=passing("results/edits/{edit}/edited/{shard}.tar"),
    log:
        "logs/edit/{edit}/{shard}.log",
    benchmark:
        "results/timings/edit/{edit}/{shard}.tsv"
    wildcard_constraints:
        edit=one_of(study.names("edits", "generator")),
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


rule take_patches:
    """Take the faces of a shard as another generator has edited them."""
    input:
        folder=made_of(patches_given),
        patches="results/edits/{edit}/patches.csv",
        plan="results/edits/{edit}/plan.csv",
        frames="results/edits/{edit}/frames/{shard}.tar",
        faces="results/edits/{edit}/faces/{shard}.csv",
    output:
        edited=passing("results/edits/{edit}/edited/{shard}.tar"),
    log:
        "logs/edit/{edit}/{shard}.log",
    benchmark:
        "results/timings/edit/{edit}/{shard}.tsv"
    wildcard_constraints:
        edit=one_of(study.names("edits", "patches")),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=minutes_for_shard(seconds=0.2),
    params:
        code=code("take_patches"),
        folder=place_of(patches_given),
    script:
        "../scripts/take_patches.py"
