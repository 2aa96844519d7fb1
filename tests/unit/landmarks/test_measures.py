import math

import pytest
import torch

from synface.landmarks.measures import normalized_mean_errors, wing_loss


def test_normalized_mean_error_by_hand():
    truth = torch.zeros(2, 68, 2)
    truth[:, 36], truth[:, 45] = torch.tensor([10.0, 20.0]), torch.tensor([40.0, 60.0])  # 50 apart
    found = truth.clone()
    found[0] += torch.tensor([3.0, 4.0])  # every point 5 off
    found[1, 8] += torch.tensor([0.0, 34.0])  # one of 68 points 34 off
    torch.testing.assert_close(normalized_mean_errors(found, truth), torch.tensor([5 / 50, 34 / 68 / 50]))


def test_normalization_is_by_the_true_face():
    truth = torch.zeros(1, 68, 2)
    truth[0, 45, 0] = 10.0
    found = truth.clone()
    found[0, 45, 0] = 20.0
    assert normalized_mean_errors(found, truth).item() == pytest.approx(10 / 68 / 10)


def test_wing_loss_by_hand():
    # Feng et al. (2018) with w = 10, epsilon = 2: C = 10 - 10 ln 6.
    zero = torch.zeros(1)
    for error, expected in (
        (0.0, 0.0),
        (2.0, 10 * math.log(2)),
        (-6.0, 10 * math.log(4)),
        (30.0, 20 + 10 * math.log(6)),
    ):
        assert wing_loss(zero + error, zero).item() == pytest.approx(expected, rel=1e-6)


def test_wing_loss_is_continuous_and_a_mean():
    ends = wing_loss(torch.tensor([10 - 1e-4]), torch.zeros(1)), wing_loss(torch.tensor([10 + 1e-4]), torch.zeros(1))
    assert ends[0].item() == pytest.approx(ends[1].item(), abs=1e-3)
    assert wing_loss(torch.tensor([2.0, 0.0]), torch.zeros(2)).item() == pytest.approx(5 * math.log(2))
