"""Turn a published or own GANmut checkpoint into safetensors and its gamut."""

from typing import TYPE_CHECKING

from synface.core.logs import log_to
from synface.ganmut.gamut import import_generator

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

log_to(snakemake.log[0])
import_generator(
    checkpoint=snakemake.params.checkpoint,
    generator=snakemake.output.generator,
    gamut=snakemake.output.gamut,
)
