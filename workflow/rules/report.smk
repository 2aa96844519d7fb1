# What a reader looks at: results/figures/, results/report/


rule draw_contact_sheet:
    """Draw what every stage does to faces of a synthetic dataset."""
    input:
        plan=plan_to_match,
        faces=first_shard_of_edit("results/edits/{edit}/faces/{shard}.csv"),
        frames=first_shard_of_edit("results/edits/{edit}/frames/{shard}.tar"),
        edited=edited_to_show,
        recolored=recolored_to_show,
        blended=blended_to_show,
        crops="results/synthetic/{dataset}/crops/0.tar",
        crop_boxes="results/synthetic/{dataset}/crops/0.csv",
    output:
        figure=report(
            "results/figures/contact_sheet/{dataset}.png",
            caption="../report/contact_sheet.rst",
            category="Synthetic faces",
            labels={"figure": "contact sheet", "dataset": "{dataset}"},
        ),
    log:
        "logs/report/contact_sheet/{dataset}.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=code("draw_contact_sheet"),
    script:
        "../scripts/draw_contact_sheet.py"


rule draw_gamut:
    """Draw one portrait over a generator's whole gamut of emotions, and the codes of its edits over it."""
    input:
        frames=frames_to_show,
        faces=faces_to_show,
        generator="results/generators/{generator}/generator.safetensors",
        gamut="results/generators/{generator}/gamut.json",
        plans=plans_of_generator,
        judge=made_of(first_judge_file),
    output:
        figure=report(
            "results/figures/gamut/{generator}.png",
            caption="../report/gamut.rst",
            category="Synthetic faces",
            labels={"figure": "gamut of emotions", "generator": "{generator}"},
        ),
        codes=report(
            "results/figures/codes/{generator}.png",
            caption="../report/codes.rst",
            category="Synthetic faces",
            labels={"figure": "codes of the edits", "generator": "{generator}"},
        ),
    log:
        "logs/report/gamut/{generator}.log",
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=per_attempt(20),
    params:
        code=code("draw_gamut"),
        edits=edits_of_generator,
        judge=first_judge,
        file=place_of(first_judge_file),
        content=content_of_first_judge,
    script:
        "../scripts/draw_gamut.py"


rule draw_distributions:
    """Draw the images per class of every dataset."""
    input:
        counts=expand("results/datasets/{dataset}/counts.csv", dataset=study.datasets_to_show.values()),
        plans=plans_to_show,
    output:
        figure=report(
            "results/figures/distributions.svg",
            caption="../report/distributions.rst",
            category="Datasets",
            labels={"figure": "class distributions"},
        ),
        table="results/figures/distributions.csv",
    log:
        "logs/report/distributions.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=code("draw_distributions"),
        datasets=list(study.datasets_to_show),
        planned=list(study.synthetic_to_show),
    script:
        "../scripts/draw_distributions.py"


rule draw_training:
    """Draw the training curves of a model on every training set."""
    input:
        histories=histories_of_model,
    output:
        figure=report(
            "results/figures/training/{model}.svg",
            caption="../report/training.rst",
            category="Models",
            labels={"figure": "training curves", "model": "{model}"},
        ),
    log:
        "logs/report/training/{model}.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=code("draw_training"),
        runs=runs_of_model,
    script:
        "../scripts/draw_training.py"


rule draw_confusion:
    """Draw the confusion matrices of a model and training set, over all seeds."""
    input:
        confusions=confusions_of_seeds,
    output:
        figure=report(
            "results/figures/confusion/{model}/{train_set}.svg",
            caption="../report/confusion.rst",
            category="Confusion matrices",
            labels={"model": "{model}", "trained on": "{train_set}"},
        ),
        table="results/figures/confusion/{model}/{train_set}.csv",
    log:
        "logs/report/confusion/{model}/{train_set}.log",
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=code("draw_confusion"),
    script:
        "../scripts/draw_confusion.py"


rule draw_accuracy:
    """Draw the accuracy of a model on every pair of training and test set."""
    input:
        summary="results/tables/summary.csv",
    output:
        figure=report(
            "results/figures/accuracy/{model}.svg",
            caption="../report/accuracy.rst",
            category="Models",
            labels={"figure": "accuracy", "model": "{model}"},
        ),
    log:
        "logs/report/accuracy/{model}.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=code("draw_accuracy"),
    script:
        "../scripts/draw_accuracy.py"


rule draw_differences:
    """Draw the differences to the first training set with their intervals."""
    input:
        comparisons="results/tables/comparisons.csv",
    output:
        figure=report(
            "results/figures/differences.svg",
            caption="../report/differences.rst",
            category="Models",
            labels={"figure": "differences to the first training set"},
        ),
    log:
        "logs/report/differences.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=code("draw_differences"),
    script:
        "../scripts/draw_differences.py"


rule draw_scaling:
    """Draw accuracy over the number of training images, and the curve of the real ones."""
    input:
        points="results/tables/scaling.csv",
        curves="results/tables/scaling_curves.csv",
    output:
        figure=report(
            "results/figures/scaling.svg",
            caption="../report/scaling.rst",
            category="Models",
            labels={"figure": "what synthetic images are worth"},
        ),
    log:
        "logs/report/scaling.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=code("draw_scaling"),
    script:
        "../scripts/draw_scaling.py"


rule draw_edit_plane:
    """Draw how much of the expression an edit shows over how much of the person it keeps."""
    input:
        plane="results/tables/edit_plane.csv",
    output:
        figure=report(
            "results/figures/edit_plane.svg",
            caption="../report/edit_plane.rst",
            category="Synthetic faces",
            labels={"figure": "lazy and overfit edits"},
        ),
    log:
        "logs/report/edit_plane.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=code("draw_edit_plane"),
    script:
        "../scripts/draw_edit_plane.py"


rule figures:
    """All figures."""
    input:
        expand("results/figures/contact_sheet/{dataset}.png", dataset=study.synthetic_to_show.values()),
        expand("results/figures/gamut/{generator}.png", generator=study.generators_in_use),
        expand("results/figures/training/{model}.svg", model=study.trained_in_use),
        expand("results/figures/accuracy/{model}.svg", model=study.models_in_use),
        "results/figures/distributions.svg",
        "results/figures/differences.svg",
        scaling_figure,
        plane_figure,
        confusions("svg"),


rule gather_timings:
    """Gather the timings of all jobs in one table."""
    input:
        timings=timings_to_gather,
    output:
        timings=report(
            "results/tables/timings.csv",
            caption="../report/timings.rst",
            category="Tables",
            labels={"table": "timings"},
        ),
    log:
        "logs/report/timings.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        code=code("gather_timings"),
    script:
        "../scripts/gather_timings.py"


# Known by what is in it: a checkout gives it any time.
PAGE = workflow.source_path("../report/page.html")


rule write_report:
    """Write the report: the whole study on one page."""
    input:
        template=ancient(PAGE),
        counts=rules.draw_distributions.input.counts,
        rejects=rejects_to_report,
        audits=audits_to_report,
        geometry=expand("results/audits/{dataset}/geometry.csv", dataset=study.datasets_to_show.values()),
        contact_sheets=expand("results/figures/contact_sheet/{dataset}.png", dataset=study.synthetic_to_show.values()),
        gamuts=expand("results/figures/gamut/{generator}.png", generator=study.generators_in_use),
        codes=expand("results/figures/codes/{generator}.png", generator=study.generators_in_use),
        distributions="results/figures/distributions.svg",
        summary="results/tables/summary.csv",
        metrics="results/tables/metrics.csv",
        comparisons="results/tables/comparisons.csv",
        differences="results/figures/differences.svg",
        training=expand("results/figures/training/{model}.svg", model=study.trained_in_use),
        confusions=confusions("csv"),
        published=published_tables,
        scaling=scaling_tables,
        scaling_figure=scaling_figure,
        provenance=all_provenance,
        orders=orders_to_report,
        judged=tables_of_judges,
        plane_figure=plane_figure,
        blemishes=blemishes_table,
        people=people_to_report,
        timings="results/tables/timings.csv",
    output:
        page=report(
            "results/report/index.html",
            caption="../report/page.rst",
            category="The study on one page",
            labels={"page": "report"},
        ),
    log:
        "logs/report/page.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=code("write_report"),
        template=digest(PAGE),
        settings=study.configuration["report"],
        # The page prints the whole configuration, so every change of it is a change of the page.
        config=study.configuration,
        counts=list(study.datasets_to_show),
        rejects=[list(entry) for entry in study.rejecting],
        audits=study.training_sets,
        geometry=list(study.datasets_to_show),
        contact_sheets=list(study.synthetic_to_show),
        gamuts=study.generators_in_use,
        codes=study.generators_in_use,
        training=study.trained_in_use,
        confusions=[list(pair) for pair in study.pairs],
        published=published_headings,
        metric=study.configuration["statistics"]["metric"],
        natural=study.natural_tests,
        provenance=[[each.model, each.train_set, each.seed] for each in study.trainings_here],
        orders=study.published_in_use,
        judged=study.judge_tables,
        people=study.training_sets if study.identity_judge else [],
    script:
        "../scripts/write_report.py"


rule write_provenance:
    """Record what all results were made of, and which they are."""
    input:
        rules.models.input,
        rules.tables.input,
        rules.figures.input,
        sources=expand("results/sources/{source}/index.csv", source=study.needed["sources"]),
        patches=[f"results/edits/{edit}/patches.csv" for edit in study.needed["edits"] if study.patches_of(edit)],
        datasets=expand("results/datasets/{dataset}/{file}", dataset=study.needed["datasets"], file=FILES_OF_DATASETS),
        marks=[marks_of(dataset) for dataset in study.needed["datasets"]],
        files=[
            f"results/datasets/{dataset}/files.csv" for dataset in study.needed["datasets"] if study.imported(dataset)
        ],
        landmarks=expand("results/landmarks/{network}/mobilefacenet.safetensors", network=study.needed["landmarks"]),
        action_units=expand("results/action_units/{network}/ir50.safetensors", network=study.needed["action_units"]),
        generators=expand(
            "results/generators/{generator}/{file}",
            generator=study.needed["generators"],
            file=("generator.safetensors", "gamut.json"),
        ),
        teachers=[teacher_of(dataset) for dataset in study.unedited if dataset in study.needed["datasets"]],
        provenance=all_provenance,
        predictions=all_predictions,
        audits=rules.write_report.input.audits,
        page=rules.write_report.output.page,
    output:
        record="results/provenance.json",
    log:
        "logs/report/provenance.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(10),
    params:
        code=code("write_provenance"),
        config=study.configuration,
        scripts=CODE,
        given=study.inputs_in_use,
        lists={where: placed(path) for where, path in lists_of_inputs().items()},
    script:
        "../scripts/write_provenance.py"
