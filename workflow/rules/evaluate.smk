# Every model on every test set, with intervals and paired tests: results/evaluations/, results/tables/


rule evaluate_model:
    """Classify all test sets of a trained model, and measure it on each."""
    input:
        model="results/models/{model}/{train_set}/seed{seed}/model.safetensors",
        metadata=ancient(tested("metadata.csv")),
        images=ancient(tested("images")),
        digests=digests_of(test_sets),
        copies=audit_behind,
        marks=ancient(marks_of_all(test_sets)),
    output:
        predictions="results/evaluations/{model}/{train_set}/seed{seed}/predictions.csv",
        metrics="results/evaluations/{model}/{train_set}/seed{seed}/metrics.json",
        confusions="results/evaluations/{model}/{train_set}/seed{seed}/confusions.csv",
    log:
        "logs/evaluate/{model}/{train_set}/seed{seed}.log",
    benchmark:
        "results/timings/evaluate/{model}/{train_set}/seed{seed}.tsv"
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(8000),
        runtime=minutes_for("metadata", seconds=0.1),
        gpu=1,
    params:
        code=code("evaluate_model"),
        test_sets=test_sets,
        settings=settings("models", "model", "evaluate"),
    script:
        "../scripts/evaluate_model.py"


rule check_model:
    """Look whether a published model's labels or color channels are in another order than was said."""
    input:
        model="results/models/{model}/elsewhere/seed0/model.safetensors",
        predictions="results/evaluations/{model}/elsewhere/seed0/predictions.csv",
        metadata=ancient(tested("metadata.csv")),
        images=ancient(tested("images")),
    output:
        swapped="results/evaluations/{model}/elsewhere/seed0/swapped.csv",
        orders="results/evaluations/{model}/elsewhere/seed0/orders.csv",
    log:
        "logs/evaluate/{model}/elsewhere/check.log",
    wildcard_constraints:
        model=one_of(study.names("models", "checkpoint")),
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(8000),
        runtime=per_attempt(60),
        gpu=1,
    params:
        code=code("check_model"),
        test_sets=test_sets,
        settings=settings("models", "model", "evaluate"),
    script:
        "../scripts/check_model.py"


rule compare:
    """Compare all models: accuracies over seeds, and which differences are real."""
    input:
        predictions=all_predictions,
    output:
        accuracy="results/tables/accuracy.csv",
        summary="results/tables/summary.csv",
        per_class="results/tables/per_class.csv",
        metrics="results/tables/metrics.csv",
        metric_comparisons="results/tables/metric_comparisons.csv",
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
        code=code("compare"),
        evaluations=study.evaluations,
        contrasts=study.contrasts,
        lineage=study.lineage,
        trainings=[[each.model, each.train_set, each.seed] for each in study.trainings],
        settings=study.configuration["statistics"],
    script:
        "../scripts/compare.py"


rule fit_scaling:
    """Fit accuracy over the number of real training images, and tell what synthetic ones are worth."""
    input:
        predictions=predictions_to_scale,
        metadata=expand("results/datasets/{dataset}/metadata.csv", dataset=study.scaled_datasets.values()),
    output:
        points=report(
            "results/tables/scaling.csv",
            caption="../report/scaling.rst",
            category="Tables",
            labels={"table": "what synthetic images are worth"},
        ),
        curves="results/tables/scaling_curves.csv",
    log:
        "logs/evaluate/fit_scaling.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(30),
    params:
        code=code("fit_scaling"),
        evaluations=study.scaled_evaluations,
        trainings=[[each.model, each.train_set, each.seed] for each in study.scaled_trainings],
        datasets=list(study.scaled_datasets),
    script:
        "../scripts/fit_scaling.py"


# Known by what is in it: a checkout gives it any time.
PUBLISHED = workflow.source_path("../report/published.csv")


rule tabulate_published:
    """Set the study's published accuracies beside ours."""
    input:
        published=ancient(PUBLISHED),
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
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        code=code("tabulate_published"),
        content=digest(PUBLISHED),
        experiments=study.published_experiments,
    script:
        "../scripts/tabulate_published.py"


rule tables:
    """All tables: accuracies, comparisons, timings."""
    input:
        all_metrics,
        orders_to_report,
        rules.compare.output,
        "results/tables/timings.csv",
        published_tables,
        scaling_tables,
        blemishes_table,
        tables_of_judges,
