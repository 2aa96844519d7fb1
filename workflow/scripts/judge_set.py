"""Let a judge read every image of a dataset."""

from typing import TYPE_CHECKING

from synface.judges.faces import judge_set
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
judge_set(
    metadata=snakemake.input.metadata,
    table=snakemake.output.table,
    arrays=snakemake.output.arrays,
    file=snakemake.params.file,
    threads=snakemake.threads,
    **snakemake.params.settings,
)
