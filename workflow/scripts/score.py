"""Measure one model on one test set."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.evaluate.score import score

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
score(
    predictions=snakemake.input.predictions,
    metrics=snakemake.output.metrics,
    confusion=snakemake.output.confusion,
)
