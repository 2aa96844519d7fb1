"""Plan which portrait becomes which emotion, for one edit."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.stages.plan import plan_edit

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
plan_edit(
    index=snakemake.input.index,
    demands=zip(snakemake.input.counts, snakemake.params.fractions, strict=True),
    gamut=snakemake.input.gamut,
    plan=snakemake.output.plan,
    settings=snakemake.params.settings,
    shards=snakemake.params.shards,
)
