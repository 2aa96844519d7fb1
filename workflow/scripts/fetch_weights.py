"""Download the weights whose addresses the configuration gives."""

from typing import TYPE_CHECKING

from synface.compute.fetch import fetch_weights
from synface.core.logs import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
fetch_weights(snakemake.params.weights)
