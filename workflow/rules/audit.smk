# Is what models are tested on among what they learned from? results/audits/{train_set}/


# Trainings wait for their audit, whose outcome is none of their inputs' content (`ancient`). What is downstream of such a
# job Snakemake looks at again only when a checkpoint has finished.
checkpoint audit_copies:
    """List the copies in a training set, of its own pictures and of test pictures; refuse or drop what leaks."""
    input:
        metadata=ancient("results/datasets/{train_set}/metadata.csv"),
        images=ancient("results/datasets/{train_set}/images"),
        tests=ancient(audited("metadata.csv")),
        test_images=ancient(audited("images")),
        indexes=ancient(indexes_to_audit),
        frames=ancient(frames_to_audit),
        digests=digests_of(sets_to_audit),
        marks=ancient(marks_of_all(sets_to_audit)),
    output:
        copies="results/audits/{train_set}/copies.csv",
    log:
        "logs/audit/{train_set}.log",
    benchmark:
        "results/timings/audit/{train_set}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=per_attempt(120),
    params:
        code=code("audit_copies"),
        test_sets=audited_sets,
        edits=edits_to_audit,
        shards=shards_to_audit,
        leaks=study.config.leaks,
    script:
        "../scripts/audit_copies.py"


# People are a judge's word: no training waits for it, and none is done again when another judge is asked.
rule audit_people:
    """List the pictures of a training set whose person seems to be in a test set, by a judge's identity network."""
    input:
        metadata="results/datasets/{train_set}/metadata.csv",
        tests=audited("metadata.csv"),
        judged=judged_people("csv"),
        arrays=judged_people("npz"),
    output:
        people="results/audits/{train_set}/people.csv",
    log:
        "logs/audit/people/{train_set}.log",
    conda:
        "../../envs/imaging.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=per_attempt(30),
    params:
        code=code("audit_people"),
        test_sets=audited_sets,
        judged=parts_to_know_people_in,
    script:
        "../scripts/audit_people.py"
