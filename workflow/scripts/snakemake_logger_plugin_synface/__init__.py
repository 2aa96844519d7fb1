"""`snakemake --logger synface`: Snakemake looks for a package of this name."""

from synface.study.terminal import LogHandler

__all__ = ["LogHandler"]
