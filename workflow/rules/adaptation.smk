# Every color transfer with every blending on an edit's faces, for who asks: results/edits/{edit}/adaptation/


rule measure_adaptation:
    """Adapt the first edited faces of an edit in every way, and measure."""
    input:
        plan="results/edits/{edit}/plan.csv",
        frames="results/edits/{edit}/frames/0.tar",
        edited="results/edits/{edit}/edited/0.tar",
        faces="results/edits/{edit}/faces/0.csv",
    output:
        cases="results/edits/{edit}/adaptation/cases.csv",
        table="results/edits/{edit}/adaptation/table.csv",
        ranking="results/edits/{edit}/adaptation/ranking.csv",
        sheet="results/edits/{edit}/adaptation/sheet.png",
    log:
        "logs/adaptation/{edit}.log",
    conda:
        "../../envs/networks.yaml"
    threads: 1
    resources:
        mem_mb=per_attempt(4000),
        runtime=per_attempt(60),
    params:
        code=code("measure_adaptation"),
        settings=settings("edits", "edit", "detect"),
    script:
        "../scripts/measure_adaptation.py"


rule adaptation:
    """The ablation of color transfer and blending, for every edit; nothing else asks for it."""
    input:
        expand(rules.measure_adaptation.output.ranking, edit=study.config.edits),
