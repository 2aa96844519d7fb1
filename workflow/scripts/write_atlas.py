"""Write the page of a generator's gamut of emotions."""

from typing import TYPE_CHECKING

from synface.atlas.page import write_atlas
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
judge = snakemake.params.judge
write_atlas(
    frames=snakemake.input.frames,
    faces=snakemake.input.faces,
    generator=snakemake.input.generator,
    gamut=snakemake.input.gamut,
    template=snakemake.input.template,
    script=snakemake.input.script,
    page=snakemake.output.page,
    name=snakemake.wildcards.generator,
    source=snakemake.params.source,
    judge={**judge, "file": snakemake.params.file} if judge else None,
    threads=snakemake.threads,
)
