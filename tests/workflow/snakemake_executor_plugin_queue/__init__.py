"""`snakemake --executor queue`: jobs by the command line that Snakemake makes for a cluster, without one.

What happens while they wait in the queue is the shell command in QUEUE_MEANWHILE.
"""

import os
import subprocess
from collections.abc import AsyncGenerator

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.jobs import JobExecutorInterface
from snakemake_interface_executor_plugins.settings import CommonSettings

common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    pass_default_storage_provider_args=True,
    pass_default_resources_args=True,
    pass_envvar_declarations_to_cmd=False,
    auto_deploy_default_storage_provider=False,
    init_seconds_before_status_checks=1,
)


class Executor(RemoteExecutor):
    """Runs each job at once, in a shell that says it is SLURM's."""

    def __post_init__(self) -> None:
        self.next_seconds_between_status_checks = 1

    def run_job(self, job: JobExecutorInterface) -> None:
        """Start a job."""
        command = f"{os.environ.get('QUEUE_MEANWHILE', ':')}\n{self.format_job_exec(job)}"
        process = subprocess.Popen(["bash", "-c", command], env={**os.environ, "SLURM_JOB_ID": "12"})
        self.report_job_submission(SubmittedJobInfo(job, external_jobid=str(process.pid), aux={"process": process}))

    async def check_active_jobs(self, active_jobs: list[SubmittedJobInfo]) -> AsyncGenerator[SubmittedJobInfo, None]:
        """Report those that have ended."""
        for each in active_jobs:
            status = each.aux["process"].poll()
            if status is None:
                yield each
            elif status == 0:
                self.report_job_success(each)
            else:
                self.report_job_error(each)

    def cancel_jobs(self, active_jobs: list[SubmittedJobInfo]) -> None:
        """End them."""
        for each in active_jobs:
            each.aux["process"].terminate()
