"""SAM against its equations worked out by hand."""

import pytest
import torch

from synface.training.sam import SAM


def step(sam, parameters, loss):
    loss(*parameters).backward()
    norm = sam.ascend()
    inside = [parameter.detach().clone() for parameter in parameters]
    loss(*parameters).backward()
    gradients = [parameter.grad.clone() for parameter in parameters]
    sam.descend()
    return norm, inside, gradients


def test_one_step_on_a_quadratic():
    # loss = a^2 + 3 b^2 at (3, 4): gradient (6, 24), norm sqrt(612).
    a, b = (torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in (3.0, 4.0))
    sam = SAM(torch.optim.SGD([a, b], lr=0.1), rho=0.5)
    norm, inside, gradients = step(sam, [a, b], lambda a, b: a**2 + 3 * b**2)
    length = 612**0.5
    assert norm.item() == pytest.approx(length)
    uphill = (3 + 0.5 * 6 / length, 4 + 0.5 * 24 / length)
    assert [value.item() for value in inside] == pytest.approx(uphill)
    assert [value.item() for value in gradients] == pytest.approx([2 * uphill[0], 6 * uphill[1]])
    assert [a.item(), b.item()] == pytest.approx([3 - 0.1 * 2 * uphill[0], 4 - 0.1 * 6 * uphill[1]])


def test_first_adam_step_is_the_sign_of_the_uphill_gradient():
    w = torch.tensor([1.0, -2.0], dtype=torch.float64, requires_grad=True)
    step(SAM(torch.optim.Adam([w], lr=0.01), rho=0.05), [w], lambda w: (w**2).sum())
    assert w.tolist() == pytest.approx([0.99, -1.99], abs=1e-6)


def test_without_radius_it_is_the_optimizer_alone():
    torch.manual_seed(0)
    first = torch.randn(5, requires_grad=True)
    second = first.detach().clone().requires_grad_()
    sam, plain = SAM(torch.optim.Adam([first], lr=0.1), rho=0.0), torch.optim.Adam([second], lr=0.1)
    for _ in range(3):
        step(sam, [first], lambda w: (w**4).sum())
        plain.zero_grad()
        (second**4).sum().backward()
        plain.step()
    assert torch.equal(first, second)


def test_parameters_without_gradient_stay():
    used, unused = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    step(SAM(torch.optim.Adam([used, unused], lr=0.1), rho=0.05), [used], lambda w: (w**2).sum())
    assert unused.tolist() == [1.0, 1.0]
    assert used.tolist() != [1.0, 1.0]


def test_negative_radius_is_refused():
    with pytest.raises(ValueError, match="rho"):
        SAM(torch.optim.SGD([torch.ones(1, requires_grad=True)], lr=1), rho=-1)
