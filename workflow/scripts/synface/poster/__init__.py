"""POSTER: own implementation of the published network, its weights files, its input, its training."""
