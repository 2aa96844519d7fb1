"""Training POSTER: data in memory, augmentation, losses, SAM, a resumable loop."""

from synface.train.run import train_poster
from synface.train.settings import DEFAULTS

__all__ = ["DEFAULTS", "train_poster"]
