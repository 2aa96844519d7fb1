# Jobs on a cluster read this before Snakemake removes their old outputs: the last moment to notice a twin, which a
# Snakemake that was lost has left running. Nothing of it concerns a run on one machine.

from snakemake.target_jobs import parse_target_jobs_cli_args

from synface.study import cluster

from synface.study import cluster

if workflow.is_main_process:
    cluster.note_start()
elif workflow.remote_exec and cluster.is_computing_part(sys.argv):
    cluster.limit_threads()
    if cluster.are_finished_by_others(
        {
            f"{job.rulename}:{sorted(job.wildcards_dict.items())}": (
                [str(output).format(**job.wildcards_dict) for output in getattr(rules, job.rulename).output],
                [study.configuration, code(job.rulename)],
            )
            for job in parse_target_jobs_cli_args(cluster.arguments_of("--target-jobs", sys.argv))
        }
    ):
        sys.exit(0)
