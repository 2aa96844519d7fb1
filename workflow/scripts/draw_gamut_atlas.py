"""Draw one portrait over a generator's whole gamut of emotions."""

from typing import TYPE_CHECKING

from synface.report.gamut_atlas import draw_gamut_atlas
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
draw_gamut_atlas(
    frames=snakemake.input.frames,
    faces=snakemake.input.faces,
    generator=snakemake.input.generator,
    gamut=snakemake.input.gamut,
    figure=snakemake.output.figure,
)
