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
    benchmark:
        "results/timings/evaluate/{model}/{dataset}/seed{seed}/{testset}.tsv"
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(8000),
        runtime=minutes_for("metadata", seconds=0.1),
        gpu=1,
    params:
        code=fingerprint("predict"),
        batch_size=lookup(within=config, dpath="models/{model}/test_batch_size"),
    script:
        "../scripts/predict.py"


rule score:
    input:
        predictions="results/evaluations/{model}/{dataset}/seed{seed}/{testset}/predictions.csv",
    output:
        metrics="results/evaluations/{model}/{dataset}/seed{seed}/{testset}/metrics.json",
        confusion="results/evaluations/{model}/{dataset}/seed{seed}/{testset}/confusion.csv",
    log:
        "logs/evaluate/{model}/{dataset}/seed{seed}/{testset}.score.log",
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        code=fingerprint("score"),
    script:
        "../scripts/score.py"


rule compare:
    input:
        predictions=all_predictions,
    output:
        accuracy="results/tables/accuracy.csv",
        summary="results/tables/summary.csv",
        per_class="results/tables/per_class.csv",
        comparisons=report(
            "results/tables/comparisons.csv",
            caption="../report/comparisons.rst",
            category="Tables",
            labels={"table": "paired comparisons"},
        ),
    log:
        "logs/evaluate/compare.log",
    benchmark:
        "results/timings/evaluate/compare.tsv"
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=per_attempt(60),
    params:
        code=fingerprint("compare"),
        evaluations=study.evaluations(config),
        settings=config["statistics"],
    script:
        "../scripts/compare.py"


rule tabulate_published:
    input:
        published=workflow.source_path("../report/published.csv"),
        summary="results/tables/summary.csv",
    output:
        table_5_1=report(
            "results/tables/table_5_1.csv",
            caption="../report/table_5_1.rst",
            category="Tables",
            labels={"table": "5.1 beside the published"},
        ),
        table_5_3=report(
            "results/tables/table_5_3.csv",
            caption="../report/table_5_3.rst",
            category="Tables",
            labels={"table": "5.3 beside the published"},
        ),
    log:
        "logs/evaluate/tabulate_published.log",
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        code=fingerprint("tabulate_published"),
        experiments=study.published_experiments(config),
    script:
        "../scripts/tabulate_published.py"


rule tables:
    input:
        all_metrics,
        rules.compare.output,
        "results/tables/timings.csv",
        published_tables,
