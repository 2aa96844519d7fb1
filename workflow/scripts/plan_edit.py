"""Plan at which code each portrait of one edit is edited."""

from typing import TYPE_CHECKING

from synface.stages.plan import plan_edit
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
plan_edit(
    dealt=snakemake.input.dealt,
    gamut=snakemake.input.get("gamut") or None,
    plan=snakemake.output.plan,
    settings=snakemake.params.settings,
    shards=snakemake.params.shards,
)
