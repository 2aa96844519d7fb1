# The image networks that POSTER takes as pretrained: results/action_units/{network}/


rule train_action_units:
    """Train POSTER's image network on known action units."""
    input:
        folder=made_of(coded_faces),
    output:
        network="results/action_units/{network}/ir50.safetensors",
        history="results/action_units/{network}/history.csv",
    log:
        "logs/action_units/{network}.log",
    benchmark:
        "results/timings/action_units/{network}.tsv"
    conda:
        "../../envs/networks.yaml"
    threads: threads_to_train_action_units
    resources:
        mem_mb=per_attempt(8000),
        runtime=per_attempt(600),
        gpu=1,
    params:
        code=code("train_action_units"),
        folder=place_of(coded_faces),
        content=content_of_coded_faces,
        settings=settings("action_units", "network", "action_units"),
    script:
        "../scripts/train_action_units.py"
