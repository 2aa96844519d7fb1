"""POSTER: own implementation of the published network, its weights files and its input."""

from synface.poster.loading import load_poster, load_pretrained, save_poster
from synface.poster.model import Poster
from synface.poster.preprocessing import normalize

__all__ = ["Poster", "load_poster", "load_pretrained", "normalize", "save_poster"]
