# synface: can synthetic faces replace or extend a real training set for facial-expression recognition?
#
#   portraits - deal - plan - frames - detect - edit - color - blend - crop - match - dataset - train - evaluate - report
#
# The configuration names the things (sources, generators, edits, datasets, landmarks, action_units, models, judges) and
# asks (experiments); results/ has a folder for each table, with a folder for each name. The science is in
# workflow/scripts/synface/.

from snakemake.utils import min_version

min_version("9.27")


configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/resources.smk"
include: "workflow/rules/fetch.smk"
include: "workflow/rules/drawing.smk"
include: "workflow/rules/sources.smk"
include: "workflow/rules/ganmut.smk"
include: "workflow/rules/patches.smk"
include: "workflow/rules/deal.smk"
include: "workflow/rules/plan.smk"
include: "workflow/rules/frames.smk"
include: "workflow/rules/detect.smk"
include: "workflow/rules/edit.smk"
include: "workflow/rules/blemishes.smk"
include: "workflow/rules/color.smk"
include: "workflow/rules/blend.smk"
include: "workflow/rules/adaptation.smk"
include: "workflow/rules/crop.smk"
include: "workflow/rules/label.smk"
include: "workflow/rules/match.smk"
include: "workflow/rules/dataset.smk"
include: "workflow/rules/export.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/geometry.smk"
include: "workflow/rules/landmarks.smk"
include: "workflow/rules/action_units.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/judge.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/atlas.smk"
include: "workflow/rules/cluster.smk"


onsuccess:
    say_last(answers())


onerror:
    say_last(tell_failures_of([log] if isinstance(log, str) else log))


rule all:
    default_target: True
    input:
        rules.datasets.input,
        rules.models.input,
        rules.tables.input,
        rules.figures.input,
        "results/report/index.html",
        "results/provenance.json",
