"""Train GANmut on the training split of a dataset."""

from pathlib import Path
from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.ganmut.training import train_ganmut

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
train_ganmut(
    metadata=snakemake.input.metadata,
    folder=Path(snakemake.input.metadata).parent,
    generator=snakemake.output.generator,
    gamut=snakemake.output.gamut,
    history=snakemake.output.history,
    state=Path(snakemake.output.generator).with_name("state.pt"),
    settings=snakemake.params.settings,
    code=snakemake.params.code,
    threads=snakemake.threads,
)
