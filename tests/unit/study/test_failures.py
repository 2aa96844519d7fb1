"""What a run that failed says at its end."""

from synface.study.failures import tell_failures, tell_failures_of

LOG = """\
Finished jobid: 3 (Rule: draw_faces)
Error in rule deal_portraits:
    message: None
    jobid: 7
    input: results/sources/portraits/index.csv
    output: results/edits/fixed/dealt.csv
    log: {log} (check log file(s) for error details)
    conda-env: None

RuleException:
CalledProcessError in file "deal.smk", line 1:
Error in rule train_poster:
    jobid: 9
    log: logs/absent.log (check log file(s) for error details)

"""


def test_each_failed_job_is_told_with_its_last_error_and_log(tmp_path):
    log = tmp_path / "fixed.log"
    log.write_text("2026-01-01 10:00:00,000 INFO fine\n2026-01-01 10:00:01,000 ERROR edits.fixed: too few: 3\n")
    assert tell_failures(LOG.format(log=log)).splitlines() == [
        "deal_portraits failed: edits.fixed: too few: 3",
        f"  ({log})",
        "train_poster failed: it left no reason; the output above may have one",
        "  (logs/absent.log)",
    ]


def test_a_job_that_failed_twice_is_told_once(tmp_path):
    assert tell_failures(LOG.format(log="a") * 2) == tell_failures(LOG.format(log="a"))


def test_many_failures_are_counted():
    log = "".join(LOG.format(log=f"logs/{number}.log") for number in range(20))
    assert tell_failures(log).splitlines()[-1] == "... and 11 more jobs"


def test_a_run_without_failed_jobs_has_nothing_to_tell(tmp_path):
    (tmp_path / "log").write_text("Finished jobid: 3\n")
    assert tell_failures_of([str(tmp_path / "log"), str(tmp_path / "absent")]) == ""
