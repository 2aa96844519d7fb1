# Each dealt portrait at its code of the generator: results/edits/{edit}/plan.csv


rule plan_edit:
    """Plan at which code of the generator each portrait is edited."""
    input:
        dealt="results/edits/{edit}/dealt.csv",
        gamut=gamut_to_plan_with,
        marks=ancient(marks_of_generator),
    output:
        plan="results/edits/{edit}/plan.csv",
    log:
        "logs/plan/{edit}.log",
    benchmark:
        "results/timings/plan/{edit}.tsv"
    localrule: True
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        code=code("plan_edit"),
        settings=settings("edits", "edit", "plan"),
        shards=shards_to_plan,
    script:
        "../scripts/plan_edit.py"
