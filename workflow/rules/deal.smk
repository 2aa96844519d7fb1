# Which portrait becomes which emotion, before anything is trained: results/edits/{edit}/dealt.csv


# A generator's training waits for the dealing without depending on it: a checkpoint, for the reason in audit.smk.
checkpoint deal_portraits:
    """Deal the portraits to the emotions, or say how many are lacking."""
    input:
        index=index_to_edit,
        counts=counts_to_fill,
        patches=patches_to_take,
    output:
        dealt="results/edits/{edit}/dealt.csv",
        taken="results/edits/{edit}/demands.csv",
    log:
        "logs/deal/{edit}.log",
    benchmark:
        "results/timings/deal/{edit}.tsv"
    localrule: True
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(1000),
        runtime=per_attempt(10),
    params:
        code=code("deal_portraits"),
        like=sets_to_fill,
        fractions=fractions_to_fill,
        test_fractions=test_fractions_to_fill,
        settings=settings("edits", "edit", "deal"),
        source=source_to_edit,
    script:
        "../scripts/deal_portraits.py"
