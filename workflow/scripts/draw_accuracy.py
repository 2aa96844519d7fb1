"""Draw the accuracy of one model on every pair of training and test set."""

from typing import TYPE_CHECKING

from synface.report.accuracy import draw_accuracy
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
draw_accuracy(
    summary=snakemake.input.summary,
    model=snakemake.wildcards.model,
    figures=[snakemake.output.figure],
)
