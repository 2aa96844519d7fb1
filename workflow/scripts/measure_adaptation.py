"""Adapt the first edited faces of an edit in every way, and measure."""

from typing import TYPE_CHECKING

from synface.adaptation.measuring import measure_adaptation
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
measure_adaptation(
    edit=snakemake.wildcards.edit,
    plan=snakemake.input.plan,
    frames=snakemake.input.frames,
    edited=snakemake.input.edited,
    faces=snakemake.input.faces,
    cases=snakemake.output.cases,
    table=snakemake.output.table,
    ranking=snakemake.output.ranking,
    sheet=snakemake.output.sheet,
    min_face=snakemake.params.settings["min_face"],
)
