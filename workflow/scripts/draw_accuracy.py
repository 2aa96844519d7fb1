"""Draw the accuracy of one model on every pair of training and test set."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.report.accuracy import draw_accuracy

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
draw_accuracy(
    summary=snakemake.input.summary,
    model=snakemake.wildcards.model,
    figures=[snakemake.output.figure],
)
