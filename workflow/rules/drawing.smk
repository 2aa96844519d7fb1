# Faces that the project draws itself, in the layouts that users have: results/drawings/{drawing}/


rule draw_faces:
    """Draw faces with known expressions, in a layout that users have."""
    output:
        folder=directory("results/drawings/{drawing}"),
    log:
        "logs/drawing/{drawing}.log",
    benchmark:
        "results/timings/drawing/{drawing}.tsv"
    conda:
        "../../envs/imaging.yaml"
    threads: 2
    resources:
        mem_mb=per_attempt(2000),
        runtime=per_attempt(60),
    params:
        code=code("draw_faces"),
        settings=settings("drawings", "drawing", "drawing"),
    script:
        "../scripts/draw_faces.py"
