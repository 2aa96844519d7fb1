# As many of each class as the reference has: results/synthetic/{dataset}/selection.csv


rule match_distribution:
    """Choose as many faces of each class and split as the reference has, among those that a judge may have kept."""
    input:
        plan=plan_to_match,
        crops=crops_to_match,
        counts=counts_to_match,
        taken=of_edit("results/edits/{edit}/demands.csv"),
        kept=reading_of(judge_that_keeps),
        groups=reading_of(judge_of_groups),
    output:
        selection="results/synthetic/{dataset}/selection.csv",
        rejects="results/synthetic/{dataset}/rejects.csv",
    log:
        "logs/match/{dataset}.log",
    benchmark:
        "results/timings/match/{dataset}.tsv"
    localrule: True
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(30),
    params:
        code=code("match_distribution"),
        settings=settings("datasets", "dataset", "match"),
        like=set_to_match,
        exact=is_edited,
        seed=seed_to_match,
        judge=judge_that_keeps,
    script:
        "../scripts/match_distribution.py"
