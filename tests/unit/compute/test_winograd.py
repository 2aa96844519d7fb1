"""Winograd's convolutions beside PyTorch's."""

import pytest
import torch
from torch import nn

from synface.compute import products
from synface.compute.winograd import Winograd, suits

# Of the largest value: ten times the error of a direct convolution in float32.
TOLERANCE = 2e-5


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(3)


def convolution(channels, results, generator, *, bias=False):
    layer = nn.Conv2d(channels, results, 3, padding=1, bias=bias)
    for parameter in layer.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator) / channels**0.5
    return layer.requires_grad_(False)


def assert_equal_function(layer, images):
    exact = layer.double()(images.double())
    found = Winograd(layer.float())(images)
    assert found.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(found.double(), exact, atol=TOLERANCE * exact.abs().max().item(), rtol=0)


# Whole tiles and not, several parts (7 x 49 tiles are more than 256), more results than channels, an odd number.
@pytest.mark.parametrize(
    ("shape", "results"),
    [((2, 128, 32, 32), 128), ((7, 128, 28, 28), 128), ((3, 128, 14, 13), 192), ((1, 130, 4, 61), 128)],
)
def test_the_result_is_the_convolutions(shape, results, generator):
    images = torch.randn(shape, generator=generator)
    assert_equal_function(convolution(shape[1], results, generator), images)


def test_with_a_bias_and_without_onednn(generator, monkeypatch):
    monkeypatch.setattr(products, "LAID_OUT", False)
    assert_equal_function(convolution(128, 128, generator, bias=True), torch.randn(2, 128, 15, 16, generator=generator))


def test_calls_do_not_disturb_each_other(generator):
    network = Winograd(convolution(128, 128, generator))
    images = torch.randn(6, 128, 14, 14, generator=generator).contiguous(memory_format=torch.channels_last)
    first = network(images[:3])
    kept = first.clone()
    second = network(images[3:])
    network(images)  # of another size
    assert torch.equal(first, kept)
    assert torch.equal(network(images[3:]), second)


def test_other_arithmetic_is_the_convolutions_own(generator):
    layer = convolution(128, 128, generator)
    small = torch.randn(9, 128, 12, 12, generator=generator)
    assert torch.equal(Winograd(layer)(small), layer(small))
    images = torch.randn(1, 128, 16, 16, generator=generator).double()
    assert torch.equal(Winograd(layer.double())(images), layer(images))


@pytest.mark.parametrize(
    "options", [{"stride": 2}, {"padding": 0}, {"dilation": 2}, {"groups": 2}, {"padding_mode": "reflect"}]
)
def test_other_convolutions_do_not_suit(options):
    assert suits(nn.Conv2d(128, 128, 3, padding=1))
    assert not suits(nn.Conv2d(128, 128, 3, **({"padding": 1} | options)))


def test_neither_do_other_kernels_and_few_channels():
    assert not suits(nn.Conv2d(128, 128, 5, padding=1))
    assert not suits(nn.Conv2d(128, 64, 3, padding=1))
    assert not suits(nn.Linear(128, 128))
