# All that must happen while the Snakemake of a cluster job reads the Snakefile: it is the last moment before Snakemake
# removes the job's old outputs, and so the last to notice a twin, which a Snakemake that was lost has left running.
# Nothing of it concerns a run on one machine or a dry run, which leave nothing behind here.

from snakemake.target_jobs import parse_target_jobs_cli_args

from synface.study import cluster


def jobs_to_compute():
    """Yield (log, script, outputs) of every job that this process is to run, as its rule has them."""
    ours = {each.name: each for each in workflow.rules if each.name not in RULES_BEFORE}
    for target in parse_target_jobs_cli_args(cluster.arguments_of("--target-jobs", sys.argv)):
        if target.rulename in ours:
            asked = ours[target.rulename]
            outputs = [str(output) for output in asked.expand_output(target.wildcards_dict)[0]]
            logs = [str(log) for log in asked.expand_log(target.wildcards_dict)]
            yield logs, Path(asked.script).stem, outputs


def refuse_change():
    """End a job that finds another configuration or code than its run began with: it would be recorded as the old."""
    jobs = list(jobs_to_compute())
    changed = what_has_changed(placed("results"), study.configuration, {script: code(script) for _, script, _ in jobs})
    if changed is None:
        return
    sentence = (
        f"The {changed} was changed after this run had begun, and results would be recorded as the old one's; run the same "
        "command again: what is finished and unchanged stays."
    )
    for logs, _, _ in jobs:
        cluster.note_refusal(logs, sentence)
    stop(sentence)


if workflow.is_main_process:
    cluster.note_start()
    freeze(placed("results"), study.configuration, CODE)
elif workflow.remote_exec and cluster.is_computing_part(sys.argv):
    cluster.limit_threads()
    refuse_change()
    if cluster.are_finished_by_others(
        {" ".join(outputs): (outputs, [study.configuration, code(script)]) for _, script, outputs in jobs_to_compute()}
    ):
        sys.exit(0)
