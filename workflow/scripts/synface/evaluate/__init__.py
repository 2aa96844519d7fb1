"""From per-image predictions to metrics, intervals and verdicts; nothing here needs a model or a GPU."""
