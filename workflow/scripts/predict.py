"""Classify the test images of one dataset with one trained POSTER."""

from pathlib import Path
from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.poster.predict import predict

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
predict(
    model=snakemake.input.model,
    metadata=snakemake.input.metadata,
    folder=Path(snakemake.input.metadata).parent,
    predictions=snakemake.output.predictions,
    batch_size=snakemake.params.batch_size,
    threads=snakemake.threads,
)
