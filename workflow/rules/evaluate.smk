# Every model on every test set, with intervals and paired tests: results/evaluations/, results/tables/


rule predict:
    input:
        model="results/models/{model}/{dataset}/seed{seed}/model.safetensors",
        metadata="results/datasets/{testset}/metadata.csv",
        images="results/datasets/{testset}/images",
    output:
        predictions="results/evaluations/{model}/{dataset}/seed{seed}/{testset}/predictions.csv",
    log:
        "logs/evaluate/{model}/{dataset}/seed{seed}/{testset}.predict.log",
    conda:
        "../../envs/networks.yaml"
    benchmark:
        "results/timings/evaluate/{model}/{dataset}/seed{seed}/{testset}.tsv"
    threads: 2
    resources:
        mem_mb=8000,
        runtime=30,
        gpu=1,
    params:
        code=fingerprint("predict"),
        batch_size=lookup(within=config, dpath="models/{model}/test_batch_size"),
    script:
        "../scripts/predict.py"
