# Faces that another generator has edited, listed once: results/edits/{edit}/patches.csv


rule index_patches:
    """List another generator's faces, each with its portrait and emotion."""
    input:
        folder=made_of(patches_given),
        index=index_to_edit,
    output:
        patches="results/edits/{edit}/patches.csv",
        rejects="results/edits/{edit}/rejects.csv",
    log:
        "logs/patches/{edit}.log",
    benchmark:
        "results/timings/patches/{edit}.tsv"
    wildcard_constraints:
        edit=one_of(study.names("edits", "patches")),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(60),
    params:
        code=code("index_patches"),
        folder=place_of(patches_given),
        content=content_of_patches,
    script:
        "../scripts/index_patches.py"
