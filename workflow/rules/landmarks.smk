# The landmark networks that POSTER takes as pretrained: results/landmarks/{network}/


rule train_landmarks:
    """Train a landmark network for POSTER on known landmarks."""
    input:
        folder=made_of(marked_faces),
    output:
        network="results/landmarks/{network}/mobilefacenet.safetensors",
        history="results/landmarks/{network}/history.csv",
    log:
        "logs/landmarks/{network}.log",
    benchmark:
        "results/timings/landmarks/{network}.tsv"
    conda:
        "../../envs/networks.yaml"
    threads: threads_to_train_landmarks
    resources:
        mem_mb=per_attempt(8000),
        runtime=per_attempt(600),
        gpu=1,
    params:
        code=code("train_landmarks"),
        folder=place_of(marked_faces),
        content=content_of_marked_faces,
        settings=settings("landmarks", "network", "landmarks"),
    script:
        "../scripts/train_landmarks.py"
