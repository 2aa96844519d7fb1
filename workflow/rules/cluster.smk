# All that must happen while the Snakemake of a cluster job reads the Snakefile: it is the last moment before Snakemake
# removes the job's old outputs, and so the last to notice a twin, which a Snakemake that was lost has left running.
# Nothing of it concerns a run on one machine or a dry run, which leave nothing behind here.

from snakemake.target_jobs import parse_target_jobs_cli_args

from synface.study import cluster


def jobs_to_compute():
    """Yield (name, outputs, what they are made from) of every job that this process is to run, as its rule has them."""
    ours = {each.name: each for each in workflow.rules if each.name not in RULES_BEFORE}
    for target in parse_target_jobs_cli_args(cluster.arguments_of("--target-jobs", sys.argv)):
        if target.rulename in ours:
            asked = ours[target.rulename]
            outputs = [str(output) for output in asked.expand_output(target.wildcards_dict)[0]]
            yield " ".join(outputs), outputs, [study.configuration, code(Path(asked.script).stem)]


if workflow.is_main_process:
    cluster.note_start()
elif workflow.remote_exec and cluster.is_computing_part(sys.argv):
    cluster.limit_threads()
    if cluster.are_finished_by_others({name: job for name, *job in jobs_to_compute()}):
        sys.exit(0)
