# Who becomes what, how strongly: results/edits/{edit}/plan.csv


rule plan_edit:
    """Plan which portrait becomes which emotion, how strongly."""
    input:
        index=index_to_edit,
        gamut=gamut_to_plan_with,
        counts=counts_to_fill,
    output:
        plan="results/edits/{edit}/plan.csv",
    log:
        "logs/plan/{edit}.log",
    localrule: True
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        code=code("plan_edit"),
        fractions=fractions_to_fill,
        settings=settings("edits", "edit", "plan"),
        shards=shards_to_plan,
    script:
        "../scripts/plan_edit.py"
