"""Let a judge read every image of a dataset."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.judges.faces import judge_set

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
judge_set(
    metadata=snakemake.input.metadata,
    table=snakemake.output.table,
    arrays=snakemake.output.arrays,
    file=snakemake.params.file,
    threads=snakemake.threads,
    **snakemake.params.settings,
)
