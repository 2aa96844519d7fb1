"""Train POSTER on one dataset with one seed."""

from pathlib import Path
from typing import TYPE_CHECKING

from synface.poster.training import train_poster
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
train_poster(
    metadata=snakemake.input.metadata,
    folder=Path(snakemake.input.metadata).parent,
    copies=snakemake.input.copies,
    model=snakemake.output.model,
    history=snakemake.output.history,
    provenance=snakemake.output.provenance,
    state=Path(snakemake.output.model).with_name("state.pt"),
    pretrained={part: snakemake.params.get(part) for part in ("ir50", "mobilefacenet")},
    settings=snakemake.params.settings,
    seed=int(snakemake.wildcards.seed),
    where=f"models.{snakemake.wildcards.model}",
    code=snakemake.params.code,
    threads=snakemake.threads,
)
