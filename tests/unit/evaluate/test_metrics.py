"""Every metric's scores: their mean against scikit-learn, their spread against the jackknife written out."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, log_loss, recall_score

from synface.core.emotions import LABELS
from synface.evaluate.metrics import Answers, scores_of


@pytest.fixture(params=[0, 1], ids=["all classes", "a class is missing"])
def answers(request):
    random = np.random.default_rng(request.param)
    probabilities = random.dirichlet(np.full(7, 0.6), 300)
    truth = np.array([random.choice(7, p=0.5 * row + 0.5 / 7) for row in probabilities])
    if request.param:
        truth[truth == 2] = 3
    return Answers(truth, probabilities.argmax(axis=1), probabilities)


def ece(answers: Answers) -> float:
    """The definition of Guo et al. (2017), equation 3: 15 bins of equal width, open below."""
    confidence, right, found = answers.probabilities.max(axis=1), answers.truth == answers.predicted, 0.0
    for lower in np.arange(15) / 15:
        inside = (confidence > lower) & (confidence <= lower + 1 / 15)
        if inside.any():
            found += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return found


def test_means_are_the_metrics(answers):
    truth, predicted, probabilities = answers.truth, answers.predicted, answers.probabilities
    present = np.unique(truth)
    expected = {
        "accuracy": accuracy_score(truth, predicted),
        "balanced_accuracy": recall_score(truth, predicted, labels=present, average="macro"),
        "macro_f1": f1_score(truth, predicted, labels=present, average="macro"),
        "ece": ece(answers),
        "brier": np.mean(
            [((row - np.eye(7)[label]) ** 2).sum() for row, label in zip(probabilities, truth, strict=True)]
        ),
        "log_loss": log_loss(truth, probabilities, labels=np.arange(7)),
    }
    recalls = recall_score(truth, predicted, labels=present, average=None)
    expected |= {f"recall of {LABELS[index]}": recall for index, recall in zip(present, recalls, strict=True)}
    found = scores_of(answers)
    assert {name: score.mean() for name, score in found.items()} == pytest.approx(expected)
    if len(present) == 7:
        assert found["balanced_accuracy"].mean() == pytest.approx(balanced_accuracy_score(truth, predicted))


@pytest.mark.parametrize("name", ["macro_f1", "ece"])
def test_pseudo_values_are_those_of_leaving_each_image_out(answers, name):
    n = len(answers.truth)
    without = []
    for index in range(n):
        kept = np.arange(n) != index
        part = Answers(answers.truth[kept], answers.predicted[kept], answers.probabilities[kept])
        labels = np.unique(answers.truth)
        f1 = f1_score(part.truth, part.predicted, labels=labels, average="macro", zero_division=0)
        without.append(f1 if name == "macro_f1" else ece(part))
    expected = -(n - 1) * np.array(without)
    found = scores_of(answers)[name]
    np.testing.assert_allclose(found - found.mean(), expected - expected.mean(), atol=1e-8)


def test_a_hopeless_probability_has_a_finite_log_loss():
    probabilities = np.zeros((1, 7))
    probabilities[0, 1] = 1.0
    found = scores_of(Answers(np.array([0]), np.array([1]), probabilities))["log_loss"]
    assert 700 < found[0] < 710  # the smallest normal number of float64 is 2.2e-308
