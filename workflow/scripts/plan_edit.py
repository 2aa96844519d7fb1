"""Plan at which code each portrait of one edit is edited."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.stages.plan import plan_edit

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
plan_edit(
    dealt=snakemake.input.dealt,
    gamut=snakemake.input.gamut,
    plan=snakemake.output.plan,
    settings=snakemake.params.settings,
    shards=snakemake.params.shards,
)
