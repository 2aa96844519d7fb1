# Whether generators smear and speckle: results/edits/{edit}/blemishes.csv, results/tables/blemishes.csv


rule measure_blemishes:
    """Measure how much the faces of an edit are smeared and speckled, of which true edits are not."""
    input:
        plan="results/edits/{edit}/plan.csv",
        frames=shards_of_edit("results/edits/{edit}/frames/{shard}.tar"),
        faces=shards_of_edit("results/edits/{edit}/faces/{shard}.csv"),
        edited=shards_of_edit("results/edits/{edit}/edited/{shard}.tar"),
    output:
        blemishes="results/edits/{edit}/blemishes.csv",
    log:
        "logs/blemishes/{edit}.log",
    benchmark:
        "results/timings/blemishes/{edit}.tsv"
    wildcard_constraints:
        edit=one_of(study.names("edits", "generator")),
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(20),
    params:
        code=code("measure_blemishes"),
    script:
        "../scripts/measure_blemishes.py"


rule tabulate_blemishes:
    """Count the blemished faces of every edit and class."""
    input:
        blemishes=expand("results/edits/{edit}/blemishes.csv", edit=study.edits_to_show),
    output:
        table=report(
            "results/tables/blemishes.csv",
            caption="../report/blemishes.rst",
            category="Tables",
            labels={"table": "smears and speckles of edits"},
        ),
    log:
        "logs/blemishes/tabulate_blemishes.log",
    localrule: True
    conda:
        "../../envs/report.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        code=code("tabulate_blemishes"),
        generators={edit: study.generator_of(edit) for edit in study.edits_to_show},
    script:
        "../scripts/tabulate_blemishes.py"
