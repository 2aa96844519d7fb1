"""Measure one model on one test set."""

from typing import TYPE_CHECKING

from synface.evaluate.score import score
from synface.logs import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
score(
    predictions=snakemake.input.predictions,
    metrics=snakemake.output.metrics,
    confusion=snakemake.output.confusion,
)
