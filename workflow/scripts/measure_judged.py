"""Measure what judges read: per edit, between sets, by group."""

from typing import TYPE_CHECKING

from synface.judges.measures import measure_distances, measure_edits, measure_groups
from synface.judges.plane import measure_plane
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
inputs, names = snakemake.input, snakemake.params
edits = [(*pair, path) for pair, path in zip(names.edits, inputs.edits, strict=True)]
sets = [(*pair, path) for pair, path in zip(names.sets, inputs.sets, strict=True)]
arrays = [*inputs.edits_arrays, *inputs.sets_arrays]
chosen = dict(zip(names.chosen, inputs.chosen, strict=True))
measure_edits(edits=edits, sets=sets, judged=snakemake.output.judged)
measure_plane(judged=snakemake.output.judged, plane=snakemake.output.plane)
measure_distances(
    pairs=names.pairs,
    judged={(judge, name): (path, array) for (judge, name, path), array in zip(edits + sets, arrays, strict=True)},
    chosen=chosen,
    distances=snakemake.output.distances,
)
measure_groups(
    judged=edits + sets,
    chosen=chosen,
    merged=dict(zip(names.merged, inputs.merged, strict=True)),
    groups=snakemake.output.groups,
)
