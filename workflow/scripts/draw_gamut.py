"""Draw one portrait over a generator's whole gamut of emotions, and the codes of its edits over it."""

from typing import TYPE_CHECKING

from synface.atlas.figure import draw_gamut
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
judge = snakemake.params.judge
draw_gamut(
    frames=snakemake.input.frames,
    faces=snakemake.input.faces,
    generator=snakemake.input.generator,
    gamut=snakemake.input.gamut,
    figure=snakemake.output.figure,
    plans=dict(zip(snakemake.params.edits, snakemake.input.plans, strict=True)),
    codes_figure=snakemake.output.codes,
    judge={**judge, "file": snakemake.params.file} if judge else None,
)
