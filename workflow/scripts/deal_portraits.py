"""Give each portrait that an edit needs its emotion."""

from typing import TYPE_CHECKING

from synface.stages.deal import deal_portraits
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
deal_portraits(
    index=snakemake.input.index,
    demands=zip(
        snakemake.params.like,
        snakemake.input.counts,
        snakemake.params.fractions,
        snakemake.params.test_fractions,
        strict=True,
    ),
    dealt=snakemake.output.dealt,
    taken=snakemake.output.taken,
    **snakemake.params.settings,
    edit=snakemake.wildcards.edit,
    source=snakemake.params.source,
    patches=snakemake.input.get("patches") or None,
)
