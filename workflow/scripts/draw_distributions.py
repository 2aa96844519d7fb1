"""Draw the images per class of every dataset."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.report.distributions import draw_distributions

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
draw_distributions(
    counts=dict(zip(snakemake.params.datasets, snakemake.input.counts, strict=True)),
    plans=dict(zip(snakemake.params.planned, snakemake.input.get("plans", []), strict=True)),
    figures=[snakemake.output.figure],
    table=snakemake.output.table,
)
