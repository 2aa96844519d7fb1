# The generators that edit emotions, published or trained here: results/generators/{generator}/


rule import_generator:
    input:
        checkpoint=published_generator,
    output:
        generator="results/generators/{generator}/generator.safetensors",
        gamut="results/generators/{generator}/gamut.json",
    log:
        "logs/ganmut/{generator}.log",
    wildcard_constraints:
        generator=one_of(study.named(config, "generators", "checkpoint")),
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=fingerprint("import_generator"),
    script:
        "../scripts/import_generator.py"


rule train_ganmut:
    input:
        metadata=labelled_faces,
        images=labelled_images,
    output:
        generator="results/generators/{generator}/generator.safetensors",
        gamut="results/generators/{generator}/gamut.json",
        history="results/generators/{generator}/history.csv",
    log:
        "logs/ganmut/{generator}.log",
    benchmark:
        "results/timings/ganmut/{generator}.tsv"
    wildcard_constraints:
        generator=one_of(study.named(config, "generators", "train_on")),
    conda:
        "../../envs/networks.yaml"
    threads: 4
    resources:
        mem_mb=megabytes_to_train_ganmut,
        runtime=minutes_to_train_ganmut,
        gpu=1,
    params:
        code=fingerprint("train_ganmut"),
        settings=settings_without("generators", "generator", "train_on", "obtain"),
        # Not an output: Snakemake deletes those of a failed job, and training resumes from this.
        state="results/generators/{generator}/state.pt",
    script:
        "../scripts/train_ganmut.py"
