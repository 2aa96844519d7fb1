"""Train POSTER's image network on a folder of faces with known action units."""

from pathlib import Path
from typing import TYPE_CHECKING

from synface.action_units.training import train_action_units
from synface.core.logs import log_to

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
train_action_units(
    folder=snakemake.params.folder,
    network=snakemake.output.network,
    history=snakemake.output.history,
    state=Path(snakemake.output.network).with_name("state.pt"),
    settings=snakemake.params.settings,
    threads=snakemake.threads,
)
