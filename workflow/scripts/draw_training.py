"""Draw the training curves of one model on every training set."""

from typing import TYPE_CHECKING

from synface.report.curves import draw_training
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
draw_training(
    runs=[{**run, "history": path} for run, path in zip(snakemake.params.runs, snakemake.input.histories, strict=True)],
    title=snakemake.wildcards.model,
    figures=[snakemake.output.figure],
)
