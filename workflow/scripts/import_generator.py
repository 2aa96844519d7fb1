"""Turn a published or own GANmut checkpoint into safetensors and its gamut."""

from typing import TYPE_CHECKING

from synface.ganmut.gamut import import_generator
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
import_generator(
    checkpoint=snakemake.params.checkpoint,
    generator=snakemake.output.generator,
    gamut=snakemake.output.gamut,
)
