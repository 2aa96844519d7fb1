# Who becomes what, how strongly: results/edits/{edit}/plan.csv


rule plan_edit:
    input:
        index=index_to_edit,
        gamut=gamut_to_plan_with,
        counts=counts_to_fill,
    output:
        plan="results/edits/{edit}/plan.csv",
    log:
        "logs/plan/{edit}.log",
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        code=fingerprint("plan_edit"),
        fractions=fractions_to_fill,
        settings=settings_of(
            "edits",
            "edit",
            "at",
            "rho",
            "neutral_rho",
            "theta_jitter",
            "ranges",
            "spares",
            "shards",
            "seed",
        ),
    script:
        "../scripts/plan_edit.py"
