"""Classify all test sets of one trained POSTER, and measure it on each."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.evaluate.score import score
from synface.poster.predict import predict

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
predict(
    model=snakemake.input.model,
    tests=dict(zip(snakemake.params.test_sets, snakemake.input.metadata, strict=True)),
    predictions=snakemake.output.predictions,
    batch_size=snakemake.params.settings["test_batch_size"],
    threads=snakemake.threads,
)
score(
    predictions=snakemake.output.predictions,
    metrics=snakemake.output.metrics,
    confusions=snakemake.output.confusions,
)
