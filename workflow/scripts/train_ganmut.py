"""Train GANmut on the training split of a dataset."""

from pathlib import Path
from typing import TYPE_CHECKING

from synface.ganmut.training import train_ganmut
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
train_ganmut(
    metadata=snakemake.input.metadata,
    folder=Path(snakemake.input.metadata).parent,
    generator=snakemake.output.generator,
    gamut=snakemake.output.gamut,
    history=snakemake.output.history,
    state=Path(snakemake.output.generator).with_name("state.pt"),
    settings=snakemake.params.settings,
    start=snakemake.params.start,
    pairs=snakemake.params.pairs,
    code=snakemake.params.code,
    threads=snakemake.threads,
)
