"""synface: can synthetic faces replace or extend a real training set for facial-expression recognition?"""

import signal
import sys
from pathlib import Path

__version__: str

# While a script of the workflow imports, for seconds, it has no handlers yet: Ctrl-C ends it there without a traceback.
# Snakemake marks its scripts so.
if (
    hasattr(sys.modules.get("__main__"), "__real_file__")
    and signal.getsignal(signal.SIGINT) is signal.default_int_handler
):
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def __getattr__(name: str) -> str:
    """Return ``__version__``, looked up when somebody asks: no job does, and nothing is imported for it.

    pyproject.toml is the one place that says it. In a checkout it is read there, since another version may be installed
    beside it; elsewhere the installation has kept it.
    """
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import tomllib
    from importlib.metadata import version

    file = Path(__file__).resolve().parents[3] / "pyproject.toml"
    if file.is_file():
        project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {})
        if project.get("name") == __name__:
            return project["version"]
    return version(__name__)
