"""Write the report page."""

from typing import TYPE_CHECKING

from synface.report.page import write_report
from synface.report.release import release
from synface.study.job import begin_job

if TYPE_CHECKING:
    from snakemake.iocontainers import snakemake

begin_job(snakemake.log[0], snakemake.params.code)
inputs, names = snakemake.input, snakemake.params


def named(key: str) -> dict[str, str]:
    """Return the files of one kind by the names that the parameter of the same key gives them."""
    return dict(zip(names.get(key, []), inputs.get(key, []), strict=True))


write_report(
    **{
        name: inputs[name] for name in ("template", "distributions", "summary", "metrics", "comparisons", "differences")
    },
    page=snakemake.output.page,
    settings=names.settings,
    config=names.config,
    metric=names.metric,
    release=release(),
    counts=named("counts"),
    rejects=[(*entry, path) for entry, path in zip(names.rejects, inputs.rejects, strict=True)],
    audits=list(zip(names.audits, inputs.audits, strict=True)),
    geometry=named("geometry"),
    contact_sheets=named("contact_sheets"),
    gamuts=named("gamuts"),
    codes=named("codes"),
    natural=names.natural,
    training=named("training"),
    confusions=[(*pair, path) for pair, path in zip(names.confusions, inputs.confusions, strict=True)],
    published=named("published"),
    scaling=next(iter(inputs.get("scaling")), None),
    scaling_figure=next(iter(inputs.get("scaling_figure")), None),
    provenance=[(*each, path) for each, path in zip(names.provenance, inputs.provenance, strict=True)],
    orders=named("orders"),
    judged=named("judged"),
    plane_figure=next(iter(inputs.get("plane_figure")), None),
    blemishes=next(iter(inputs.get("blemishes")), None),
    people=list(zip(names.people, inputs.people, strict=True)),
    timings=inputs.get("timings"),
)
