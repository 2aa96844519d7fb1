"""Put the study's published accuracies beside ours."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.evaluate.published import tabulate_published

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
tabulate_published(
    published=snakemake.input.published,
    summary=snakemake.input.summary,
    experiments=snakemake.params.experiments,
    tables={"5.1": snakemake.output.table_5_1, "5.3": snakemake.output.table_5_3},
)
