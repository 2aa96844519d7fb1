# A page to walk through a generator's gamut and choose regions of it, for who asks: results/generators/{generator}/


rule write_atlas:
    """Write a page with portraits at codes all over a generator's gamut, and what a judge reads in them."""
    input:
        frames=frames_to_show,
        faces=faces_to_show,
        generator="results/generators/{generator}/generator.safetensors",
        gamut="results/generators/{generator}/gamut.json",
        judge=made_of(first_judge_file),
        template=workflow.source_path("../report/atlas.html"),
        script=workflow.source_path("../report/atlas.js"),
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
