# The landmark networks that POSTER takes as pretrained: results/landmarks/{net}/


rule train_landmarks:
    input:
        folder=marked_faces,
    output:
        network="results/landmarks/{net}/mobilefacenet.safetensors",
        history="results/landmarks/{net}/history.csv",
    log:
        "logs/landmarks/{net}.log",
    benchmark:
        "results/timings/landmarks/{net}.tsv"
    conda:
        "../../envs/networks.yaml"
    threads: 4
    resources:
        mem_mb=per_attempt(8000),
        runtime=per_attempt(600),
        gpu=1,
    params:
        code=fingerprint("train_landmarks"),
        settings=settings_without("landmarks", "net", "train_on", "obtain"),
        # Not an output: Snakemake deletes those of a failed job, and training resumes from this.
        state="results/landmarks/{net}/state.pt",
    script:
        "../scripts/train_landmarks.py"
