"""List the portraits of one source, with their ids and splits."""

from typing import TYPE_CHECKING

from synface.stages.sources import index_source
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
index_source(
    images=snakemake.params.images,
    counts=snakemake.input.get("counts", []),
    index=snakemake.output.index,
    rejects=snakemake.output.rejects,
    threads=snakemake.threads,
    license_file=snakemake.params.license_file,
    **snakemake.params.settings,
)
