"""Draw one portrait over a generator's whole gamut of emotions."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.report.gamut_atlas import draw_gamut_atlas

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
draw_gamut_atlas(
    frames=snakemake.input.frames,
    faces=snakemake.input.faces,
    generator=snakemake.input.generator,
    gamut=snakemake.input.gamut,
    figure=snakemake.output.figure,
)
