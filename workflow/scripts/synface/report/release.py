"""Which synface wrote a page: its version, and the commit where there is a repository."""

import subprocess
from pathlib import Path

import synface


def release() -> str:
    """Return the version with the commit, such as "0.1.0, commit 1a2b3c4 (changed)"; the version alone elsewhere."""
    folder = Path(synface.__file__).parent
    commit = _git(folder, "rev-parse", "--short", "HEAD")
    # An installed package may lie inside somebody else's repository.
    if not commit or _git(folder, "ls-files", "--error-unmatch", __file__) is None:
        return synface.__version__
    changed = " (changed)" if _git(folder, "status", "--porcelain", "--untracked-files=no", ".") else ""
    return f"{synface.__version__}, commit {commit}{changed}"


def _git(folder: Path, *command: str) -> str | None:
    """Return what git prints, or None where it fails or is not there."""
    try:
        done = subprocess.run(["git", "-C", str(folder), *command], capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None
