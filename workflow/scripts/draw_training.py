"""Draw the training curves of one model on every training set."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.report.curves import draw_training

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
draw_training(
    runs=[{**run, "history": path} for run, path in zip(snakemake.params.runs, snakemake.input.histories, strict=True)],
    title=snakemake.wildcards.model,
    figures=[snakemake.output.figure],
)
