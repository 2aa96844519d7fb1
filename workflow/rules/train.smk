# A POSTER for every model, training set and seed: results/models/{model}/{dataset}/seed{seed}/


rule train_poster:
    input:
        metadata="results/datasets/{dataset}/metadata.csv",
        images="results/datasets/{dataset}/images",
        pretrained=pretrained_weights,
    output:
        model="results/models/{model}/{dataset}/seed{seed}/model.safetensors",
        history="results/models/{model}/{dataset}/seed{seed}/history.csv",
        provenance="results/models/{model}/{dataset}/seed{seed}/provenance.json",
    log:
        "logs/train/{model}/{dataset}/seed{seed}.log",
    benchmark:
        "results/timings/train/{model}/{dataset}/seed{seed}.tsv"
    conda:
        "../../envs/networks.yaml"
    threads: threads_to_train_poster
    resources:
        mem_mb=megabytes_to_train_poster,
        runtime=minutes_to_train_poster,
        gpu=1,
    params:
        code=fingerprint("train_poster"),
        settings=settings_without("models", "model", "obtain", "test_batch_size"),
        # Not an output: Snakemake deletes those of a failed job, and training resumes from this.
        state="results/models/{model}/{dataset}/seed{seed}/state.pt",
    script:
        "../scripts/train_poster.py"


rule models:
    input:
        trained_models,
