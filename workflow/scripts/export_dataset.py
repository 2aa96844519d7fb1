"""Export one dataset in a form in which others take it."""

from pathlib import Path
from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.dataset.exports.known import export_dataset

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
export_dataset(Path(snakemake.input.metadata).parent, snakemake.output[0], form=snakemake.wildcards.format)
