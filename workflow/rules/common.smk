# The study that the configuration describes, and the helpers by which rules ask it.

import atexit
import re
import shlex
import sys
import tomllib
from pathlib import Path
from urllib.parse import quote

from snakemake.exceptions import WorkflowError


def stop(sentence):
    """End with a sentence that is the last thing on the terminal: Snakemake would add where it was raised."""
    sys.tracebacklimit = 0
    raise WorkflowError(sentence) from None


def say_last(sentence):
    """Print ``sentence`` when all is over, below what Snakemake itself has to say."""
    if workflow.is_main_process and sentence:
        atexit.register(print, f"\n{sentence}", file=sys.stderr, flush=True)


# The library stands beside the scripts, so that no environment has to install it. A workflow from a hosted source has
# no folder on the disk: there the installed package is what works.
SCRIPTS = Path(str(workflow.current_basedir)).parent / "scripts"
if SCRIPTS.is_dir():
    sys.path.insert(0, str(SCRIPTS))

try:
    import synface
    from synface.core.errors import InputError
    from synface.core.files import digest
except ModuleNotFoundError:
    stop(
        f"{workflow.current_basedir}: a workflow from a hosted source needs the package synface of its version, here and "
        "in the environments of its jobs; found none. Install it with pip, from the same tag."
    )

if not SCRIPTS.is_dir():
    described = tomllib.loads(Path(workflow.source_path("../../pyproject.toml")).read_text(encoding="utf-8"))
    if synface.__version__ != described["project"]["version"]:
        stop(
            f"{workflow.current_basedir}: the workflow is version {described['project']['version']}, the installed "
            f"package synface {synface.__version__}; expected the same. Install it with pip, from the workflow's tag."
        )

from synface.settings.model import ELSEWHERE
from synface.study.contents import MEMORY, Contents, written_hashes
from synface.study.draws import recipe_of
from synface.study.failures import tell_failures_of
from synface.study.fingerprint import fingerprint
from synface.study.origins import origins_of
from synface.study.repeated_keys import check_repeated_keys
from synface.study.run import begin_run, freeze, leave_to_jobs, what_has_changed
from synface.study.study import Study

# Where the prefix of a module puts a path; input functions are asked later, when it is no longer known.
placed = workflow.modifier.path_modifier.replace_prefix

# Those of other modules of a workflow that uses this one.
RULES_BEFORE = {each.name for each in workflow.rules}

leave_to_jobs()
if workflow.is_main_process:
    try:
        if followed := begin_run(sys.argv[1:], placed("results")):
            print(followed, file=sys.stderr, flush=True)
    except (InputError, OSError) as error:
        stop(str(error))

# Snakemake writes this path into shell commands without quotes: a space in it would end every job.
if not sys.executable.startswith("'"):
    sys.executable = shlex.quote(sys.executable)

# What lies at the paths of the user's; a job goes by what its planning saw. Modules may have the same names in them.
contents = Contents(look=workflow.is_main_process, memory=MEMORY / quote(placed("results"), safe=""))


def hashes_written(table, name):
    """Return a function that reads the SHA-256 of a folder's files as the job that read them wrote them down."""
    tables = {"sources": ("index", "rejects"), "edits": ("patches", "rejects"), "datasets": ("files",)}[table]
    return lambda: written_hashes(placed(f"results/{table}/{name}/{each}.csv") for each in tables)


def number_of_portraits(source, images):
    return contents.of(f"sources.{source}", images, hashes_written("sources", source)).number


try:
    check_repeated_keys(workflow.configfiles)
    study = Study.of(config, number_of_portraits)
except InputError as error:
    stop(str(error))


# Of every script that a rule has asked for.
CODE = {}


def code(script):
    """Return a fingerprint of a rule's script and the library modules behind it, on which its result depends."""
    if script not in CODE:
        local = SCRIPTS.is_dir()
        CODE[script] = fingerprint(
            SCRIPTS / f"{script}.py" if local else workflow.source_path(f"../scripts/{script}.py")
        )
    return CODE[script]


def one_of(names):
    """Return a wildcard constraint for exactly these names; for none, one that nothing matches."""
    return "|".join(re.escape(name) for name in names) or "(?!)"


def answers():
    """Return the study's answers and where the page is, when this run has written it; else ""."""
    if not any(
        job.rule.name == rules.write_report.rule.name for job in workflow.dag.needrun_jobs(exclude_finished=False)
    ):
        return ""
    from synface.report.answers import say_answers
    from synface.report.blemishes import list_unfinished

    said = [say_answers(placed("results/tables/comparisons.csv"), study.configuration)]
    said += list_unfinished(placed("results/tables/blemishes.csv")) if study.edits_to_show else []
    said = "\n".join(said)
    return f"{said}\nThe whole study on one page: {Path(rules.write_report.output.page).resolve()}".lstrip()


wildcard_constraints:
    drawing=one_of(study.names("drawings")),
    source=one_of(study.names("sources")),
    generator=one_of(study.names("generators")),
    edit=one_of(study.names("edits")),
    dataset=one_of(study.names("datasets")),
    train_set=one_of([*study.names("datasets"), ELSEWHERE]),
    network=one_of([*study.names("landmarks"), *study.names("action_units")]),
    judge=one_of(study.names("judges")),
    model=one_of(study.names("models")),
    shard=r"\d+",
    seed=r"\d+",


def made(path):
    """Return ``path`` if the workflow makes it; nothing if the user gives it: its content is a parameter.

    When the user has to give it and it is not there, every input that is missing is told, at once.
    """
    if study.is_made(path):
        return path
    if path in study.missing:
        # Raised while Snakemake asks for inputs, the message would be followed by where that was.
        say_last(study.missing_message())
        stop("An input of this study is missing.")
    return []


def place(path):
    """Return where ``path`` lies, as a `Path`: of such a parameter Snakemake keeps no record, so moving changes nothing.

    The prefix of a module is for what the workflow makes.
    """
    return Path(placed(path) if study.is_made(path) else path)


def content(name, path, **how):
    """Return what stays equal while the content of the user's file or folder does, "" for what the workflow makes."""
    return "" if study.is_made(path) else contents.of(name, path, **how).digest


def passing(path):
    """Return an output that nothing but the next stages reads; a lean study removes it once they have."""
    return temp(path) if study.config.lean else path


def settings(table, wildcard, stage):
    """Return a function: the keys that ``stage`` receives of the entry that the wildcard names."""

    def pick(wildcards):
        return study.settings(table, wildcards[wildcard], stage)

    return pick
