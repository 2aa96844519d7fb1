# The generators that edit emotions, published or trained here: results/generators/{generator}/


rule import_generator:
    """Turn published weights of a GANmut into the files that the other rules read."""
    input:
        checkpoint=made_of(published_generator),
    output:
        generator="results/generators/{generator}/generator.safetensors",
        gamut="results/generators/{generator}/gamut.json",
    log:
        "logs/ganmut/{generator}.log",
    wildcard_constraints:
        generator=one_of(study.names("generators", "checkpoint")),
    localrule: True
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=code("import_generator"),
        checkpoint=place_of(published_generator),
        content=content_of_generator,
    script:
        "../scripts/import_generator.py"


rule train_ganmut:
    """Train a GANmut on a labelled dataset."""
    input:
        metadata=ancient(labelled("metadata.csv")),
        images=ancient(labelled("images")),
        digests=digests_of(set_of_labelled),
        marks=ancient(marks_of_all(set_of_labelled)),
        start=made_of(start_of_generator),
        pairs=made_of(pairs_of_generator),
        dealt=ancient(deals_behind),
    output:
        generator="results/generators/{generator}/generator.safetensors",
        gamut="results/generators/{generator}/gamut.json",
        history="results/generators/{generator}/history.csv",
    log:
        "logs/ganmut/{generator}.log",
    benchmark:
        "results/timings/ganmut/{generator}.tsv"
    wildcard_constraints:
        generator=one_of(study.names("generators", "train_on")),
    conda:
        "../../envs/networks.yaml"
    threads: threads_to_train_ganmut
    resources:
        mem_mb=megabytes_to_train_ganmut,
        runtime=minutes_to_train_ganmut,
        gpu=1,
    params:
        code=code("train_ganmut"),
        start=place_of(start_of_generator),
        pairs=place_of(pairs_of_generator),
        content=content_of_start,
        content_of_pairs=content_of_pairs,
        settings=settings("generators", "generator", "ganmut"),
    script:
        "../scripts/train_ganmut.py"
