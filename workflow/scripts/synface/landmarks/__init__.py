"""Training MobileFaceNet, POSTER's landmark network, on faces with 68 known landmarks."""

from synface.landmarks.settings import DEFAULTS
from synface.landmarks.training import train_landmarks

__all__ = ["DEFAULTS", "train_landmarks"]
