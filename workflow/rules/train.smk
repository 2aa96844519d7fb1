# A POSTER for every model, training set and seed: results/models/{model}/{train_set}/seed{seed}/
# One that was trained elsewhere: results/models/{model}/elsewhere/seed0/

# No training begins before its set is audited. What it learns depends on the audit only where that may drop images.
COPIES_TO_LEAVE_OUT = "results/audits/{train_set}/copies.csv"
if study.config.leaks != "drop":
    COPIES_TO_LEAVE_OUT = ancient(COPIES_TO_LEAVE_OUT)


rule train_poster:
    """Train a POSTER on a dataset with a seed."""
    input:
        metadata=ancient("results/datasets/{train_set}/metadata.csv"),
        images=ancient("results/datasets/{train_set}/images"),
        digests=digests_of(set_to_train_on),
        marks=ancient(marks_of_all(set_to_train_on)),
        copies=COPIES_TO_LEAVE_OUT,
        ir50=made_of(pretrained("ir50")),
        mobilefacenet=made_of(pretrained("mobilefacenet")),
    output:
        model="results/models/{model}/{train_set}/seed{seed}/model.safetensors",
        history="results/models/{model}/{train_set}/seed{seed}/history.csv",
        provenance="results/models/{model}/{train_set}/seed{seed}/provenance.json",
    log:
        "logs/train/{model}/{train_set}/seed{seed}.log",
    benchmark:
        "results/timings/train/{model}/{train_set}/seed{seed}.tsv"
    wildcard_constraints:
        model=one_of(study.trained_models),
    conda:
        "../../envs/networks.yaml"
    threads: threads_to_train_poster
    resources:
        mem_mb=megabytes_to_train_poster,
        runtime=minutes_to_train_poster,
        gpu=1,
    params:
        code=code("train_poster"),
        ir50=place_of(pretrained("ir50")),
        mobilefacenet=place_of(pretrained("mobilefacenet")),
        content=content_of_pretrained,
        settings=settings("models", "model", "train"),
    script:
        "../scripts/train_poster.py"


rule import_model:
    """Turn published weights of a POSTER into the file that the other rules read."""
    input:
        checkpoint=made_of(published_model),
    output:
        model="results/models/{model}/elsewhere/seed0/model.safetensors",
    log:
        "logs/train/{model}/elsewhere/seed0.log",
    wildcard_constraints:
        model=one_of(study.names("models", "checkpoint")),
    localrule: True
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=per_attempt(10),
    params:
        code=code("import_model"),
        checkpoint=place_of(published_model),
        content=content_of_model,
        settings=settings("models", "model", "train"),
    script:
        "../scripts/import_model.py"


rule models:
    """All models that the experiments ask for."""
    input:
        trained_models,
