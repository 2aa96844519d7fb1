"""Download the weights whose addresses the configuration gives."""

from typing import TYPE_CHECKING

from synface.compute.fetch import fetch_weights
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
fetch_weights(snakemake.params.weights)
