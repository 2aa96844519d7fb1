"""Classify all test sets of one trained POSTER, and measure it on each."""

from typing import TYPE_CHECKING

from synface.evaluate.score import score
from synface.poster.predict import predict
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
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
