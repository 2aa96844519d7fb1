"""Draw the images per class of every dataset."""

from typing import TYPE_CHECKING

from synface.report.distributions import draw_distributions
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
draw_distributions(
    counts=dict(zip(snakemake.params.datasets, snakemake.input.counts, strict=True)),
    plans=dict(zip(snakemake.params.planned, snakemake.input.get("plans", []), strict=True)),
    figures=[snakemake.output.figure],
    table=snakemake.output.table,
)
