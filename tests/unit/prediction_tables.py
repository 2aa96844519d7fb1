"""Predictions made up for tests."""

import numpy as np
import pandas as pd

from synface.core.emotions import LABELS


def make_predictions(truth, predicted, confidence=0.7, test_set="other") -> pd.DataFrame:
    """Return predictions for class indices; ``confidence`` goes to the prediction, the rest is shared."""
    truth, predicted = np.asarray(truth), np.asarray(predicted)
    probabilities = np.full((len(truth), 7), (1 - confidence) / 6)
    probabilities[np.arange(len(truth)), predicted] = confidence
    frame = pd.DataFrame(
        {
            "test_set": test_set,
            "file_name": [f"images/{k}_{LABELS[k]}/{i:05d}.png" for i, k in enumerate(truth)],
            "source": "other",
            "source_id": [f"{i:05d}" for i in range(len(truth))],
            "label": [LABELS[k] for k in truth],
            "predicted": [LABELS[k] for k in predicted],
        }
    )
    frame[list(LABELS)] = probabilities
    return frame
