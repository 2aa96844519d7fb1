"""Export one dataset in a form in which others take it."""

from pathlib import Path
from typing import TYPE_CHECKING

from synface.dataset.exports.known import export_dataset
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
export_dataset(Path(snakemake.input.metadata).parent, snakemake.output[0], form=snakemake.wildcards.format)
