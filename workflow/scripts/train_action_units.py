"""Train POSTER's image network on a folder of faces with known action units."""

from pathlib import Path
from typing import TYPE_CHECKING

from synface.action_units.training import train_action_units
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
train_action_units(
    folder=snakemake.params.folder,
    network=snakemake.output.network,
    history=snakemake.output.history,
    state=Path(snakemake.output.network).with_name("state.pt"),
    settings=snakemake.params.settings,
    code=snakemake.params.code,
    threads=snakemake.threads,
)
