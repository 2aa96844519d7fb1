"""Turn a published or own POSTER checkpoint into safetensors that say how it is fed and read."""

from typing import TYPE_CHECKING

from synface.poster.loading import import_poster
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
import_poster(
    checkpoint=snakemake.params.checkpoint,
    model=snakemake.output.model,
    color_order=snakemake.params.settings["color_order"],
    class_names=snakemake.params.settings["classes"],
)
