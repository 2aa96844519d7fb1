# A page to walk through a generator's gamut and choose regions of it, for who asks: results/generators/{generator}/


# Known by what is in them: a checkout gives them any time.
ATLAS = workflow.source_path("../report/atlas.html")
ATLAS_SCRIPT = workflow.source_path("../report/atlas.js")


rule write_atlas:
    """Write a page with portraits at codes all over a generator's gamut, and what a judge reads in them."""
    input:
        frames=frames_to_show,
        faces=faces_to_show,
        generator="results/generators/{generator}/generator.safetensors",
        gamut="results/generators/{generator}/gamut.json",
        judge=made_of(first_judge_file),
        template=ancient(ATLAS),
        script=ancient(ATLAS_SCRIPT),
    output:
        page="results/generators/{generator}/atlas.html",
    log:
        "logs/atlas/{generator}.log",
    conda:
        "../../envs/networks.yaml"
    threads: 2
    resources:
        mem_mb=per_attempt(4000),
        runtime=per_attempt(60),
        gpu=1,
    params:
        code=code("write_atlas"),
        template=[digest(ATLAS), digest(ATLAS_SCRIPT)],
        source=source_to_show,
        judge=first_judge,
        file=place_of(first_judge_file),
        content=content_of_first_judge,
    script:
        "../scripts/write_atlas.py"


rule atlas:
    """The atlas of every generator that the experiments use; nothing else asks for it."""
    input:
        expand("results/generators/{generator}/atlas.html", generator=study.generators_in_use),
