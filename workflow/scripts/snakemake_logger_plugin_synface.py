"""`snakemake --logger synface`: Snakemake looks for a module of this name."""

from synface.study.terminal import LogHandler

__all__ = ["LogHandler"]
